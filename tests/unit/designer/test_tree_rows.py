"""A tree as rows and lines: the lane of the background, the next page, labels instead of keys, problems in place."""

from typing import Any

import pytest

from meanwhile.definitions.inspection import inspect
from meanwhile.designer.settings_form import choosing_for
from meanwhile.designer.tree_markup import markup
from meanwhile.designer.tree_rows import Row, Rows, event_title
from meanwhile.designer.tree_words import line_of

EVENT = "visit.record_update"
UPDATE = {"update_field": {"field": "place", "value": "Oslo"}}


def document(event: Any) -> dict[str, Any]:
    fields = {
        "place": {"type": "text", "label": "Where to"},
        "born": {"type": "date"},
        "by": {"type": "link", "table": "visit"},
    }
    return {
        "application": "visits",
        "tables": {"visit": {"label": "Trip", "fields": fields, "events": {"record_update": event}}},
    }


def named(nodes: list[dict[str, Any]], prefix: str = "n") -> list[dict[str, Any]]:
    """``nodes`` with ids by their place: ``n0``, ``n0d1``, ``n0o0``."""
    return [
        {
            **node,
            "id": f"{prefix}{index}",
            **{side: named(node[side], f"{prefix}{index}{side[0]}") for side in ("do", "otherwise") if side in node},
        }
        for index, node in enumerate(nodes)
    ]


def rows(event: Any, selected: str = "") -> list[Row]:
    inspection = inspect(document(event))
    return list(Rows(inspection, EVENT, selected, choosing_for(inspection, EVENT)).all())


def items(event: Any) -> dict[str, Row]:
    return {row.id: row for row in rows(event) if row.sort == "item"}


def words(row: Row) -> str:
    return "".join(f"*{piece.text}*" if piece.is_label else piece.text for piece in row.line or ())


@pytest.mark.parametrize(
    ("node", "line"),
    [
        (UPDATE, "Update *Where to* to Oslo"),
        ({"delay": {"field": "born"}}, "Delay until the date in *Born*"),
        ({"update_field": {"field": "nothing", "value": "place"}}, "Update nothing to place"),
        ({"if": "record.place"}, "If record.place"),
        ({"call": {"function": "place", "into": "place"}}, "Call place into *Where to*"),
    ],
)
def test_a_line_has_the_labels_of_what_it_names(node: dict[str, Any], line: str) -> None:
    assert words(items(named([node]))["n0"]) == line


@pytest.mark.parametrize("settings", [None, {}, {"field": "place"}, 17, [1], {"field": ["place"], "value": 1}])
def test_what_is_not_set_up_has_no_line(settings: Any) -> None:
    node = {"update_field": settings}
    inspection = inspect(document(named([node])))
    assert line_of(node, choosing_for(inspection, EVENT)) is None
    assert items(named([node]))["n0"].line is None


def test_an_object_that_is_not_installed_is_shown_all_the_same() -> None:
    row = items(named([{"send_pigeon": {"to": "Ann"}}]))["n0"]
    assert (row.kind, row.label, row.line) == ("unknown", 'Unknown object "send_pigeon"', None)


def test_a_condition_that_is_wrong_is_not_shown_as_what_stands_in_for_it() -> None:
    row = items(named([{"if": "record.place >", "do": [UPDATE]}]))["n0"]
    assert row.line is None
    assert row.errors == "1 error"


def test_what_stands_below_an_execution_object_is_in_the_lane() -> None:
    found = items(named([UPDATE, {"background": None, "do": [{"if": "true", "do": [UPDATE], "otherwise": [UPDATE]}]}]))
    assert not found["n0"].lane
    assert all(found[id_].lane for id_ in ("n1", "n1d0", "n1d0d0", "n1d0:otherwise", "n1d0o0"))
    assert [id_ for id_, row in found.items() if row.has_chip] == ["n1"]


@pytest.mark.parametrize(
    ("nodes", "before"),
    [
        ([UPDATE, {"background": None, "do": [UPDATE]}], "n1"),
        ([{"background": None, "do": [UPDATE]}, UPDATE], ""),
        ([{"background": None, "do": [UPDATE]}], "n0"),
        ([{"if": "true", "otherwise": [UPDATE]}, {"delay": None}], "n1"),
        ([UPDATE, {**UPDATE, "disabled": True}], "n1"),
    ],
)
def test_the_line_of_the_next_page_stands_behind_what_people_wait_for(nodes: list[Any], before: str) -> None:
    found = rows(named(nodes))
    (place,) = (index for index, row in enumerate(found) if row.sort == "marker")
    assert found[place + 1].id == before


def test_an_empty_tree_has_no_line_of_the_next_page() -> None:
    assert [row.sort for row in rows([])] == ["li", "item", "ul", "/ul", "/li"]


@pytest.mark.parametrize("as_mapping", [False, True])
def test_problems_stand_at_their_own_object(as_mapping: bool) -> None:
    nodes = named([{"if": "record.nothing", "do": [{"background": None}, {"update_field": None}]}])
    found = items({"label": "Saved", "do": nodes} if as_mapping else nodes)
    counted = {id_: (row.errors, row.warnings) for id_, row in found.items() if row.errors or row.warnings}
    assert counted == {"n0": ("1 error", ""), "n0d0": ("", "1 warning"), "n0d1": ("2 errors", "")}


def test_events_are_named_in_words() -> None:
    plain = document([]) | {"forms": {"book": {"table": "visit", "title": "Book"}}}
    assert event_title(plain, EVENT) == "When a record of “Trip” is saved"
    assert event_title(plain, "form:book") == "When “Book” is submitted"
    assert event_title(plain, "visit.remind_me") == "When “Remind me” of “Trip” is triggered"


def test_everything_of_the_document_is_escaped() -> None:
    node = {"update_field": {"field": "place", "value": "<b>"}, "name": "<i>", "id": 'a"<'}
    made = markup(rows([node]), "<u>")
    assert "<b>" not in made
    assert "<i>" not in made
    assert "<u>" not in made
    assert 'a"<' not in made
    assert "&lt;b&gt;" in made
