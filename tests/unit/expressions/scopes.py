"""A scope as the engine makes one: namespaces over plain values."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from meanwhile.expressions import Namespace

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

CUSTOMER = {"id": 7, "name": "Ada", "parent": None}
RECORD = {
    "id": 12,
    "name": "Grace Hopper",
    "code": "AB-12",
    "seats": 5,
    "fare": Decimal("10.10"),
    "confirmed": True,
    "empty": None,
    "blank": "",
    "departure": date(2026, 3, 29),
    "booked_at": datetime(2026, 3, 28, 9, 30, tzinfo=UTC),
    "tags": ["new", "vip"],
    "answer": {"price": 12.5, "items": [1, 2]},
    "customer": Namespace(CUSTOMER.get, CUSTOMER),
}


def scope(**record: Any) -> dict[str, Any]:
    """The names of expressions, with some values of the record replaced."""
    values = {**RECORD, **record}
    return {
        "record": Namespace(values.get, values),
        "old": Namespace({"name": "Grace"}.get, RECORD),
        "event": Namespace({"is_new": True, "reason": "late"}.get),
        "user": Namespace({"id": 3, "name": "Lin"}.get, {"id", "name", "email"}),
        "now": NOW,
        "zone": BERLIN,
        "link": lambda page: f"https://example.org/pages/{page}/",
    }
