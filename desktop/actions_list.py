"""Every action of the window in one table: what it is called, its keys, where it works. Callbacks live in the pages.

No single letter stands alone: keys never fire while an input method composes. Users change keys in the settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from desktop.words import Text


@dataclass(frozen=True)
class ActionRecord:
    """One action. `page` is `""` for actions of the window, else the page that offers it."""

    id: str
    title: Text
    keys: str = ""
    page: str = ""
    icon: str = ""


Callbacks = dict[str, Callable[[], object]]

ACTIONS: Final = (
    ActionRecord("go.map", Text("Go to the map"), "Ctrl+1", icon="map"),
    ActionRecord("go.grid", Text("Go to the grid"), "Ctrl+2", icon="grid"),
    ActionRecord("go.census", Text("Go to the census"), "Ctrl+3", icon="census"),
    ActionRecord("go.hotspots", Text("Go to the hotspots"), "Ctrl+4", icon="hotspot"),
    ActionRecord("go.records", Text("Go to the field records"), "", icon="census"),
    ActionRecord("search", Text("Search"), "Ctrl+F", icon="search"),
    ActionRecord("palette", Text("All actions"), "Ctrl+K"),
    ActionRecord("undo", Text("Undo the last step"), "Ctrl+Z", icon="undo"),
    ActionRecord("refresh", Text("Ask the store again"), "F5"),
    ActionRecord("pane.next", Text("Next pane"), "F6"),
    ActionRecord("pane.previous", Text("Previous pane"), "Shift+F6"),
    ActionRecord("tab.next", Text("Next tab"), "Ctrl+Tab"),
    ActionRecord("tab.previous", Text("Previous tab"), "Ctrl+Shift+Tab"),
    ActionRecord("back", Text("Back one level"), "Esc"),
    ActionRecord("cancel", Text("Cancel the work under way"), "Ctrl+."),
    ActionRecord("settings", Text("Settings"), "Ctrl+,", icon="settings"),
    ActionRecord("theme", Text("Switch between light and dark"), "Ctrl+Shift+T"),
    ActionRecord("language", Text("中文 / English"), "Ctrl+Shift+L"),
    ActionRecord("store.open", Text("Open another store…"), "Ctrl+O"),
    ActionRecord("store.demo", Text("Open the demo city"), ""),
    ActionRecord("import", Text("Import census files…"), "Ctrl+I", icon="import"),
    ActionRecord("quit", Text("Quit"), "Ctrl+Q"),
    ActionRecord("map.zoom_in", Text("Zoom in"), "Ctrl+=", "map", "plus"),
    ActionRecord("map.zoom_out", Text("Zoom out"), "Ctrl+-", "map", "minus"),
    ActionRecord("map.whole", Text("Show the whole city"), "Ctrl+0", "map", "locate"),
    ActionRecord("map.measure_length", Text("Measure a length"), "Ctrl+M", "map", "measure-length"),
    ActionRecord("map.measure_area", Text("Measure an area"), "Ctrl+Shift+M", "map", "measure-area"),
    ActionRecord("map.layers", Text("Show or hide the layers"), "F9", "map", "layers"),
    ActionRecord("map.list", Text("List what lies in view"), "Ctrl+L", "map", "list"),
    ActionRecord("map.areas", Text("Edit responsibility areas"), "Ctrl+G", "map", "area"),
    ActionRecord("map.copy_code", Text("Copy the code"), "Ctrl+Shift+C", "map"),
    ActionRecord("map.zoom_selected", Text("Zoom to the selection"), "Ctrl+J", "map"),
    ActionRecord("map.labels", Text("Print identity labels…"), "", "map", "export"),
    ActionRecord("map.simulate", Text("Let the demo patrol walk"), "", "map", "track"),
    ActionRecord("map.tracks", Text("Import tracks…"), "", "map", "track"),
    ActionRecord("grid.import", Text("Import a finished grid…"), "Ctrl+Shift+I", "grid", "import"),
    ActionRecord("grid.divide", Text("Divide an area…"), "Ctrl+D", "grid", "grid"),
    ActionRecord("grid.check", Text("Check the grid rules"), "Ctrl+R", "grid"),
    ActionRecord("grid.atlas", Text("Print the atlas…"), "Ctrl+P", "grid", "export"),
    ActionRecord("grid.component_atlas", Text("Print the component atlas…"), "", "grid", "export"),
    ActionRecord("grid.choose", Text("Choose cells"), "", "grid", "select"),
    ActionRecord("grid.split", Text("Split a cell by a line"), "", "grid", "split"),
    ActionRecord("grid.shape", Text("Move corners and borders"), "", "grid", "corner"),
    ActionRecord("grid.redo", Text("Do the edit again"), "Ctrl+Y", "grid", "redo"),
    ActionRecord("census.fields", Text("Import, fields first…"), "Ctrl+Shift+I", "census", "import"),
    ActionRecord("census.next", Text("Next finding"), "F8", "census"),
    ActionRecord("census.previous", Text("Previous finding"), "Shift+F8", "census"),
    ActionRecord("census.submit", Text("Submit into the store"), "Ctrl+Return", "census"),
    ActionRecord("census.reject", Text("Return to the survey team"), "", "census"),
    ActionRecord("census.undo", Text("Undo this session"), "", "census", "undo"),
    ActionRecord("census.correct", Text("Correct the chosen row"), "F2", "census"),
    ActionRecord("census.move", Text("Move the row on the map"), "Ctrl+M", "census"),
    ActionRecord("census.drop", Text("Drop the row"), "Ctrl+Delete", "census"),
    ActionRecord("census.return", Text("Send refused rows back…"), "Ctrl+Shift+E", "census", "export"),
    ActionRecord("census.tab.findings", Text("Show the findings"), "Alt+1", "census"),
    ActionRecord("census.tab.difference", Text("Show the difference"), "Alt+2", "census"),
    ActionRecord("census.tab.corrections", Text("Show the corrections"), "Alt+3", "census"),
    ActionRecord("census.tab.followup", Text("Show the second delivery"), "Alt+4", "census"),
    ActionRecord("census.export", Text("Export the list of findings…"), "Ctrl+E", "census", "export"),
    ActionRecord("census.report", Text("Write the report…"), "Ctrl+P", "census", "export"),
    ActionRecord("records.new", Text("New record…"), "Ctrl+N", "records"),
    ActionRecord("records.import", Text("Import records…"), "", "records", "import"),
    ActionRecord("records.approve", Text("Approve into the store"), "Ctrl+Return", "records"),
    ActionRecord("hotspots.compute", Text("Compute again"), "Ctrl+R", "hotspots"),
    ActionRecord("hotspots.png", Text("Save the map as a picture…"), "Ctrl+E", "hotspots", "export"),
    ActionRecord("hotspots.html", Text("Save as an offline page…"), "", "hotspots", "export"),
    ActionRecord("hotspots.gpkg", Text("Save as GeoPackage…"), "", "hotspots", "export"),
)


def keys_of(own: dict[str, str]) -> dict[str, str]:
    """Action id → keys, the user's own before the defaults."""
    return {record.id: own.get(record.id, record.keys) for record in ACTIONS}


def keys_are_allowed(keys: str) -> bool:
    """Whether `keys` may be a shortcut: empty, a function key, Esc, or with Ctrl, Alt or Meta."""
    if not keys:
        return True
    last = keys.split("+")[-1]
    named = last in ("Esc", "Home", "End", "PgUp", "PgDown") or (last.startswith("F") and last[1:].isdigit())
    return named or any(f"{modifier}+" in keys for modifier in ("Ctrl", "Alt", "Meta"))


def clashes(keys: dict[str, str], action_id: str, wanted: str) -> list[str]:
    """Ids of other actions that already use `wanted` where `action_id` works."""
    page = {record.id: record.page for record in ACTIONS}
    here = page[action_id]
    return [
        other
        for other, used in keys.items()
        if other != action_id
        and wanted
        and used.lower() == wanted.lower()
        and (not page[other] or not here or page[other] == here)
    ]
