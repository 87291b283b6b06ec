"""Parts of a form: two fields in a row; a field with its name above and beneath it what is wrong with it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.widgets.basic import Label, box, column, row
from desktop.words import Wording, Words


def pair(left: QWidget, right: QWidget) -> QWidget:
    """Two fields side by side, of one width."""
    both = row(left, right, spacing=12)
    both.setStretch(0, 1)
    both.setStretch(1, 1)
    return box(both)


class FormField(QWidget):
    """Named anew by `call`, so that a name may follow a choice in another field."""

    def __init__(self, words: Words, control: QWidget) -> None:
        super().__init__()
        self._words, self.control = words, control
        self._name, self._fault = Label(words, "", "key"), Label(words, "", "note", "alarm")
        self._name.setBuddy(control)
        self._fault.setWordWrap(True)
        self._fault.hide()
        self.setLayout(column(self._name, control, self._fault, None, spacing=4))

    def call(self, name: Wording) -> None:
        """Say what the field is called."""
        self._name.say(name)
        self._words.keep(self.control, "setAccessibleName", name)

    def blame(self, fault: Wording = "") -> None:
        """Say what is wrong with it; `""` takes it back."""
        self._fault.say(fault)
        self._fault.setVisible(bool(fault))

    @property
    def fault(self) -> str:
        """What is said to be wrong."""
        return self._fault.text()
