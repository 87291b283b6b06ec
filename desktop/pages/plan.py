"""Pages that are made when they first come to the front: a start makes one of them, not all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from desktop.pages.base import Page
from desktop.words import Text


@dataclass(frozen=True)
class PagePlan:
    """What the rail shows of a page, and how it is made; `takes_files` where dropped files come to it."""

    name: str
    title: Text
    icon: str
    make: Callable[[], Page]
    takes_files: bool = False


class Pages(Mapping[str, Page]):
    """Pages by name. Asking for one makes it; `on_made` hears of it at once."""

    def __init__(self, plans: list[PagePlan], on_made: Callable[[Page], object]) -> None:
        self._plans = {plan.name: plan for plan in plans}
        self._made: dict[str, Page] = {}
        self._on_made = on_made

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
