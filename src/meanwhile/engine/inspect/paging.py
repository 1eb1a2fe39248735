"""Pages of a long table by key, newest first, each at a bounded price.

A cursor is the sort key of the last row of the page before. Where a filter has no index, one page looks through at
most ``SCAN`` rows and then offers to look further, so that a rare match among millions costs no more than a common one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

# Rows that one page may look through for a filter that no index serves: some 20 ms of an index walk.
SCAN = 20_000
SIZE = 50
# Rows are written in nearly the order of their ids; a transaction that was open for long may be this far behind.
_SLACK = 1_000


@dataclass(frozen=True, slots=True)
class Order:
    """Newest first by ``field``, then by id. ``field`` has to be the first column of the index that serves it."""

    field: str = "id"

    def by(self) -> tuple[str, ...]:
        """The names for ``order_by``."""
        return ("-id",) if self.field == "id" else (f"-{self.field}", "-id")

    def names(self) -> tuple[str, ...]:
        """The columns of a key."""
        return tuple(name.lstrip("-") for name in self.by())

    def key(self, row: Any) -> tuple[Any, ...]:
        """The sort key of ``row``."""
        return tuple(getattr(row, name) for name in self.names())

    def below(self, key: tuple[Any, ...]) -> Q:
        """Rows that come after ``key`` on the way down."""
        if self.field == "id":
            return Q(id__lt=key[0])
        # The first term alone is a range of the index; the rest settles ties.
        return Q(**{f"{self.field}__lte": key[0]}) & (Q(**{f"{self.field}__lt": key[0]}) | Q(id__lt=key[1]))

    def down_to(self, key: tuple[Any, ...]) -> Q:
        """Rows that come before ``key`` or are it."""
        if self.field == "id":
            return Q(id__gte=key[0])
        return Q(**{f"{self.field}__gte": key[0]}) & (Q(**{f"{self.field}__gt": key[0]}) | Q(id__gte=key[1]))

    def to_text(self, key: tuple[Any, ...]) -> str:
        """A key for an address."""
        return "~".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in key)

    def from_text(self, text: str) -> tuple[Any, ...] | None:
        """The inverse of ``to_text``; None for anything that is no key of this order."""
        parts = text.split("~")
        if len(parts) != len(self.names()) or not (parts[-1].isascii() and parts[-1].isdecimal()):
            return None
        try:
            moments = tuple(datetime.fromisoformat(part) for part in parts[:-1])
        except ValueError:
            return None
        is_usable = len(parts[-1]) < 19 and all(moment.tzinfo for moment in moments)
        return (*moments, int(parts[-1])) if is_usable else None


@dataclass(frozen=True, slots=True)
class Page[Row: models.Model]:
    """``older``: the cursor of the next page; None at the end. ``is_partial``: it stopped looking before the page was
    full, with more rows to look through."""

    rows: list[Row]
    older: str | None
    is_partial: bool = False


def page[Row: models.Model](
    base: models.QuerySet[Row], rest: Q, *, order: Order, cursor: str = "", size: int = SIZE
) -> Page[Row]:
    """One page of the rows of ``base`` for which ``rest`` holds.

    ``base`` is a range of the index of ``order``; ``rest`` is what no index serves. At most three statements, which
    look through at most ``SCAN`` rows where there is a ``rest``, and ``size`` + 1 where there is none.
    """
    start = order.from_text(cursor) if cursor else None
    base = (base.filter(order.below(start)) if start else base).order_by(*order.by())
    end = _boundary(base, order) if rest else None
    query = base.filter(order.down_to(end)) if end else base
    rows = list(query.filter(rest)[: size + 1])
    if len(rows) > size:
        return Page(rows[:size], order.to_text(order.key(rows[size - 1])))
    return Page(rows, order.to_text(end) if end else None, is_partial=end is not None)


def _boundary(base: models.QuerySet[Any], order: Order) -> tuple[Any, ...] | None:
    """The key at which looking stops; None where the end comes first. The OFFSET is bounded and walks an index."""
    return base.values_list(*order.names())[SCAN - 1 : SCAN].first()


def ids_from(model: type[models.Model], moment: datetime) -> int:
    """An id below which every row was created before ``moment``, with some slack. For tables that have no index on
    ``created_at`` but whose ids rise with it: a bisection, one small statement per bit of the largest id."""
    return max(_first_created(model, moment) - _SLACK, 0)


def ids_until(model: type[models.Model], moment: datetime) -> int:
    """An id from which on every row was created after ``moment``, with some slack."""
    return _first_created(model, moment) + _SLACK


def _first_created(model: type[models.Model], moment: datetime) -> int:
    """The id of the first row that was created at ``moment`` or later; past the last one where there is none."""
    low, high = 1, _last_id(model) + 1
    while low < high:
        middle = (low + high) // 2
        row = _first_from(model, middle)
        if row is None or row[1] >= moment:
            high = middle
        else:
            low = row[0] + 1
    row = _first_from(model, low)
    return row[0] if row else low


def _last_id(model: type[models.Model]) -> int:
    return model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


def _first_from(model: type[models.Model], id_: int) -> tuple[int, datetime] | None:
    rows: Any = model._default_manager.filter(pk__gte=id_).order_by("pk").values_list("pk", "created_at")
    found: tuple[int, datetime] | None = rows.first()
    return found
