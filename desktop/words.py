"""Words on the screen: templates that are kept beside the widget they stand on, so that a language can change at
run time. A `str` is data and shown as it is; a `Text` is a sentence of ours and is translated at the edge."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from resources import texts


@dataclass(frozen=True, init=False)
class Text:
    """An English template with named places: `Text("{count} cells", count=44)`. Places may be `Text` themselves."""

    template: str
    places: tuple[tuple[str, object], ...]

    def __init__(self, template: str, **places: object) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "places", tuple(places.items()))


Wording = Text | str


class Words(QObject):
    """Translates `Text`s, and says them again on the widgets that keep them when the language changes."""

    changed = Signal()

    def __init__(self, lang: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lang = lang
        self._kept: weakref.WeakKeyDictionary[QObject, dict[str, Wording]] = weakref.WeakKeyDictionary()

    @property
    def lang(self) -> str:
        """`zh_CN` or `en`."""
        return self._lang

    def __call__(self, wording: Wording) -> str:
        """The words of `wording` in the language now shown."""
        if isinstance(wording, str):
            return wording
        places = {name: self(value) if isinstance(value, Text) else value for name, value in wording.places}
        return texts.words(self._lang, wording.template, **places)

    def keep(self, widget: QObject, setter: str, wording: Wording) -> None:
        """Call `widget.<setter>(words)` now and after every change of language."""
        self._kept.setdefault(widget, {})[setter] = wording
        getattr(widget, setter)(self(wording))

    def explain(self, error: BaseException) -> tuple[str, str]:
        """Message and remedy of an error in the language now shown."""
        return texts.explain(self._lang, error)

    def set_language(self, lang: str) -> None:
        """Switch; every kept text is said again, then `changed` tells the others."""
        if lang not in texts.LANGUAGES:
            raise ValueError(f"language {lang!r} is none of {texts.LANGUAGES}")
        if lang == self._lang:
            return
        self._lang = lang
        for widget, setters in list(self._kept.items()):
            if isValid(widget):
                for setter, wording in setters.items():
                    getattr(widget, setter)(self(wording))
        self.changed.emit()


def keeper(words: Words, widget: QObject, setter: str) -> Callable[[Wording], Any]:
    """A function that says a wording through one setter and keeps it."""
    return lambda wording: words.keep(widget, setter, wording)
