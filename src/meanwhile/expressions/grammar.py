"""From the source of an expression to the tree that is evaluated. What is not listed here is refused.

Python's own parser reads the source; then every node of its tree is held against the allow-list, and replaced
where it needs more than Python's meaning: decimals for fractions, paths for names, listed functions for calls.
"""

import ast
import threading
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meanwhile.expressions import limits
from meanwhile.expressions.errors import EvaluationError, ExpressionError, refuse
from meanwhile.expressions.evaluator import OPERATORS, ListedCall, Path
from meanwhile.expressions.functions import FUNCTIONS, Function
from meanwhile.expressions.functions.texts import check_pattern
from meanwhile.expressions.nearest import nearest
from meanwhile.expressions.scanning import outside_quotes
from meanwhile.expressions.scope import NAMESPACES, ROOTS
from meanwhile.expressions.values import sized

# Words that people bring along from YAML and JSON.
_CONSTANTS = {"true": True, "false": False, "null": None, "none": None, "empty": None}

_REASONS: dict[type[ast.AST], Any] = {
    ast.JoinedStr: gettext_lazy("A text with f in front is not allowed; join texts with +."),
    ast.Lambda: gettext_lazy("A lambda is not allowed."),
    ast.NamedExpr: gettext_lazy("An expression cannot assign; compare with ==."),
    ast.ListComp: gettext_lazy("A loop is not allowed."),
    ast.SetComp: gettext_lazy("A loop is not allowed."),
    ast.DictComp: gettext_lazy("A loop is not allowed."),
    ast.GeneratorExp: gettext_lazy("A loop is not allowed."),
    ast.Subscript: gettext_lazy("Square brackets behind a value are not allowed; use item(), left() or right()."),
    ast.Dict: gettext_lazy("Braces are not allowed."),
    ast.Set: gettext_lazy("Braces are not allowed; write a list with square brackets."),
    ast.Starred: gettext_lazy("A star in front of a value is not allowed."),
    ast.Await: gettext_lazy("await is not allowed."),
    ast.Yield: gettext_lazy("yield is not allowed."),
    ast.YieldFrom: gettext_lazy("yield is not allowed."),
}
_OPERATOR_REASONS: dict[type[ast.AST], Any] = {
    ast.Is: gettext_lazy('"is" is not allowed; write ==.'),
    ast.IsNot: gettext_lazy('"is not" is not allowed; write !=.'),
    ast.BitAnd: gettext_lazy('"&" is not allowed; write "and".'),
    ast.BitOr: gettext_lazy('"|" is not allowed; write "or".'),
    ast.Invert: gettext_lazy('"~" is not allowed; write "not".'),
}
# What people write who know other languages.
_FOREIGN = {
    "&&": gettext_lazy('"&&" is not allowed; write "and".'),
    "||": gettext_lazy('"||" is not allowed; write "or".'),
    "<>": gettext_lazy('"<>" is not allowed; write "!=".'),
}

# ``warnings.catch_warnings`` is for one thread at a time.
_parsing = threading.Lock()


class Reader:
    """Reads one source. Afterwards ``paths`` holds what it names and ``pages`` the pages that it links to."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.paths: set[tuple[str, ...]] = set()
        self.pages: set[str] = set()
        # Only blanks at the end and at the start are cut; line breaks become blanks, so that places stay the same.
        self._text = source.translate({10: " ", 13: " ", 9: " "})
        self._start = len(self._text) - len(self._text.lstrip(" "))
        self._bytes = b""

    def read(self) -> ast.expr:
        """The tree to evaluate. ExpressionError for anything that is not allowed."""
        self._check_text()
        return self._node(self._parse(), 1)

    def _check_text(self) -> None:
        if len(self.source) > limits.SOURCE_LENGTH:
            raise self._refuse(_("The expression is longer than %d characters.") % limits.SOURCE_LENGTH, 0)
        if not self._text.strip(" "):
            raise self._refuse(_("The expression is empty."), 0)
        for place, character in enumerate(self._text):
            if character < " " or "\ud800" <= character <= "\udfff":
                raise self._refuse(_("There is a character that cannot be part of an expression."), place)
        for place in outside_quotes(self._text):
            if self._text[place] in "#\\;":
                raise self._refuse(_('"%s" is not allowed here.') % self._text[place], place)
            if self._text[place] == "=" and self._is_lone_equals(place):
                raise self._refuse(_("An expression cannot assign; compare with ==."), place)
            if reason := _FOREIGN.get(self._text[place : place + 2]):
                raise self._refuse(reason, place)

    def _is_lone_equals(self, place: int) -> bool:
        before, after = self._text[place - 1 : place], self._text[place + 1 : place + 2]
        return after != "=" and before not in ("=", "!", "<", ">", ":")

    def _parse(self) -> ast.expr:
        text = self._text.strip(" ")
        self._bytes = text.encode()
        try:
            with _parsing, warnings.catch_warnings():
                # Python warns of a backslash that means nothing; here that is an error on every version.
                warnings.simplefilter("error")
                return ast.parse(text, mode="eval").body
        except SyntaxError as error:
            # Python's own place for what ends too early is 0.
            place = (error.offset or len(text.rstrip()) + 1) - 1
            raise self._refuse(_syntax_reason(error), self._start + place) from None
        except (RecursionError, MemoryError):
            raise self._refuse(_("The expression is nested too deeply."), self._start) from None
        except ValueError:
            raise self._refuse(_("The expression cannot be read."), self._start) from None

    def _node(self, node: ast.expr, depth: int) -> ast.expr:
        if depth > limits.NESTING:
            raise self._refuse_at(_("The expression is nested too deeply."), node)
        if method := _METHODS.get(type(node)):
            return method(self, node, depth + 1)
        reason = _REASONS.get(type(node)) or _('"%s" is not allowed.') % type(node).__name__
        raise self._refuse_at(reason, node)

    def _constant(self, node: ast.Constant, depth: int) -> ast.expr:
        value: Any = node.value
        if isinstance(value, float):
            value = Decimal(self._written(node).replace("_", ""))
            node = ast.copy_location(ast.Constant(value), node)
        if value is not None and not isinstance(value, (str, bool, int, Decimal)):
            raise self._refuse_at(_("Only texts, numbers, True, False and None can be written here."), node)
        try:
            sized(value)
        except EvaluationError as error:
            raise self._refuse_at(error.message, node) from None
        if isinstance(value, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
            raise self._refuse_at(_("The text has a character that no field can keep."), node)
        return node

    def _path(self, node: ast.Name | ast.Attribute, depth: int) -> ast.expr:
        names: list[str] = []
        place: ast.expr = node
        while isinstance(place, ast.Attribute):
            if place.attr.startswith("_") or not place.attr.isascii():
                raise self._refuse_at(_('"%s" is not the name of a field.') % place.attr, place)
            names.insert(0, place.attr)
            place = place.value
        if not isinstance(place, ast.Name):
            raise self._refuse_at(
                _('A value has no "%(name)s"; only records, the event and the user have names below them.')
                % {"name": names[-1]},
                node,
            )
        if not names and place.id in _CONSTANTS:
            return ast.copy_location(ast.Constant(_CONSTANTS[place.id]), node)
        self._check_root(place, names)
        if len(names) >= limits.NESTING:
            raise self._refuse_at(_("The expression is nested too deeply."), node)
        return self._made_path(place.id, tuple(names), node)

    def _made_path(self, root: str, names: tuple[str, ...], node: ast.expr) -> Path:
        path = ast.copy_location(Path(), node)
        path.root, path.names = root, names
        self.paths.add((root, *names))
        return path

    def _check_root(self, name: ast.Name, names: list[str]) -> None:
        if name.id in FUNCTIONS and name.id not in ROOTS:
            raise self._refuse_at(_('"%s" is a function; call it with (…).') % name.id, name)
        if name.id not in ROOTS:
            hint = nearest(name.id, ROOTS)
            ending = _('Did you mean "%s"?') % hint if hint else _("Known are: %s.") % ", ".join(ROOTS)
            raise self._refuse_at(_('Unknown name "%(name)s".') % {"name": name.id} + " " + ending, name)
        if names and name.id not in NAMESPACES:
            raise self._refuse_at(_('"%s" is a value; it has no names below it.') % name.id, name)
        if not names and name.id in NAMESPACES and name.id != "user":
            raise self._refuse_at(
                _('"%(name)s" alone is not a value; name a field, such as %(name)s.id.') % {"name": name.id}, name
            )

    def _call(self, node: ast.Call, depth: int) -> ast.expr:
        if isinstance(node.func, ast.Attribute):
            raise self._refuse_at(
                _('Values have no methods; "%s" cannot be called. Use a listed function.') % node.func.attr, node.func
            )
        if not isinstance(node.func, ast.Name):
            raise self._refuse_at(_("Only listed functions can be called."), node.func)
        function = self._function(node.func)
        self._check_arguments(node, function)
        call = ast.copy_location(ListedCall(), node)
        call.function = function
        call.arguments = tuple(self._node(argument, depth) for argument in node.args)
        self._note_texts(function, node.args)
        return call

    def _function(self, name: ast.Name) -> Function:
        if found := FUNCTIONS.get(name.id):
            return found
        hint = nearest(name.id, FUNCTIONS)
        ending = _('Did you mean "%s"?') % hint if hint else _("Known are: %s.") % ", ".join(sorted(FUNCTIONS))
        raise self._refuse_at(_('Unknown function "%s".') % name.id + " " + ending, name)

    def _check_arguments(self, node: ast.Call, function: Function) -> None:
        if node.keywords:
            raise self._refuse_at(_("Arguments have no names: %s.") % function.signature, node.keywords[0].value)
        least, most = function.takes
        starred = next((argument for argument in node.args if isinstance(argument, ast.Starred)), None)
        if starred is None and not (least <= len(node.args) and (most is None or len(node.args) <= most)):
            raise self._refuse_at(
                _("%(signature)s does not take %(count)d arguments.")
                % {"signature": function.signature, "count": len(node.args)},
                node,
            )

    def _note_texts(self, function: Function, arguments: list[ast.expr]) -> None:
        """What can be known of the written arguments: a page that is linked to, a pattern that is none."""
        written = arguments[-1].value if arguments and isinstance(arguments[-1], ast.Constant) else None
        if not isinstance(written, str):
            return
        if function.name == "link":
            self.pages.add(written)
        if function.name == "matches":
            try:
                check_pattern(written)
            except EvaluationError as error:
                raise self._refuse_at(error.message, arguments[-1]) from None

    def _unary(self, node: ast.UnaryOp, depth: int) -> ast.expr:
        self._check_operator(node.op, node)
        node.operand = self._node(node.operand, depth)
        return node

    def _binary(self, node: ast.BinOp, depth: int) -> ast.expr:
        self._check_operator(node.op, node.right)
        node.left, node.right = self._node(node.left, depth), self._node(node.right, depth)
        if isinstance(node.op, (ast.Mult, ast.Mod)):
            for side in (node.left, node.right):
                if isinstance(side, (ast.List, ast.Tuple)) or _is_text(side):
                    raise self._refuse_at(_("A text or a list cannot be multiplied or divided."), side)
        return node

    def _bool(self, node: ast.BoolOp, depth: int) -> ast.expr:
        node.values = [self._node(value, depth) for value in node.values]
        return node

    def _compare(self, node: ast.Compare, depth: int) -> ast.expr:
        for operator, right in zip(node.ops, node.comparators, strict=True):
            self._check_operator(operator, right)
        node.left = self._node(node.left, depth)
        node.comparators = [self._node(value, depth) for value in node.comparators]
        return node

    def _if(self, node: ast.IfExp, depth: int) -> ast.expr:
        node.test, node.body, node.orelse = (self._node(part, depth) for part in (node.test, node.body, node.orelse))
        return node

    def _items(self, node: ast.List | ast.Tuple, depth: int) -> ast.expr:
        node.elts = [self._node(element, depth) for element in node.elts]
        return node

    def _check_operator(self, operator: ast.AST, near: ast.expr) -> None:
        if type(operator) not in OPERATORS:
            reason = _OPERATOR_REASONS.get(type(operator)) or _("The operator is not allowed.")
            raise self._refuse_at(reason, near)

    def _written(self, node: ast.expr) -> str:
        return self._bytes[node.col_offset : node.end_col_offset].decode()

    def _refuse_at(self, reason: Any, node: ast.expr) -> ExpressionError:
        # Python counts bytes, people count characters.
        return self._refuse(reason, self._start + len(self._bytes[: node.col_offset].decode(errors="ignore")))

    def _refuse(self, reason: Any, offset: int) -> ExpressionError:
        return refuse(str(reason), self.source, offset)


_METHODS: dict[type[ast.AST], Callable[[Reader, Any, int], ast.expr]] = {
    ast.Constant: Reader._constant,
    ast.Name: Reader._path,
    ast.Attribute: Reader._path,
    ast.Call: Reader._call,
    ast.UnaryOp: Reader._unary,
    ast.BinOp: Reader._binary,
    ast.BoolOp: Reader._bool,
    ast.Compare: Reader._compare,
    ast.IfExp: Reader._if,
    ast.List: Reader._items,
    ast.Tuple: Reader._items,
}


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _syntax_reason(error: SyntaxError) -> str:
    """Python's reason as a sentence of ours where its own would mislead."""
    reason = error.msg or ""
    if "'=='" in reason or "assign" in reason:
        return _("An expression cannot assign; compare with ==.")
    if "escape" in reason:
        return _('A backslash in a text needs r in front of the quotes: r"…".')
    if "nested" in reason:
        return _("The expression is nested too deeply.")
    if "never closed" in reason or "unterminated" in reason or "EOF" in reason:
        return _("A bracket or a quote is not closed.")
    if "bytes can only" in reason:
        return _("Only texts, numbers, True, False and None can be written here.")
    if not error.offset:
        return _("The expression ends too early.")
    return _("This is not an expression: %s.") % reason.rstrip(".")
