"""Nodes of a file without ids take over the ids of the version before, by type and place."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meanwhile.definitions.identity import with_ids

Plain = dict[str, Any]


def document(*nodes: Plain) -> Plain:
    return {"application": "x", "tables": {"t": {"events": {"record_update": list(nodes)}}}}


def nodes_of(plain: Plain) -> list[Plain]:
    nodes: list[Plain] = plain["tables"]["t"]["events"]["record_update"]
    return nodes


def update(value: str, **beside: Any) -> Plain:
    return {"update_field": {"field": "a", "value": value}, **beside}


def ids(plain: Plain) -> list[str]:
    return [node["id"] for node in nodes_of(plain)]


def test_a_first_version_gets_new_ids() -> None:
    one, two = ids(with_ids(document(update("1"), update("2")), None))
    assert one != two
    assert one.startswith("n-")


def test_ids_of_the_file_are_kept() -> None:
    assert ids(with_ids(document(update("1", id="mine")), document(update("1", id="old")))) == ["mine"]


def test_the_same_document_gets_the_same_ids() -> None:
    plain = document(update("1"), {"background": None, "do": [update("2"), update("2")]})
    first = with_ids(plain, None)
    assert with_ids(plain, first) == first
    assert with_ids(first, first) == first


def test_a_changed_setting_keeps_the_id() -> None:
    before = with_ids(document(update("1"), update("2")), None)
    assert ids(with_ids(document(update("1"), update("changed")), before)) == ids(before)


def test_a_node_put_in_front_gets_a_new_id_and_leaves_the_others_alone() -> None:
    before = with_ids(document(update("1"), update("2")), None)
    after = ids(with_ids(document(update("0"), update("1"), update("2")), before))
    assert after[1:] == ids(before)
    assert after[0] not in ids(before)


def test_another_type_at_the_same_place_gets_a_new_id() -> None:
    before = with_ids(document(update("1")), None)
    assert ids(with_ids(document({"delete_record": None}), before)) != ids(before)


def test_children_are_matched_within_their_parent() -> None:
    child = update("1")
    before = with_ids(
        document({"background": None, "do": [child]}, {"if": "true", "do": [child], "otherwise": [child]}), None
    )
    after = with_ids(document({"if": "true", "do": [child], "otherwise": [child]}), before)
    old, new = nodes_of(before)[1], nodes_of(after)[0]
    assert new["id"] == old["id"]
    assert new["otherwise"][0]["id"] == old["otherwise"][0]["id"]


def test_an_id_that_the_file_uses_elsewhere_is_not_taken_over() -> None:
    before = document(update("1", id="n-1"), update("2", id="n-2"))
    after = ids(with_ids(document(update("1"), {"delete_record": None, "id": "n-1"}), before))
    assert after[1] == "n-1"
    assert len(set(after)) == 2


_NODES = st.recursive(
    st.sampled_from([update("1"), update("2"), {"delete_record": None}]).map(dict),
    lambda inner: st.builds(
        lambda do, otherwise: {"if": "true", "do": do, "otherwise": otherwise},
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


def _all_ids(nodes: list[Plain]) -> list[str]:
    return [
        id_
        for node in nodes
        for id_ in (node["id"], *_all_ids(node.get("do", [])), *_all_ids(node.get("otherwise", [])))
    ]


@given(st.lists(_NODES, max_size=5), st.lists(_NODES, max_size=5))
def test_every_node_has_an_id_of_its_own(old: list[Plain], new: list[Plain]) -> None:
    before = with_ids(document(*old), None)
    after = with_ids(document(*new), before)
    found = _all_ids(nodes_of(after))
    assert len(found) == len(set(found))
    assert with_ids(document(*new), after) == after
