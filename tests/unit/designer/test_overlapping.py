"""Two changes of one draft: where they meet is told, and whatever is chosen there, nothing else is lost."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.editing import tables, tree
from meanwhile.definitions.identity import with_ids
from meanwhile.designer.conflicts import choices, edit_of
from meanwhile.designer.overlapping import clashes, resolved
from meanwhile.designer.starters import starter
from tests.contract.designer.operations import EVENT, Operation, operations

type Plain = dict[str, Any]

BOOKING = with_ids(starter("booking"), None)


def seats(**settings: Any) -> Operation:
    return lambda plain: tables.configure_field(plain, "booking", "seats", {"type": "integer", **settings})


def test_who_changes_another_setting_of_the_same_thing_takes_nothing_back() -> None:
    before = seats(min=1, max=9)(BOOKING)
    edit = edit_of(seats(min=1, max=5), seats(min=2, max=9)(before), before)
    assert clashes(edit) == []
    assert tables.fields(resolved(edit, ()), "booking")["seats"] == {"type": "integer", "min": 2, "max": 5}


def test_of_the_same_setting_the_one_that_is_chosen_stays() -> None:
    before = seats(max=9)(BOOKING)
    edit = edit_of(seats(max=5), seats(max=7)(before), before)
    (choice,) = choices(edit, {})
    assert (choice.about.label, choice.about.within, choice.setting) == ("Seats", "Booking", "Max")
    assert (choice.before, choice.theirs, choice.mine) == ("9", "7", "5")
    (clash,) = clashes(edit)
    assert tables.fields(resolved(edit, {clash.place}), "booking")["seats"]["max"] == 7
    assert tables.fields(resolved(edit, ()), "booking")["seats"]["max"] == 5


def test_where_nobody_knows_what_was_seen_all_that_would_change_is_told() -> None:
    edit = edit_of(seats(min=1, max=5), seats(min=2, max=5)(BOOKING), None)
    (choice,) = choices(edit, {})
    assert (choice.before, choice.theirs, choice.mine) == (None, "2", "1")
    assert resolved(edit, ()) == edit.on_top


def test_what_others_set_of_a_thing_that_mine_takes_out_is_told() -> None:
    node = next(tree.walk(tree.roots(BOOKING, EVENT))).node["id"]
    now = tree.configure(BOOKING, EVENT, node, None, note="Do not delete")
    (choice,) = choices(edit_of(lambda plain: tree.remove(plain, EVENT, node), now, BOOKING), {})
    assert (choice.theirs, choice.name) == ("Do not delete", "")


@given(st.lists(operations(), max_size=4), operations())
def test_all_of_theirs_can_stay_and_all_of_mine_can(others: list[Operation], mine: Operation) -> None:
    now = BOOKING
    for operate in others:
        now = operate(now)
    try:
        edit = edit_of(mine, now, BOOKING)
    except MeanwhileError:
        return
    met = clashes(edit)
    assert [clash.place for clash in met] == [clash.place for clash in clashes(edit)]
    left = edit_of(lambda _plain: resolved(edit, {clash.place for clash in met}), now, BOOKING)
    assert [clash for clash in clashes(left) if not clash.is_gone and clash in met] == []
    kept = clashes(edit_of(lambda _plain: resolved(edit, ()), now, BOOKING))
    assert {clash.place for clash in met} <= {clash.place for clash in kept}
    assert len(choices(edit, {})) == min(len(met), 30)
