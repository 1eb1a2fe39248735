"""Django models that are made while the site runs, kept out of Django's global registry.

What becomes of a link when its record is deleted is said to the database itself (ON DELETE), since neither Django's
own deletes nor those of another version see the models made here.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import DB_CASCADE, DB_SET_NULL, DO_NOTHING

LABEL = "meanwhile_tables"
# Columns of every table that the engine keeps; expressions read them, documents never write them.
SYSTEM_COLUMNS = ("created_at", "updated_at", "created_by", "updated_by")
_ON_DELETE: dict[str, Any] = {"clear": DB_SET_NULL, "cascade": DB_CASCADE, "protect": DO_NOTHING}


def table_name(application: str, key: str) -> str:
    """The physical name of a table."""
    return f"mw_{application}_{key}"


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
        "created_by": user_column(index=False, name="created_by"),
        "updated_by": user_column(index=False, name="updated_by"),
    }
    return type(f"{application}_{key}", (models.Model,), body)


def user_column(*, unique: bool = False, index: bool = True, name: str | None = None) -> Any:
    """A link to a person of the site; empty when that one is deleted."""
    return models.ForeignKey(
        get_user_model(),
        null=True,
        on_delete=DB_SET_NULL,
        related_name="+",
        unique=unique,
        db_index=index,
        db_column=name,
    )


def link_column(
    db_table: str, on_delete: str, *, unique: bool, key: Any
) -> Any:
    """A link to a record of ``db_table``. ``key``: the primary key of a host model; None: of a table of ours."""
    return models.ForeignKey(
        _stub(db_table, key), null=True, on_delete=_ON_DELETE[on_delete], related_name="+", unique=unique
    )


def _stub(db_table: str, key: Any) -> type[models.Model]:
    """A model that is no more than a name and a key: all that a foreign key has to know of its target."""
    primary_key = key.clone() if key is not None else models.BigAutoField(primary_key=True)
    column = key.column if key is not None else "id"
    primary_key.db_column = column
    meta = type("Meta", (), {"app_label": LABEL, "apps": registry(), "db_table": db_table, "managed": False})
    return type(f"stub_{db_table}", (models.Model,), {"__module__": __name__, "Meta": meta, "pk_": primary_key})
