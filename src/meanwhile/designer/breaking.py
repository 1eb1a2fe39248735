"""What a change would break: the errors that a draft has after it and has not before."""

from collections.abc import Callable
from typing import Any

from meanwhile.definitions.inspection import inspect
from meanwhile.definitions.problems import Located

type Plain = dict[str, Any]


def broken_by(plain: Plain, make: Callable[[Plain], Plain]) -> list[Located]:
    """Every error that ``make`` adds. So nothing that names a thing is forgotten: expressions, forms, pages, trees."""
    before = {(problem.path, problem.message) for problem in inspect(plain).errors}
    return [problem for problem in inspect(make(plain)).errors if (problem.path, problem.message) not in before]
