"""Field records: from a gateway's file to the register, back to the person, and out of the queue; on both stores."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from actions.census.field_records import (
    Decide,
    EditRecord,
    ImportRecords,
    approve_record,
    delete_record,
    edit_record,
    enter_record,
    find_records,
    import_records,
    propose,
    record_of,
    return_record,
    state_of,
)
from actions.census.rules import ImportRules, import_rules, reset_rules
from census.records.searching import Wanted
from data.store import Store
from kernel.errors import Conflict, NotAllowed, Refused, WrongUsage
from tests.data.conftest import (  # the same two stores
    address,
    cache_folder,
    engine_name,
    made,
    made_file,
    made_schema,
    open_store,
    store,
)
from tests.data.small_city import SOUTH, WEST, components, draft

__all__ = [
    "address",
    "cache_folder",
    "engine_name",
    "made",
    "made_file",
    "made_schema",
    "open_store",
    "store",
]

CODE = "1101010101000003"
CHANGED = {"id": "GW-1", "kind": "changed", "code": CODE, "state": "破损", "note": "井圈开裂", "photos": ["p/1.jpg", "p/2.jpg"],
           "reported_by": "张三", "reported_at": "2025-01-10T08:30:00"}  # fmt: skip
NEW = {"id": "GW-2", "kind": "new", "class": "0101", "name": "上水井盖", "x": WEST + 120.5, "y": SOUTH + 60.25,
       "reported_by": "李四"}  # fmt: skip


@pytest.fixture
def city(store: Store) -> Store:
    """A store with five covers."""
    store.commit_census(draft(components(5, initial_date="2024-03-19")))
    return store


def send(store: Store, folder: Path, *rows: Any, name: str = "gateway.json") -> Any:
    """Rows as a gateway's file, taken in."""
    file = folder / name
    file.write_text(json.dumps({"records": list(rows)}, ensure_ascii=False), encoding="utf-8")
    return import_records(store, ImportRecords((str(file),)))


def test_that_a_report_of_a_change_is_seen_beside_what_is_stored_and_approved(
    city: Store, tmp_path: Path
) -> None:
    done = send(city, tmp_path, CHANGED)
    assert (done.read, done.entered, done.refused) == (1, 1, 0)
    seen = propose(city, 1)
    assert seen.table.set_index("field").loc["state", ["reported", "differs"]].tolist() == ["破损", True]
    assert seen.draft is not None and not (seen.findings["severity"] == "error").any()
    state = approve_record(city, Decide(1))
    card = city.component(3)
    assert (state.status, state.component, card["session_id"]) == ("approved", 3, state.session)
    assert (card["code"], card["state"], card["note"], card["change_date"]) == (
        CODE,
        "破损",
        "井圈开裂",
        "2025-01-10",
    )
    history = city.component_history(3)
    assert {"state", "note"} <= set(history["field"]) and history["session"].iloc[-1] == state.session
    assert city.verify() == []


def test_that_undoing_its_session_brings_the_old_version_back(city: Store, tmp_path: Path) -> None:
    before = city.info().data_hash
    send(city, tmp_path, CHANGED)
    city.undo_session(approve_record(city, Decide(1)).session)
    assert city.info().data_hash == before
    assert state_of(city, 1).status == "undone"


def test_that_a_new_component_gets_its_place_its_cell_and_a_code(city: Store, tmp_path: Path) -> None:
    send(city, tmp_path, NEW)
    state = approve_record(city, Decide(1))
    card = city.component(state.component)
    assert card["code"] == "1101010101000006" and (card["x"], card["y"]) == (WEST + 120.5, SOUTH + 60.25)
    assert card["cell_code"] == "110101001001002" and card["state"] == "完好"


def test_that_a_removed_component_stays_with_its_state(city: Store, tmp_path: Path) -> None:
    send(city, tmp_path, {"id": "GW-3", "kind": "移除", "code": CODE})
    approve_record(city, Decide(1))
    assert city.component(3)["state"] == "移除" and city.info().components == 5


def test_that_the_gateways_numbers_keep_a_record_from_coming_twice(city: Store, tmp_path: Path) -> None:
    send(city, tmp_path, CHANGED)
    done = send(city, tmp_path, CHANGED, NEW)
    assert (done.entered, done.repeated) == (1, 1)


def test_that_one_number_in_two_files_of_one_delivery_is_one_record(city: Store, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps([CHANGED, NEW | {"id": ""}]), encoding="utf-8")
    done = import_records(city, ImportRecords((str(tmp_path),)))
    assert (done.read, done.entered, done.repeated) == (4, 3, 1)


BAD: list[tuple[Any, str]] = [
    ({"kind": "gone"}, "kind"),
    ({"kind": "changed"}, "code"),
    ({"kind": "new", "x": 1, "y": 2}, "class_code"),
    ({"kind": "new", "class": "0101"}, "lon"),
    ({"kind": "new", "class": "0101", "lon": "east", "lat": 39}, "lon"),
    ({"kind": "new", "class": "0101", "lon": 500, "lat": 39}, "lon"),
    ({"kind": "new", "class": "0101", "x": "NaN", "y": 5}, "x"),
    ({"kind": "new", "class": "0101", "x": 1, "y": 2, "lon": 116.4}, "lon"),
    ({"kind": "new", "class": "0101", "x": 1, "y": 2, "lon": 116.4, "lat": 100}, "lat"),
    ({"kind": "new", "class": "0101", "x": 1, "y": 2, "lon": "east", "lat": 39}, "lon"),
    ({"kind": "changed", "code": CODE, "lat": 39.9}, "lat"),
    ({"kind": "changed", "code": CODE, "x": 448_123.5, "y": ""}, "x"),
    ({"kind": "changed", "code": CODE, "reported_at": "yesterday"}, "reported_at"),
    ({"kind": "changed", "code": CODE, "note": {"a": 1}}, "note"),
    ({"kind": "changed", "code": CODE, "note": "长" * 3000}, "note"),
    ("words", ""),
]


@pytest.mark.parametrize(("row", "field"), BAD)
def test_that_a_bad_row_is_named_and_the_good_ones_come_in(
    open_store: Callable[..., Store], tmp_path: Path, row: Any, field: str
) -> None:
    store = open_store()
    done = send(store, tmp_path, row, NEW)
    assert (done.read, done.entered, done.refused) == (2, 1, 1)
    first = done.problems[0]
    assert (first["file"], first["row"], first["field"]) == ("gateway.json", 1, field) and first["remedy"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"{", "no JSON"), (b"\xff\xfe{}", "UTF-8"), (b"17", "holds no records"), (b"[" * 100_000, "no JSON")],
)
def test_that_a_file_that_is_no_json_is_refused_and_leaves_nothing(
    city: Store, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(Refused, match=says):
        import_records(city, ImportRecords((str(tmp_path / "a.json"),)))
    assert not len(city.load_records())


def test_that_a_table_in_gbk_comes_in_with_its_own_row_numbers(city: Store, tmp_path: Path) -> None:
    head = "上报编号,类型,部件标识码,部件状态,上报人,上报时间,照片\n"
    rows = f"1,变更,{CODE},破损,王五,2025-01-10,a.jpg;b.jpg\n2,飞走,{CODE},破损,王五,2025-01-10,\n"
    (tmp_path / "上报.csv").write_bytes((head + rows).encode("gbk"))
    done = import_records(city, ImportRecords((str(tmp_path),)))
    assert (done.entered, done.refused, done.problems[0]["row"]) == (1, 1, 3)
    _, row = record_of(city, 1)
    assert row["photos"] == ("a.jpg", "b.jpg") and row["reported_by"] == "王五"


def test_that_blank_headings_and_short_lines_of_a_table_do_no_harm(city: Store, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        f"id,kind,code,state,,\n1,changed,{CODE},破损,,\n2,changed,{CODE}\n", "utf-8"
    )
    done = import_records(city, ImportRecords((str(tmp_path / "a.csv"),)))
    assert (done.read, done.entered, done.problems) == (2, 2, ())


def test_that_a_workbook_of_records_comes_in_with_its_own_row_numbers(city: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (
        ["id", "kind", "code", "state", None],
        [7, "changed", CODE, "破损", None],
        [8, "gone", CODE, "", None],
    ):
        book.active.append(line)
    book.save(tmp_path / "a.xlsx")
    done = import_records(city, ImportRecords((str(tmp_path / "a.xlsx"),)))
    assert (done.entered, [problem["row"] for problem in done.problems]) == (1, [3])
    assert record_of(city, 1)[1]["foreign_id"] == "7"


def test_that_what_the_rules_refuse_can_be_edited_and_then_approved(city: Store, tmp_path: Path) -> None:
    send(city, tmp_path, CHANGED | {"state": "裂了"})
    with pytest.raises(Refused, match="裂了"):
        approve_record(city, Decide(1))
    edit_record(city, EditRecord(1, {"state": "破损"}))
    events = city.record_events(1)
    assert events[["deed", "field", "before", "after"]].values.tolist()[-1] == [
        "edited",
        "state",
        "裂了",
        "破损",
    ]
    assert approve_record(city, Decide(1)).status == "approved"
    with pytest.raises(Conflict, match="decided already"):
        edit_record(city, EditRecord(1, {"state": "完好"}))
    with pytest.raises(WrongUsage, match="no field colour"):
        edit_record(city, EditRecord(1, {"colour": "red"}))


def test_that_a_record_is_asked_the_citys_own_rules(city: Store, tmp_path: Path) -> None:
    send(city, tmp_path, CHANGED)
    rules = tmp_path / "rules.csv"
    rules.write_text(
        "rule,severity,check,field,value\nnote_form,error,pattern,note,[0-9]+\n", encoding="utf-8"
    )
    import_rules(city, ImportRules(str(rules)))
    assert "note_form" in set(propose(city, 1).findings["code"])
    with pytest.raises(Refused, match="cannot go into the register"):
        approve_record(city, Decide(1))
    reset_rules(city)
    assert approve_record(city, Decide(1)).status == "approved"


def test_that_a_record_is_returned_with_a_reason_and_waits_again_when_edited(
    city: Store, tmp_path: Path
) -> None:
    send(city, tmp_path, CHANGED)
    with pytest.raises(Refused, match="with a reason"):
        return_record(city, Decide(1, "  "))
    assert return_record(city, Decide(1, "照片不清")).status == "returned"
    assert record_of(city, 1)[1]["reason"] == "照片不清"
    assert edit_record(city, EditRecord(1, {"photos": "c.jpg"})).status == "reported"


def test_that_a_deleted_record_stays_in_the_history(city: Store, tmp_path: Path) -> None:
    send(city, tmp_path, CHANGED)
    assert delete_record(city, Decide(1)).status == "deleted"
    assert city.record_events(1)["deed"].tolist() == ["entered", "deleted"]
    with pytest.raises(Conflict):
        approve_record(city, Decide(1))


def test_that_another_person_approves_where_the_store_wants_one(
    city: Store, open_store: Callable[..., Store], tmp_path: Path
) -> None:
    city.set_setting("self_approval", "0")
    send(city, tmp_path, CHANGED)
    with pytest.raises(NotAllowed, match="may not approve"):
        approve_record(city, Decide(1))
    assert approve_record(open_store(actor="李工"), Decide(1)).status == "approved"


def test_that_a_component_changed_meanwhile_must_be_looked_at_again(city: Store, tmp_path: Path) -> None:
    send(city, tmp_path, CHANGED)
    seen = propose(city, 1)
    city.commit_census(draft(components(5, note="改", initial_date="2024-03-19")))
    assert seen.draft is not None
    with pytest.raises(Conflict, match="changed since"):
        city.approve_record(1, seen.draft, seen.seen_session)
    assert state_of(city, 1).status == "reported"


@pytest.mark.parametrize("row", [CHANGED | {"code": "1101010101999999"}, NEW | {"code": CODE}])
def test_that_a_code_that_does_not_fit_the_kind_is_refused(
    city: Store, tmp_path: Path, row: dict[str, Any]
) -> None:
    send(city, tmp_path, row)
    with pytest.raises(Refused, match="with the code"):
        approve_record(city, Decide(1))


def test_that_records_are_found_by_text_class_state_person_and_day(city: Store, tmp_path: Path) -> None:
    send(city, tmp_path, CHANGED, NEW)
    enter_record(city, {"kind": "removed", "code": CODE, "reported_by": "赵六"})
    today = str(city.load_records()["entered_at"].iloc[0])[:10]
    assert len(find_records(city)) == 3
    assert find_records(city, Wanted(text="井圈"))["record_id"].tolist() == [1]
    assert find_records(city, Wanted(class_code="0101"))["record_id"].tolist() == [2]
    assert find_records(city, Wanted(person="赵六"))["record_id"].tolist() == [3]
    assert find_records(city, Wanted(kind="changed", status="reported", since=today, until=today))[
        "record_id"
    ].tolist() == [1]
    assert not len(find_records(city, Wanted(until="2020-01-01")))
    assert len(find_records(city, Wanted(since="2020年1月1日"))) == 3
    for wrong in (
        Wanted(kind="gone"),
        Wanted(status="waiting"),
        Wanted(since="2025-W47-6"),
        Wanted(until="x"),
    ):
        with pytest.raises(WrongUsage):
            find_records(city, wrong)
