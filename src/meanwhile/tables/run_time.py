"""Django models that are made while the site runs, kept out of Django's global registry.

What becomes of a link when its record is deleted is said to the database itself (ON DELETE, in ``physical``), since
neither Django's own deletes nor those of another version see the models made here.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import DB_SET_NULL, DO_NOTHING

LABEL = "meanwhile_tables"
# PostgreSQL cuts longer names off without a word.
LONGEST_NAME = 63
# Columns of every table that the engine keeps; expressions read them, documents never write them.
SYSTEM_COLUMNS = ("created_at", "updated_at", "created_by", "updated_by")

if TYPE_CHECKING:
    _ForeignKey = models.ForeignKey[Any, Any]
else:
    _ForeignKey = models.ForeignKey


def table_name(application: str, key: str) -> str:
    """The physical name of a table: that of no table of another application, since no key has two _ in a row, and never
    longer than PostgreSQL keeps."""
    name = f"mw_{application}__{key}"
    return name if len(name) <= LONGEST_NAME else f"{name[:50]}_{sha256(name.encode()).hexdigest()[:12]}"


def registry() -> Any:
    """A registry of models of its own, with an application whose label is that of the models."""
    import meanwhile.tables.run_time as module

    config = AppConfig(__name__, module)
    config.label = LABEL
    return Apps([config])


def make_model(application: str, key: str, columns: Mapping[str, Any]) -> type[models.Model]:
    """A model with an id, ``columns`` under their keys, and the system columns."""
    body: dict[str, Any] = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": LABEL, "apps": registry(), "db_table": table_name(application, key)}),
        "id": models.BigAutoField(primary_key=True),
    }
    for name, column in columns.items():
        column.db_column = name
        body[name] = column
    body |= {
        "created_at": models.DateTimeField(null=True),
        "updated_at": models.DateTimeField(null=True),
        "created_by": _system_user("created_by"),
        "updated_by": _system_user("updated_by"),
    }
    return type(f"{application}_{key}", (models.Model,), body)


def _system_user(name: str) -> Any:
    # The one kind of link that Django's schema editor makes; the database empties it when the user is deleted.
    column = LinkColumn(get_user_model(), null=True, on_delete=DB_SET_NULL, related_name="+", db_index=False)
    column.db_column = name
    return column


class LinkColumn(_ForeignKey):
    """A foreign key whose column has the field's own name, beside a field that may be called ``<name>_id``."""

    def get_attname(self) -> str:
        return f"{self.name}__id"


def user_column() -> Any:
    """A link to a person of the site."""
    return _link(get_user_model())


def link_column(db_table: str, key: Any) -> Any:
    """A link to a record of ``db_table``. ``key``: the primary key of a host model; None: of a table of ours."""
    return _link(_stub(db_table, key))


def _link(target: type[models.Model]) -> Any:
    return LinkColumn(target, null=True, on_delete=DO_NOTHING, related_name="+", db_index=False)


def _stub(db_table: str, key: Any) -> type[models.Model]:
    """A model that is no more than a name and a key: all that a foreign key has to know of its target."""
    primary_key = key.clone() if key is not None else models.BigAutoField(primary_key=True)
    column = key.column if key is not None else "id"
    primary_key.db_column = column
    meta = type("Meta", (), {"app_label": LABEL, "apps": registry(), "db_table": db_table, "managed": False})
    return type(f"stub_{db_table}", (models.Model,), {"__module__": __name__, "Meta": meta, "pk_": primary_key})
