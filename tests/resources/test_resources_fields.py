"""Names of fields and values that surveys use."""

from __future__ import annotations

import csv
from pathlib import Path

from gis.frames import COMPONENT_COLUMNS, COMPONENT_STATES
from resources import fields


def test_that_every_alias_names_one_column() -> None:
    table = fields.load()
    assert not table["alias"].str.casefold().duplicated().any()
    assert set(table["column"]) <= {*COMPONENT_COLUMNS, "lon", "lat"}
    assert set(table["kind"]) == {"standard", "chinese", "english", "pinyin"}


def test_that_the_attribute_tables_of_both_editions_are_known(shared: Path) -> None:
    aliases = fields.load().query("kind == 'standard'").groupby("standard")["alias"].agg(set)
    with (shared / "standards" / "attributes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for layer, standard, ours in (("component_2013", "2013", 14), ("component_2026", "2026", 14)):
        printed = {row["field"] for row in rows if row["layer"] == layer}
        assert len(aliases[standard] & printed) >= ours


def test_that_mandatory_fields_of_the_editions_are_marked(shared: Path) -> None:
    table = fields.load().set_index("alias")
    with (shared / "standards" / "attributes.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["layer"] in ("component_2013", "component_2026") and row["field"] in table.index:
                assert table.loc[row["field"], "required"] == row["required"], row["field"]


def test_that_the_chinese_names_of_a_survey_are_known() -> None:
    columns = fields.load().set_index("alias")["column"]
    survey = {
        "部件标识码": "code", "部件名称": "name", "主管代码": "authority_code", "主管部门": "authority_name",
        "权属代码": "owner_code", "权属单位": "owner_name", "养护代码": "maintainer_code", "养护单位": "maintainer_name",
        "所在网格": "cell_code", "部件状态": "state", "初始时间": "initial_date", "变更时间": "change_date",
        "数据来源": "source", "定位精度": "accuracy", "位置描述": "location", "备注": "note", "经度": "lon", "纬度": "lat",
    }  # fmt: skip
    assert {alias: columns[alias] for alias in survey} == survey


def test_that_values_lead_to_the_domain() -> None:
    values = fields.values()
    states = values.query("column == 'state'")
    assert set(states["value"]) == set(COMPONENT_STATES)
    assert not values.duplicated(["column", "alias"]).any()
    assert states.set_index("alias")["value"]["损坏"] == "破损"
    assert set(values.query("column == 'accuracy'")["value"]) == {"A", "B", "C"}
