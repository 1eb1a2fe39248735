"""What the database refused, in words that a person can act on."""

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import InvalidValue, MeanwhileError, PermanentError
from meanwhile.tables.table import Table

_SQLITE = re.compile(r"(UNIQUE|NOT NULL) constraint failed: (\w+)\.(\w+)")
_SQLITE_KINDS = {"UNIQUE": "unique", "NOT NULL": "empty"}
_POSTGRES_KINDS = {"23505": "unique", "23502": "empty", "23503": "link"}
_POSTGRES_KEY = re.compile(r"\((\w+)\)=")


def explain(error: Exception, tables: Iterable[Table]) -> MeanwhileError:
    """``error`` as one of ours: InvalidValue with ``data["field"]`` where a field of one of ``tables`` is to blame."""
    kind, table_name, column = _place(error)
    for table in tables:
        key = _key(table, column) if table.db_table == table_name else None
        if kind and key:
            return InvalidValue(_sentence(kind).format(label=table.fields[key].label), field=key)
    if kind == "link" or "FOREIGN KEY" in str(error):
        return PermanentError(_("A link points to a record that does not exist any more, or that others point to."))
    return PermanentError(refusal(error))


def refusal(error: Exception) -> str:
    """What the database said, for people: the first line, since the others show statements."""
    return _("The database refused this: {reason}").format(reason=str(error).split("\n")[0])


def _sentence(kind: str) -> str:
    return {
        "unique": _("{label}: another record has this value already."),
        "empty": _("{label}: a value is required."),
        "link": _("{label}: the record to link to does not exist any more."),
    }[kind]


def _place(error: Exception) -> tuple[str | None, str | None, str | None]:
    """What was broken, in which table and which column."""
    if match := _SQLITE.search(str(error)):
        return _SQLITE_KINDS[match[1]], match[2], match[3]
    diag: Any = getattr(error.__cause__, "diag", None)
    kind = _POSTGRES_KINDS.get(diag.sqlstate or "") if diag else None
    if diag is None or kind is None:
        return None, None, None
    match = _POSTGRES_KEY.search(diag.message_detail or "")
    column = diag.column_name or (match[1] if match else None)
    return kind, diag.table_name, column


def _key(table: Table, column: str | None) -> str | None:
    """The field that a column belongs to."""
    return next((key for key in table.fields if table.column_name(key) == column), None)
