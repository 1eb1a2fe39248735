"""Texts with placeholders: ``Dear {{ record.name }}``."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from meanwhile.expressions import limits
from meanwhile.expressions.errors import EvaluationError, ExpressionError, place_of, refuse
from meanwhile.expressions.expression import Compiled, Expression, compile_expression, text_schema
from meanwhile.expressions.rendering import readable
from meanwhile.expressions.scanning import outside_quotes
from meanwhile.expressions.scope import ACTIVE, active_zone


class Template(Compiled):
    """A text with any number of placeholders. ``parts``: its plain pieces and expressions in turn."""

    __slots__ = ("_only", "parts")

    def __init__(self, source: str) -> None:
        if len(source) > limits.TEMPLATE_LENGTH:
            raise refuse(_("The text is longer than %d characters.") % limits.TEMPLATE_LENGTH, source, 0)
        self.source = source
        self.parts: tuple[str | Expression, ...] = tuple(_parts(source))
        self._only = _only_expression(self.parts)
        self.paths = frozenset(path for part in self.expressions for path in part.paths)
        self.pages = frozenset(page for part in self.expressions for page in part.pages)

    def __reduce__(self) -> Any:
        return compile_template, (self.source,)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Its placeholders, in order."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    @property
    def is_plain(self) -> bool:
        """Whether it has no placeholder, so that it is the same text always."""
        return not any(isinstance(part, Expression) for part in self.parts)

    def render(self, scope: Mapping[str, Any], escape: Callable[[str], str] | None = None) -> str:
        """The text with its placeholders filled in. ``escape`` is applied to what fills them, such as html.escape."""
        pieces: list[str] = []
        length = 0
        for part in self.parts:
            piece = part if isinstance(part, str) else _shown(part.evaluate(scope), scope, escape)
            length += len(piece)
            if length > limits.RENDERED_LENGTH:
                raise EvaluationError(_("The text gets longer than %d characters.") % limits.RENDERED_LENGTH)
            pieces.append(piece)
        return "".join(pieces)

    def value(self, scope: Mapping[str, Any]) -> Any:
        """What the text stands for: one placeholder and nothing else keeps the type of its value."""
        return self._only.evaluate(scope) if self._only is not None else self.render(scope)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return text_schema(cls, compile_template)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "template", "description": "A text; {{ expression }} is a placeholder."}


@lru_cache(maxsize=4096)
def compile_template(source: str) -> Template:
    """The text with placeholders that ``source`` spells. ExpressionError with the place within the whole text."""
    return Template(source)


def _parts(source: str) -> list[str | Expression]:
    parts: list[str | Expression] = []
    place = 0
    while (opening := source.find("{{", place)) >= 0:
        closing = _closing(source, opening)
        if opening > place:
            parts.append(source[place:opening])
        parts.append(_placeholder(source, opening + 2, closing))
        place = closing + 2
    if place < len(source) or not parts:
        parts.append(source[place:])
    return parts


def _closing(source: str, opening: int) -> int:
    """The place of the ``}}`` that ends the placeholder; quoted texts within it may hold braces."""
    for place in outside_quotes(source, opening + 2):
        if source.startswith("}}", place):
            return place
        if source.startswith("{{", place):
            break
        if place - opening > limits.SOURCE_LENGTH + 2:
            break
    raise refuse(_('The placeholder "{{" is not closed with "}}".'), source, opening)


def _placeholder(source: str, start: int, end: int) -> Expression:
    """The expression between ``start`` and ``end``; its errors are placed within the whole text."""
    try:
        return compile_expression(source[start:end])
    except ExpressionError as error:
        inner = source[start:end].split("\n")
        offset = start + sum(len(line) + 1 for line in inner[: error.line - 1]) + error.column - 1
        line, column = place_of(source, offset)
        raise ExpressionError(error.reason, column, line) from None


def _only_expression(parts: tuple[str | Expression, ...]) -> Expression | None:
    meaningful = [part for part in parts if isinstance(part, Expression) or part.strip()]
    return meaningful[0] if len(meaningful) == 1 and isinstance(meaningful[0], Expression) else None


def _shown(value: Any, scope: Mapping[str, Any], escape: Callable[[str], str] | None) -> str:
    if type(value) is str:  # as nearly all are
        return escape(value) if escape else value
    outer = ACTIVE.scope
    ACTIVE.scope = scope
    try:
        text = readable(value, active_zone())
    except (RecursionError, OverflowError, ValueError) as error:
        raise EvaluationError(_("A value cannot be shown: %s.") % error) from error
    finally:
        ACTIVE.scope = outer
    return escape(text) if escape else text
