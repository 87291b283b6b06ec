"""The register as a page shows it: read once, then filtered and counted in the window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from census.facilities.frames import placed
from census.facilities.upkeep import with_upkeep
from data.store import Store
from desktop.map.layers.facilities import FacilitiesLayer
from kernel.progress import Progress

SEARCHED = ("code", "name", "location", "operator", "department", "component_code", "note")


@dataclass(frozen=True)
class Filter:
    """What is shown; "" is any."""

    kind: str = ""
    state: str = ""
    area: str = ""
    find: str = ""
    late: bool = False

    def chosen(self, register: pd.DataFrame) -> pd.DataFrame:
        """The facilities that fit."""
        fits = np.ones(len(register), bool)
        if self.kind:
            fits &= (register["kind"] == self.kind).to_numpy(bool)
        if self.state:
            fits &= (register["state"] == self.state).to_numpy(bool)
        if self.area:
            fits &= register["cell_code"].str.startswith(self.area).to_numpy(bool)
        if self.late:
            fits &= (register["days_late"] > 0).to_numpy(bool)
        if self.find:
            hits = [register[name].str.contains(self.find, regex=False, case=False) for name in SEARCHED]
            fits &= np.logical_or.reduce([hit.to_numpy(bool) for hit in hits])
        return register[fits].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Register:
    """All facilities, placed and with what is due, and the whole log."""

    facilities: pd.DataFrame
    log: pd.DataFrame

    def log_of(self, code: str) -> pd.DataFrame:
        """Entries of one facility, the latest first."""
        return self.log[self.log["facility_code"] == code].iloc[::-1].reset_index(drop=True)


def read_register(store: Store, today: date, progress: Progress) -> Register:
    """The register of the store as it stands on the day `today`, the latest maintenance first."""
    log = store.load_facility_log()
    progress.check()
    facilities = with_upkeep(placed(store.load_facilities(), store.load_cells()), log, today)
    return Register(
        facilities.sort_values(["days_late", "code"], ascending=[False, True], ignore_index=True), log
    )


def layer_of(facilities: pd.DataFrame, chosen: str = "") -> FacilitiesLayer:
    """Facilities as a layer of the map; those taken down are left out."""
    shown = facilities[facilities["state"] != "拆除"]
    texts = (shown[name].to_numpy(object) for name in ("code", "kind", "state"))
    return FacilitiesLayer(
        shown["x"].to_numpy(float),
        shown["y"].to_numpy(float),
        *texts,
        shown["days_late"].to_numpy() > 0,
        chosen,
    )
