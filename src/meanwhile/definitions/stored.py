"""How a document is kept in the database: as JSON that brings back the order of its keys, which people see."""

from typing import Any

from django.db import models

from meanwhile.core import exact_json


class DocumentField(models.JSONField):
    """A JSON column whose mappings keep their order.

    PostgreSQL's ``jsonb`` sorts keys, but fields stand in the order in which they were written. So the column holds
    one JSON string, with exact JSON inside.
    """

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        text = None if value is None else exact_json.dumps(value)
        return super().get_db_prep_value(text, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        return exact_json.loads(text) if isinstance(text, str) else text

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """For migrations it is any JSON column."""
        name, _path, arguments, keywords = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, keywords
