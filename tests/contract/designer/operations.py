"""Whatever a designer can do to the event tree of the booking, as strategies: sensible and senseless alike."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from meanwhile.definitions.editing import EditRefused, tree

type Plain = dict[str, Any]
type Operation = Callable[[Plain], Plain]

EVENT = "booking.record_update"
TYPES = (
    "update_field",
    "send_email",
    "call",
    "trigger_event",
    "create_record",
    "delete_record",
    "if",
    "if_new_record",
    "background",
    "delay",
)
SETTINGS: tuple[Any, ...] = (
    None,
    {"field": "status", "value": "Received"},
    {"field": "nothing", "value": "{{ record.seats"},
    "record.seats > 4",
    {"until": "now"},
    {"to": "{{ record.email }}", "subject": "Hello", "body": "{{ record.nothing }}"},
    17,
)


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    """One operation; it does nothing where the tree refuses it."""
    choose = draw(st.sampled_from(_MAKERS))
    make = choose(draw)

    def operate(plain: Plain) -> Plain:
        try:
            return make(plain)
        except EditRefused:
            return plain

    return operate


def _some_node(plain: Plain, number: int) -> str:
    ids = [found.node["id"] for found in tree.walk(tree.roots(plain, EVENT))]
    return ids[number % len(ids)] if ids else ""


def _insert(draw: st.DrawFn) -> Operation:
    type_, number, other = draw(st.sampled_from(TYPES)), draw(st.integers(0, 50)), draw(st.booleans())

    def make(plain: Plain) -> Plain:
        selected = _some_node(plain, number) + (":otherwise" if other else "")
        return tree.insert(plain, EVENT, tree.spot_for(plain, EVENT, selected), tree.new_node(type_))

    return make


def _on_one(draw: st.DrawFn) -> Operation:
    number = draw(st.integers(0, 50))
    work: Callable[[Plain, str, str], Plain] = draw(
        st.sampled_from(
            [
                tree.remove,
                tree.up,
                tree.down,
                tree.indent,
                tree.outdent,
                lambda plain, event, id_: tree.duplicate(plain, event, id_)[0],
                lambda plain, event, id_: tree.wrap(plain, event, id_, "background", following=True)[0],
                lambda plain, event, id_: tree.set_disabled(plain, event, id_, True),
                lambda plain, event, id_: tree.set_disabled(plain, event, id_, False),
            ]
        )
    )
    return lambda plain: work(plain, EVENT, _some_node(plain, number))


def _configure(draw: st.DrawFn) -> Operation:
    number, settings, name = draw(st.integers(0, 50)), draw(st.sampled_from(SETTINGS)), draw(st.text(max_size=5))
    return lambda plain: tree.configure(plain, EVENT, _some_node(plain, number), settings, name=name)


def _move(draw: st.DrawFn) -> Operation:
    number, target = draw(st.integers(0, 50)), draw(st.integers(0, 50))
    side, index = draw(st.sampled_from(tree.SIDES)), draw(st.none() | st.integers(0, 5))
    return lambda plain: tree.move(
        plain, EVENT, _some_node(plain, number), tree.Spot(_some_node(plain, target), side, index)
    )


def _paste(draw: st.DrawFn) -> Operation:
    number, target = draw(st.integers(0, 50)), draw(st.integers(0, 50))

    def make(plain: Plain) -> Plain:
        node = tree.find(plain, EVENT, _some_node(plain, number)).node
        return tree.paste(plain, EVENT, tree.spot_for(plain, EVENT, _some_node(plain, target)), node)[0]

    return make


_MAKERS = [_insert, _insert, _on_one, _on_one, _configure, _move, _paste]
