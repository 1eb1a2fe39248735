"""Marks for settings that name something of the document, so that a designer picks it from a list.

They say nothing to pydantic, and nothing to the JSON Schema: a file may still name what does not exist, which the
plugin's own ``check`` refuses with the nearest that does::

    field: Annotated[str, Chooses("date_field")] = Field(description="Key of a date field.")
"""

from dataclasses import dataclass
from typing import Literal

# What a text setting, or each name of a mapping, is a key of. Fields are those of the event's own table; those of a
# ``linked_field`` of the table named in the sibling setting ``table``. An ``event`` is a custom event of the table. An
# ``argument`` is one of the function named in the sibling ``function``, a ``parameter`` one of the sibling ``event``.
# A ``queue`` may also be new.
type Choosable = Literal[
    "field",
    "link_field",
    "date_field",
    "boolean_field",
    "linked_field",
    "table",
    "event",
    "function",
    "argument",
    "parameter",
    "queue",
]


@dataclass(frozen=True, slots=True)
class Chooses:
    """In ``Annotated``: the text, or each name of the mapping, is a key of this sort."""

    what: Choosable


@dataclass(frozen=True, slots=True)
class ValueFor:
    """In ``Annotated``: the value goes into the field that the sibling ``setting`` names, and is of its type."""

    setting: str


__all__ = ["Choosable", "Chooses", "ValueFor"]
