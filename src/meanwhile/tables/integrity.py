"""What the database refused, in words that a person can act on."""

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import InvalidValue, MeanwhileError, PermanentError

_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (\w+)\.(\w+)")
_POSTGRES_KEY = re.compile(r"\((\w+)\)=")


def explain(error: Exception, tables: Iterable[Any]) -> MeanwhileError:
    """``error`` as one of ours: InvalidValue with ``data["field"]`` where a field of one of ``tables`` is to blame."""
    table_name, column = _place(error)
    for table in tables:
        if table.db_table == table_name and column in table.fields:
            label = table.fields[column].label
            message = _("%(label)s: another record has this value already.") % {"label": label}
            return InvalidValue(message, field=column)
    return PermanentError(_("The database refused this: %(reason)s") % {"reason": str(error).split("\n")[0]})


def _place(error: Exception) -> tuple[str | None, str | None]:
    """The table and the column of a broken uniqueness."""
    if match := _SQLITE_UNIQUE.search(str(error)):
        return match[1], match[2]
    diag = getattr(error.__cause__, "diag", None)
    if diag is None or diag.sqlstate != "23505":
        return None, None
    match = _POSTGRES_KEY.search(diag.message_detail or "")
    return diag.table_name, match[1] if match else None
