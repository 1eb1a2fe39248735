"""Python functions that a document can call: registered by installed code, never found by name.

An application's ``meanwhile_functions`` module is imported when Django starts::

    from meanwhile import function

    @function
    def fare_quote(seats: int, class_: str = "economy") -> Decimal: ...

Arguments are typed: what the document passes is converted by pydantic before the function sees it.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, overload

from pydantic import ConfigDict, ValidationError, validate_call

from meanwhile.core.errors import NotRegistered, PermanentError

_functions: dict[str, "Function"] = {}
functions = MappingProxyType(_functions)


@dataclass(frozen=True, slots=True)
class Function:
    """A registered function.

    With an effect (the default) it runs in a pool thread, at least once, and may use the database on its own.
    Without, it runs inside the transaction, exactly once, and only returns values. ``own_process``: an effect that
    runs in a process of its own, which is ended when its time is up.
    """

    name: str
    target: Callable[..., Any]
    effect: bool
    timeout_seconds: float | None
    signature: inspect.Signature
    own_process: bool = False

    def check_names(self, names: Mapping[str, Any]) -> str | None:
        """What is wrong with the argument names ``names``, as a sentence; None when nothing is."""
        try:
            self.signature.bind(**names)
        except TypeError as error:
            return f'Function "{self.name}": {error}.'
        return None

    def __call__(self, arguments: Mapping[str, Any]) -> Any:
        """Call it. PermanentError when an argument does not fit its type."""
        try:
            return _validated(self)(**arguments)
        except ValidationError as error:
            if error.title != _title(self.target):
                raise
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise PermanentError(
                f'Function "{self.name}": argument "{place}": {first["msg"]}.', function=self.name
            ) from error


_validating: dict[str, Callable[..., Any]] = {}


def _validated(function: Function) -> Callable[..., Any]:
    if function.name not in _validating:
        config = ConfigDict(arbitrary_types_allowed=True)
        _validating[function.name] = validate_call(config=config)(function.target)
    return _validating[function.name]


def _title(target: Callable[..., Any]) -> str:
    return target.__qualname__


@overload
def function[F: Callable[..., Any]](target: F, /) -> F: ...
@overload
def function[F: Callable[..., Any]](
    *, effect: bool = True, name: str | None = None, timeout_seconds: float | None = None, own_process: bool = False
) -> Callable[[F], F]: ...


def function(
    target: Any = None,
    /,
    *,
    effect: bool = True,
    name: str | None = None,
    timeout_seconds: float | None = None,
    own_process: bool = False,
) -> Any:
    """Register a function for documents; ``@function`` or ``@function(effect=False)``.

    ``effect=False``: it runs inside the transaction, exactly once, and must not act on anything outside it.
    ``timeout_seconds``: its time limit; without one, the site's ``effect_seconds`` or ``inline_function_seconds``.
    ``own_process=True``: it may hang for good, in a driver or in C code. It runs in a process of its own, which is
    killed when its time is up; arguments and answer travel by pickle. A thread can only be given up.
    """
    if own_process and not effect:
        raise TypeError("A function without an effect runs inside the transaction; it has no process of its own.")

    def register(target: Callable[..., Any]) -> Callable[..., Any]:
        word = name or target.__name__
        _validating.pop(word, None)
        _functions[word] = Function(word, target, effect, timeout_seconds, inspect.signature(target), own_process)
        return target

    return register if target is None else register(target)


def find(name: str) -> Function:
    """The function of that name. NotRegistered, with the nearest name, where this process has none."""
    if found := _functions.get(name):
        return found
    near = get_close_matches(name, _functions, 1)
    register = "Register it with @function in an installed application, or name its file in MEANWHILE_FUNCTIONS."
    hint = f' Did you mean "{near[0]}"?' if near else f" {register}"
    raise NotRegistered(f'Unknown function "{name}".{hint}', function=name)
