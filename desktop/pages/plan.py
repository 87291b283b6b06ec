"""Pages that are made when they first come to the front: a start makes one of them, not all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from desktop.pages.base import Page
from desktop.words import Text


@dataclass(frozen=True)
class PagePlan:
    """What the rail shows of a page, and how it is made; `takes_files` where dropped files come to it.

    Pages `under` another one share its place in the rail: a tab each, the other's own tab named `tab`.
    """

    name: str
    title: Text
    icon: str
    make: Callable[[], Page]
    takes_files: bool = False
    under: str = ""
    tab: Text | None = None


class Pages(Mapping[str, Page]):
    """Pages by name. Asking for one makes it; `on_made` hears of it at once."""

    def __init__(self, plans: list[PagePlan], on_made: Callable[[Page], object]) -> None:
        self._plans = {plan.name: plan for plan in plans}
        self._made: dict[str, Page] = {}
        self._on_made = on_made

    def family(self, name: str) -> list[PagePlan]:
        """The plans that share a place in the rail with `name`, the one that stands there first."""
        head = self._plans[name].under or name
        return [self._plans[head], *(plan for plan in self._plans.values() if plan.under == head)]

    @property
    def made(self) -> list[Page]:
        """Those that are there already."""
        return list(self._made.values())

    def __getitem__(self, name: str) -> Page:
        if name not in self._made:
            self._made[name] = self._plans[name].make()
            self._on_made(self._made[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._plans

    def __iter__(self) -> Iterator[str]:
        return iter(self._plans)

    def __len__(self) -> int:
        return len(self._plans)
