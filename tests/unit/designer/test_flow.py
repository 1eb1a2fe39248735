"""The drawing of a submission: what it is made of, and that nothing of it lies on something else."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.definitions.comparing import node_label
from meanwhile.designer.drawing import NARROW, WIDE, Box, Columns, cut, draw
from meanwhile.designer.flow import MOST_LANES, MOST_STEPS, Flow, flow_of
from meanwhile.designer.starters import starter


def flow(plain: dict[str, Any], form: str) -> Flow:
    return flow_of(plain, form, node_label)


def shop(*nodes: dict[str, Any], pages: dict[str, Any] | None = None, following: str = "") -> dict[str, Any]:
    """An application with one form, whose table's tree is ``nodes``."""
    fields = {"item": {"type": "text"}, "sent": {"type": "boolean"}}
    return {
        "tables": {"order": {"fields": fields, "events": {"record_update": list(nodes)}}},
        "forms": {"buy": {"table": "order", "fields": ["item"], "next": following}},
        "pages": pages or {},
    }


ACTION: dict[str, Any] = {"update_field": {"field": "item", "value": "x"}}


def test_the_booking_example_flows_from_its_form_over_the_background_to_the_itinerary() -> None:
    found = flow(starter("booking"), "book")
    assert [step.text for step in found.at_once.steps][:2] == ["If the record is new", "Update status to Received"]
    assert [lane.title for lane in found.lanes] == ["Ticket the booking"]
    assert found.lanes[0].sets_flag
    assert [(stop.title, stop.kind) for stop in found.stops] == [
        ("Confirming your booking", "wait"),
        ("Your itinerary", "content"),
    ]
    words = found.in_words()
    assert words[0] == "A person fills in “Book a flight” and submits it."
    assert words.index("The person goes on to “Confirming your booking”.") < words.index("Update status to Ticketed")
    assert "Otherwise: Update reference to BK-{{ record.id }}" in words


def test_the_tree_of_the_form_comes_after_that_of_its_table() -> None:
    plain = shop(ACTION)
    plain["forms"]["buy"]["events"] = {"record_update": [{**ACTION, "name": "Of the form"}]}
    assert [step.text for step in flow(plain, "buy").at_once.steps] == ["Update item to x", "Of the form"]


def test_what_is_disabled_is_left_out() -> None:
    found = flow(shop({**ACTION, "disabled": True}, {"background": None, "disabled": True, "do": [ACTION]}), "buy")
    assert (found.at_once.steps, found.lanes) == ([], [])


def test_a_background_in_a_background_is_a_lane_of_its_own() -> None:
    inner = {"background": None, "name": "Inner", "do": [ACTION]}
    found = flow(shop({"background": None, "name": "Outer", "do": [inner]}), "buy")
    assert [lane.title for lane in found.lanes] == ["Outer", "Inner"]
    assert found.lanes[0].steps[0].lane == 1


def test_a_form_without_a_next_page_ends_with_thanks() -> None:
    assert [stop.kind for stop in flow(shop(), "buy").stops] == ["none"]


def test_pages_in_a_circle_end() -> None:
    pages = {key: {"kind": "wait", "table": "order", "next": other} for key, other in (("a", "b"), ("b", "a"))}
    assert len(flow(shop(pages=pages, following="a"), "buy").stops) == 2


def test_a_long_lane_is_cut_and_says_so() -> None:
    found = flow(shop(*[ACTION] * 40), "buy")
    assert len(found.at_once.steps) == MOST_STEPS
    assert "… and 28 more" in found.in_words()


def test_of_many_backgrounds_the_first_ones_are_drawn_and_the_tree_is_not_put_into_words_as_a_whole() -> None:
    said: list[Any] = []
    background = {"background": None, "do": [ACTION] * 30}
    found = flow_of(shop(*[background] * 40), "buy", lambda node: said.append(node) or "words")
    assert len(found.lanes) == MOST_LANES
    assert len(said) < MOST_LANES * (MOST_STEPS + 2) + MOST_STEPS
    assert draw(found).height < 6000


@pytest.mark.parametrize(
    "plain", [{}, {"forms": {"buy": None}}, {"tables": [], "forms": {"buy": {"table": "order"}}}, {"pages": []}]
)
def test_whatever_is_wrong_with_a_draft_it_is_drawn(plain: dict[str, Any]) -> None:
    assert draw(flow(plain, "buy")).height > 0


NODES = st.recursive(
    st.just(ACTION),
    lambda below: st.one_of(
        st.builds(lambda do: {"background": None, "do": do}, st.lists(below, max_size=4)),
        st.builds(
            lambda do, otherwise: {"if": "true", "do": do, "otherwise": otherwise},
            st.lists(below, max_size=3),
            st.lists(below, max_size=3),
        ),
    ),
    max_leaves=12,
)


def overlap(one: Box, other: Box) -> bool:
    across = one.x < other.right and other.x < one.right
    return across and one.y < other.bottom and other.y < one.bottom


@given(st.lists(NODES, max_size=5), st.booleans(), st.sampled_from([WIDE, NARROW]))
def test_no_box_lies_on_another_and_all_are_inside(nodes: list[dict[str, Any]], waits: bool, columns: Columns) -> None:
    pages = {
        "wait": {"kind": "wait", "table": "order", "next": "thanks"},
        "thanks": {"kind": "content", "table": "order"},
    }
    drawing = draw(flow(shop(*nodes, pages=pages, following="wait" if waits else "thanks"), "buy"), columns)
    assert not [pair for pair in combinations(drawing.boxes, 2) if overlap(*pair)]
    assert not [pair for pair in combinations(drawing.lanes, 2) if overlap(*pair)]
    for box in [*drawing.boxes, *drawing.lanes]:
        assert 0 < box.x < box.right < drawing.width <= columns.width
        assert 0 < box.y < box.bottom < drawing.height


def test_without_a_background_there_is_room_for_no_lanes() -> None:
    assert draw(flow(shop(ACTION), "buy")).width < WIDE.lanes


def test_a_line_that_is_too_long_is_cut() -> None:
    assert cut("Short", 200) == "Short"
    assert cut("One line\n of  many words " * 9, 100).endswith("…")
