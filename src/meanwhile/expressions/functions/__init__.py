"""The functions that expressions can call. There are no others: no methods, nothing of Python's own.

Each takes what its docstring says; an empty value gives empty, unless the docstring says otherwise. The reference
page is made from ``functions_reference()``.
"""

from meanwhile.expressions.functions import dates, numbers, texts
from meanwhile.expressions.functions.listing import FUNCTIONS, Function

__all__ = ["FUNCTIONS", "Function", "dates", "functions_reference", "numbers", "texts"]


def functions_reference() -> list[Function]:
    """All functions, by group (text, number, date) in the order of their module; for the reference page and the
    editor's menu."""
    groups = ("text", "number", "date")
    return sorted(FUNCTIONS.values(), key=lambda function: groups.index(function.group))
