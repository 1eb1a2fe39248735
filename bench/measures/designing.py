"""How long the server takes for a large event tree in the designer: to show it, and to change it and show it again."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from bench.figures import OURS, Reading, percentile
from bench.plan import NODES
from meanwhile.core import clock
from meanwhile.core.ids import node_id
from meanwhile.definitions import drafts
from meanwhile.definitions.editing import tree

KEY, EVENT = "large", "item.record_update"
# Half-way times settle within so many.
TIMES = 15


def measure() -> Iterator[Reading]:
    """On whichever database the process has. The draft is made anew and let go at the end."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(get_user_model().objects.create_superuser(f"designer-{node_id()}"))
    drafts.create(_document(), "Large")
    try:
        yield Reading(f"designer, {NODES} nodes: open, p50", OURS, _half_way(lambda: _open(client)), "ms")
        yield Reading(f"designer, {NODES} nodes: one edit, p50", OURS, _half_way(lambda: _edit(client)), "ms")
    finally:
        drafts.discard(KEY, drafts.working(KEY).revision)


def _half_way(step: Callable[[], None]) -> float:
    step()
    times = []
    for _ in range(TIMES):
        started = clock.monotonic()
        step()
        times.append(clock.monotonic() - started)
    return percentile(times, 50) * 1000


def _open(client: Client) -> None:
    response = client.get(reverse("designer-event", args=[KEY, EVENT]))
    assert response.status_code == 200
    assert response.content.count(b'role="treeitem"') > NODES


def _edit(client: Client) -> None:
    """A new object at the end, as the menu adds one, and the page that follows."""
    sent = {"revision": drafts.working(KEY).revision, "act": "new:background", "node": ""}
    response = client.post(reverse("designer-event-change", args=[KEY, EVENT]), sent, follow=True)
    assert response.status_code == 200
    assert b"Background" in response.content


def _document() -> dict[str, Any]:
    """Branches of nine actions each, every second of them in the background."""
    fields = {name: {"type": "text"} for name in "abcdefghi"} | {"done": {"type": "boolean"}}
    nodes = [_branch(number) for number in range(NODES // 10)]
    table = {"fields": fields, "events": {"record_update": nodes}}
    return {"application": KEY, "tables": {"item": table}, "forms": {"enter": {"table": "item", "fields": ["a"]}}}


def _branch(number: int) -> tree.Plain:
    word: dict[str, Any] = {"background": None} if number % 2 else {"if": f'record.a == "{number}"'}
    value = f"{number} {{{{ record.a }}}}"
    actions = [{"update_field": {"field": name, "value": value}, "id": node_id()} for name in "abcdefghi"]
    return {**word, "id": node_id(), "do": actions}
