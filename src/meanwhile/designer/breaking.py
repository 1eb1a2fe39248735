"""What a change would break: the errors that a draft has after it and has not before."""

from meanwhile.definitions.drafts import Change, Working
from meanwhile.definitions.inspection import inspect
from meanwhile.definitions.problems import Located


def broken_by(working: Working, make: Change) -> list[Located]:
    """Every error that ``make`` adds. So nothing that names a thing is forgotten: expressions, forms, pages, trees."""
    before = {(problem.path, problem.message) for problem in working.inspection.errors}
    return [
        problem for problem in inspect(make(working.document)).errors if (problem.path, problem.message) not in before
    ]
