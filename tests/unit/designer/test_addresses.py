"""A place in a document leads to the page of the designer that shows it, and the tabs say where that is."""

import pytest

from meanwhile.definitions.identity import with_ids
from meanwhile.definitions.problems import Loc
from meanwhile.designer.addresses import address_of
from meanwhile.designer.starters import starter
from meanwhile.designer.tabs import tabs

BOOKING = with_ids(starter("booking"), None)
HOME = "/designer/booking/"
EVENT = f"{HOME}events/booking.record_update/"


@pytest.mark.parametrize(
    ("loc", "address"),
    [
        ((), HOME),
        (("title",), HOME),
        (("tables", "booking"), f"{HOME}tables/booking/"),
        (("tables", "booking", "label"), f"{HOME}tables/booking/"),
        (("tables", "booking", "fields", "fare", "places"), f"{HOME}tables/booking/fields/fare/"),
        (("tables", "booking", "events", "record_update"), EVENT),
        (("forms", "book", "events", "record_update", "do"), f"{HOME}events/form:book/"),
    ],
)
def test_a_place_leads_to_its_page(loc: Loc, address: str) -> None:
    assert address_of("booking", loc, BOOKING) == address


def test_a_place_in_a_tree_leads_to_its_node() -> None:
    outer = BOOKING["tables"]["booking"]["events"]["record_update"][0]
    at = ("tables", "booking", "events", "record_update", "do", 0)
    assert address_of("booking", at, BOOKING) == f"{EVENT}?node={outer['id']}"
    inner = outer["do"][1]["otherwise"][0]
    deep = (*at, "do", 1, "otherwise", 0, "update_field", "value")
    assert address_of("booking", deep, BOOKING) == f"{EVENT}?node={inner['id']}"
    assert address_of("booking", deep) == EVENT


@pytest.mark.parametrize(
    "loc", [("tables", "booking", "events", "record_update", "do", 99, "do"), ("forms", "x", "events", "y", 1)]
)
def test_a_place_that_is_not_there_leads_as_near_as_possible(loc: Loc) -> None:
    assert "?node" not in address_of("booking", loc, BOOKING)


@pytest.mark.parametrize(
    ("path", "label", "current"),
    [
        (HOME, "Home", "page"),
        (f"{HOME}start/", "Home", "true"),
        (f"{HOME}tables/booking/fields/fare/", "Tables", "true"),
        (f"{HOME}new-table/", "Tables", "true"),
        (f"{HOME}tables/booking/records/", "Records", "page"),
        (f"{HOME}tables/booking/records/7/", "Records", "true"),
        (EVENT, "Events", "true"),
    ],
)
def test_one_tab_is_the_current_one(path: str, label: str, current: str) -> None:
    found = [(tab.label, tab.current) for tab in tabs("booking", BOOKING, path) if tab.current]
    assert found == [(label, current)]


def test_without_a_table_there_are_no_records() -> None:
    assert "Records" not in [tab.label for tab in tabs("booking", {}, HOME)]
    assert "Records" not in [tab.label for tab in tabs("booking", {"tables": []}, HOME)]
