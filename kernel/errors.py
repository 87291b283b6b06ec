"""Three families of error, named by what the caller does next.

* `UserError`: the input or the environment cannot be used; nothing was changed (exit code 3; 2 for wrong usage).
* `Cancelled`: the user stopped the work; nothing was changed (exit code 130).
* `Defect`: ours; logged with a report id, the program stays up (exit code 70).

A message is a template in English with named places (`"{file} has no .dbf beside it"`). The edge that shows it
translates the template and then fills the places, so that no room below needs to know the user's language.
"""

from __future__ import annotations

import secrets
from typing import ClassVar


class WanGridError(Exception):
    """A message with a place and a remedy.

    `template` and `remedy` are English templates; `file`, `row`, `field` say where; every further keyword fills
    the templates' named places (`file`, `row` and `field` fill them too).
    """

    kind: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 70

    def __init__(
        self,
        template: str,
        *,
        remedy: str = "",
        file: object = None,
        row: int | None = None,
        field: str | None = None,
        detail: str | None = None,
        **places: object,
    ) -> None:
        self.template = template
        self.remedy = remedy
        self.file = None if file is None else str(file)
        self.row = row
        self.field = field
        self.detail = detail
        self.places = {"file": self.file, "row": row, "field": field, **places}
        super().__init__(fill(template, self.places))


class UserError(WanGridError):
    """Something the user can mend: see `remedy`."""

    kind = "refused"
    exit_code = 3


class Refused(UserError):
    """The input cannot be used as it is."""


class WrongUsage(Refused):
    """A word or value that this program does not know was asked for (exit code 2)."""

    kind = "usage"
    exit_code = 2


class Conflict(UserError):
    """Someone else was faster, or holds what this needs."""

    kind = "conflict"


class StoreUnavailable(UserError):
    """The store cannot be reached or opened now; trying again later may help."""

    kind = "store_unavailable"


class NotAllowed(UserError):
    """The person acting may not do this; another role may."""

    kind = "not_allowed"


class Cancelled(WanGridError):
    """The user stopped the work; nothing was changed."""

    kind = "cancelled"
    exit_code = 130

    def __init__(self, template: str = "Cancelled; nothing was changed.") -> None:
        super().__init__(template)


class Defect(WanGridError):
    """A bug of ours, with an id to report it by."""

    kind = "defect"
    exit_code = 70

    def __init__(
        self, template: str, *, file: object = None, report_id: str | None = None, **places: object
    ) -> None:
        remedy = "Please report this with the id {report_id}; the log has the details."
        super().__init__(template, remedy=remedy, file=file, row=None, field=None, detail=None, **places)
        self.report_id = report_id or new_report_id()
        self.places["report_id"] = self.report_id


def new_report_id() -> str:
    """Eight characters that are easy to read over the telephone."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(8))


def fill(template: str, places: dict[str, object]) -> str:
    """Fill `{name}` places; a template that does not fit its places is shown as it is, never raised on."""
    try:
        return template.format(**places)
    except (KeyError, IndexError, ValueError):
        return template
