"""What can be wrong with an expression: when it is compiled, and when it is evaluated."""

from django.utils.translation import gettext as _

from meanwhile.core.errors import PermanentError


class ExpressionError(PermanentError):
    """An expression or a text with placeholders that is not allowed or not complete.

    ``reason`` is a sentence; ``line`` and ``column`` count from 1 within the source; ``message`` holds them all.
    """

    def __init__(self, reason: str, column: int, line: int = 1) -> None:
        if line > 1:
            place = _("line %(line)d, column %(column)d") % {"line": line, "column": column}
        else:
            place = _("column %(column)d") % {"column": column}
        super().__init__(f"{reason} ({place})", column=column, line=line)
        self.reason = reason
        self.column = column
        self.line = line


class EvaluationError(PermanentError):
    """An expression met values that it cannot work with, such as text where a number is wanted."""


def place_of(source: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at ``offset``."""
    before = source[: max(0, min(offset, len(source)))]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def refuse(reason: str, source: str, offset: int) -> ExpressionError:
    """The error for the character at ``offset`` of ``source``."""
    line, column = place_of(source, offset)
    return ExpressionError(str(reason), column, line)
