"""One compiled expression."""

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from meanwhile.expressions.errors import ExpressionError
from meanwhile.expressions.evaluator import evaluate
from meanwhile.expressions.grammar import Reader


class Compiled:
    """What expressions and texts with placeholders have in common. ``source`` as it was written.

    ``paths``: everything that it names, such as ``("record", "customer", "name")``. ``pages``: the keys of the pages
    that it links to, as far as they are written out. Never changed; equal where the sources are.
    """

    __slots__ = ("pages", "paths", "source")

    source: str
    paths: frozenset[tuple[str, ...]]
    pages: frozenset[str]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.source == other.source

    def __hash__(self) -> int:
        return hash((type(self), self.source))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.source!r}>"

    def __str__(self) -> str:
        return self.source

    def __copy__(self) -> "Compiled":
        return self

    def __deepcopy__(self, memo: Any) -> "Compiled":
        return self


class Expression(Compiled):
    """An expression such as ``record.seats > 4 and record.status == "New"``."""

    __slots__ = ("_tree",)

    def __init__(self, source: str) -> None:
        reader = Reader(source)
        self._tree: ast.expr = reader.read()
        self.source = source
        self.paths = frozenset(reader.paths)
        self.pages = frozenset(reader.pages)

    def __reduce__(self) -> Any:
        return compile_expression, (self.source,)

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """Its value. EvaluationError where the values do not fit; what reading the scope raises passes through."""
        return evaluate(self._tree, scope, self.source)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return text_schema(cls, compile_expression)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "expression", "description": "An expression."}


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """The expression that ``source`` spells. ExpressionError with the place for anything that is not allowed."""
    return Expression(source)


def text_schema[C: Compiled](kind: type[C], compile_: Callable[[str], C]) -> core_schema.CoreSchema:
    """How pydantic reads and writes a compiled text: from its source and to exactly its source."""

    def validate(value: Any) -> C:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise PydanticCustomError("string_type", "Input should be a text; put quotes around it")
        return compile_for_pydantic(compile_, value)

    return core_schema.no_info_plain_validator_function(
        validate, serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.source)
    )


def compile_for_pydantic[C: Compiled](compile_: Callable[[str], C], source: str) -> C:
    """Compile, with an ExpressionError turned into pydantic's; its ``ctx`` holds reason, line and column."""
    try:
        return compile_(source)
    except ExpressionError as error:
        context = {"reason": error.message, "line": error.line, "column": error.column}
        raise PydanticCustomError("expression", "{reason}", context) from error
