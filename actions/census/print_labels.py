"""Identity labels (身份码) of chosen components: which they are, what stands on them, and the sheets as PDF."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from census.codes import grouped
from exports.finished import require_target
from exports.label_sizes import SIZES
from exports.labels import Label, write_labels
from kernel.errors import Refused, WrongUsage
from kernel.progress import Part, Progress, Silent
from resources import catalogues
from resources.texts import words

if TYPE_CHECKING:
    from data.store import Store

MOST: Final = 20_000  # labels of one file: a thousand sheets
LONGEST_CONTENT: Final = 300  # characters: a QR code of more is too fine for a label of 40 mm
GONE: Final = "移除"
HOTLINE, URL = "label_hotline", "label_url"  # settings of the city
_COLUMNS: Final = ("component_id", "code", "class_code", "name", "owner_name", "maintainer_name", "cell_code", "state",
                   "extra")  # fmt: skip
_PHONES: Final = ("权属单位电话", "联系电话", "电话", "phone", "tel")


@dataclass(frozen=True)
class PrintLabels:
    """Which components (filters narrow one another; none: all), the sheet, and what the QR code says.

    `size` is one of `exports.labels.SIZES`; `url` a template with `{code}`, by default the setting `label_url`, else
    the code itself; `hotline` by default the setting `label_hotline`.
    """

    out: Path
    codes: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    class_codes: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    size: str = "60x40"
    url: str = ""
    hotline: str = ""
    lang: str = "zh_CN"


@dataclass(frozen=True)
class LabelsPrinted:
    """`labels` on `pages` sheets; chosen components `without_code` have none."""

    labels: int
    pages: int
    without_code: int
    file: str
    verified: bool


def print_labels(store: Store, request: PrintLabels, progress: Progress | None = None) -> LabelsPrinted:
    """Print the labels; the file is read back before it gets its name.

    Raises `Refused` for codes that are not there, when nothing that has a code is chosen or too much, and for a
    template without its place.
    """
    progress = progress or Silent()
    require_target(request.out, (".pdf",))
    size = _size(request.size)
    template = request.url or store.setting(URL) or "{code}"
    _require_template(template)
    chosen = chosen_components(store, request, Part(progress, 0.0, 0.2))
    coded = chosen[chosen["code"].astype(str) != ""]
    _require_number(len(coded), len(chosen))
    labels = _labels(store, coded, template, request)
    title = words(request.lang, "Identity labels")
    pages = write_labels(labels, size, request.out, title, Part(progress, 0.2, 1.0))
    return LabelsPrinted(len(labels), pages, len(chosen) - len(coded), str(request.out), True)


def chosen_components(store: Store, request: PrintLabels, progress: Progress) -> pd.DataFrame:
    """The components that pass every filter and still stand in the street, by cell and code."""
    cells = list(request.cells) or None
    if request.communities:
        own = store.load_cells()
        own = own[own["community_code"].isin(request.communities)]["code"].tolist()
        if not own:
            raise Refused(
                "There is no community {code} with cells in the store.",
                remedy="Give one of the 12-digit codes of the index map.",
                code=", ".join(request.communities),
            )
        cells = own if cells is None else [code for code in cells if code in set(own)]
    ids = list(request.ids) or None
    if request.codes:
        ids = [_id_of(store, code) for code in request.codes]
    frame = store.load_components(
        _COLUMNS, cell_codes=cells, class_codes=list(request.class_codes) or None, ids=ids, progress=progress
    )
    return (
        frame[frame["state"] != GONE].sort_values(["cell_code", "code"], kind="stable").reset_index(drop=True)
    )


def _id_of(store: Store, code: str) -> int:
    """The component that has `code`, or had it before."""
    found = store.component_with_code(code)
    if not found:
        raise Refused(
            "There is no component with the code {code}.", remedy="Search for it on the map.", code=code
        )
    return found


def _labels(store: Store, frame: pd.DataFrame, template: str, request: PrintLabels) -> list[Label]:
    catalogue = catalogues.load(store.info(with_hash=False).standard, store.load_extensions())
    areas = store.load_areas("community")
    communities = dict(zip(areas["code"].astype(str), areas["name"].astype(str), strict=True))
    hotline = (
        request.hotline or store.setting(HOTLINE) or words(request.lang, "City management hotline 12319")
    )
    out = []
    for row in frame.astype(str).itertuples(index=False):
        community = communities.get(row.cell_code[:12], row.cell_code[:12])
        owner = row.owner_name or row.maintainer_name
        lines = (community, " ".join(part for part in (owner, _phone(row.extra)) if part), hotline)
        title = catalogue.name_of(row.class_code) or row.name
        content = template.replace("{code}", row.code)
        out.append(Label(content, grouped(row.code), title, tuple(line for line in lines if line)))
    return out


def _phone(extra: str) -> str:
    """A telephone number among the fields that the survey had besides ours."""
    try:
        fields: Any = json.loads(extra) if extra else {}
    except ValueError:
        return ""
    named = fields if isinstance(fields, dict) else {}
    return next((str(named[key]).strip() for key in _PHONES if named.get(key)), "")


def _size(name: str) -> Any:
    if name not in SIZES:
        raise WrongUsage("There is no label of {size} mm.", remedy="Use one of: {sizes}.", size=name,
                         sizes=", ".join(SIZES))  # fmt: skip
    return SIZES[name]


def _require_template(template: str) -> None:
    if template.count("{code}") != 1:
        raise Refused(
            "The address {url} must contain {place} once.",
            remedy="For example https://city.example/c/{place}.",
            url=template,
            place="{code}",
        )
    if len(template) > LONGEST_CONTENT:
        raise Refused(
            "The address is {length} characters long; a label holds {most}.",
            remedy="Use a shorter address.",
            length=len(template),
            most=LONGEST_CONTENT,
        )


def _require_number(coded: int, chosen: int) -> None:
    if not chosen:
        raise Refused("No component is chosen.", remedy="Choose other classes, communities or cells.")
    if not coded:
        raise Refused(
            "None of the {count} chosen components has a code.",
            remedy="Give them codes first, with `census give-codes`.",
            count=chosen,
        )
    if coded > MOST:
        raise Refused(
            "{count} labels are too many for one file; {most} are the most.",
            remedy="Print one class or community at a time.",
            count=coded,
            most=MOST,
        )
