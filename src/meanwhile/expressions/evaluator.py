"""Evaluation by simpleeval, narrowed to what ``grammar`` lets through.

simpleeval walks the tree; what its nodes mean is replaced here wherever values matter: names are paths through
namespaces, functions are the listed ones and resolved beforehand, operators are exact and capped. Nothing of
simpleeval's own names, functions, methods or attribute access is left.
"""

import ast
import threading
from collections.abc import Mapping
from decimal import DecimalException
from typing import Any

import simpleeval
from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.expressions import values
from meanwhile.expressions.errors import EvaluationError
from meanwhile.expressions.functions import Function
from meanwhile.expressions.scope import ACTIVE, Namespace


class Path(ast.expr):
    """A name of the scope and the names below it."""

    root: str
    names: tuple[str, ...]


class ListedCall(ast.expr):
    """A call of a listed function with positional arguments."""

    function: Function
    arguments: tuple[ast.expr, ...]


OPERATORS: dict[type[ast.AST], Any] = {
    ast.Add: values.add,
    ast.Sub: values.subtract,
    ast.Mult: values.multiply,
    ast.Div: values.divide,
    ast.FloorDiv: values.floor_divide,
    ast.Mod: values.remainder,
    ast.Pow: values.power,
    ast.USub: values.negate,
    ast.UAdd: values.affirm,
    ast.Not: lambda value: not value,
    ast.Eq: values.equal,
    ast.NotEq: values.unequal,
    ast.Lt: values.less,
    ast.LtE: values.less_or_equal,
    ast.Gt: values.greater,
    ast.GtE: values.greater_or_equal,
    ast.In: values.contained,
    ast.NotIn: values.not_contained,
}


class _Evaluator(simpleeval.SimpleEval):  # type: ignore[misc]
    """One per thread; ``names`` is the scope of the evaluation at hand."""

    def __init__(self) -> None:
        super().__init__(operators=OPERATORS, functions={}, names={})
        self.nodes = {
            Path: self._eval_path,
            ListedCall: self._eval_listed_call,
            ast.Constant: self._eval_constant,
            ast.BoolOp: self._eval_boolop,
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.Compare: self._eval_compare,
            ast.IfExp: self._eval_ifexp,
            ast.List: self._eval_items,
            ast.Tuple: self._eval_items,
        }

    def _eval_path(self, node: Path) -> Any:
        return _followed(node, self.names)

    def _eval_listed_call(self, node: ListedCall) -> Any:
        return node.function.target(*[self._eval(argument) for argument in node.arguments])

    def _eval_items(self, node: ast.List | ast.Tuple) -> list[Any]:
        return [self._eval(element) for element in node.elts]


class _PerThread(threading.local):
    def __init__(self) -> None:
        self.evaluator = _Evaluator()


_per_thread = _PerThread()


def evaluate(tree: ast.expr, scope: Mapping[str, Any], source: str) -> Any:
    """The value of ``tree``, which ``grammar`` made. EvaluationError, or whatever reading the scope raised."""
    try:
        # Most expressions are no more than a path; simpleeval would take ten times as long to find that out.
        return _followed(tree, scope) if type(tree) is Path else _by_simpleeval(tree, scope, source)
    except EvaluationError as error:
        raise _placed(error.message, source) from error
    except MeanwhileError:
        raise
    except DecimalException as error:
        raise _placed(_("The number gets out of range."), source) from error
    except (ArithmeticError, TypeError, ValueError, RecursionError, simpleeval.InvalidExpression) as error:
        raise _placed(_("The values do not fit together: %s.") % str(error).rstrip("."), source) from error


def _by_simpleeval(tree: ast.expr, scope: Mapping[str, Any], source: str) -> Any:
    evaluator = _per_thread.evaluator
    before, outer = evaluator.names, ACTIVE.scope
    evaluator.names = ACTIVE.scope = scope
    try:
        return evaluator.eval(source, tree)
    finally:
        evaluator.names, ACTIVE.scope = before, outer


def _followed(path: Path, scope: Mapping[str, Any]) -> Any:
    value = scope.get(path.root)
    for name in path.names:
        if value is None:
            return None
        if not isinstance(value, Namespace):
            raise EvaluationError(
                _('"%(name)s" cannot be read of %(kind)s.') % {"name": name, "kind": values.kind(value)}
            )
        value = value.get(name)
    return values.plain(value)


def _placed(sentence: str, source: str) -> EvaluationError:
    return EvaluationError(_('%(sentence)s In "%(source)s".') % {"sentence": sentence, "source": source.strip()})
