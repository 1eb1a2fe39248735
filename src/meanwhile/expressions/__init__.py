"""Expressions and texts with placeholders: all that a document can compute.

A subset of Python's syntax without its reach: names of the scope, listed functions, exact numbers. Compiled once,
evaluated often. ``docs/reference/expressions.md`` is made from ``functions_reference()``.
"""

from meanwhile.expressions.errors import EvaluationError, ExpressionError
from meanwhile.expressions.expression import Expression, compile_expression
from meanwhile.expressions.functions import Function, functions_reference
from meanwhile.expressions.nearest import nearest
from meanwhile.expressions.scope import Namespace
from meanwhile.expressions.settings import (
    ExpressionSetting,
    TextSetting,
    ValueSetting,
    expressions_in,
    is_literal,
    value_of,
)
from meanwhile.expressions.template import Template, compile_template

__all__ = [
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "ExpressionSetting",
    "Function",
    "Namespace",
    "Template",
    "TextSetting",
    "ValueSetting",
    "compile_expression",
    "compile_template",
    "expressions_in",
    "functions_reference",
    "is_literal",
    "nearest",
    "value_of",
]
