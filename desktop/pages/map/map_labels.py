"""Which components of the map get labels: the rows chosen in the list, the one component chosen, or all in view."""

from __future__ import annotations

from desktop.models.city import City
from desktop.pages.map.city_map import CityMap
from desktop.pages.map.map_list import InViewPanel
from desktop.state import Selection


def chosen_ids(selection: Selection, city: City, plan: CityMap, listed: InViewPanel) -> tuple[int, ...]:
    """Ids of the rows chosen in the open list where these are several, else of the one chosen, else of all in view."""
    if not listed.isHidden() and len(listed.table.chosen_rows()) > 1:
        return tuple(int(key) for key in listed.model.frame["component_id"].iloc[listed.table.chosen_rows()])
    if selection.kind == "component":
        return (int(selection.key),)
    working_set, view = city.working_set, plan.view
    if working_set is None:
        return ()
    rows = working_set.window(*view.extent).rows
    return tuple(int(key) for key in working_set.component_id[rows])
