"""The Python module beside a document: ``functions.py``, whose ``@function``\\ s the document may call.

Only the command line loads it, since whoever starts a command on a file trusts what lies beside it. Child processes
get the paths through ``MEANWHILE_FUNCTIONS``.
"""

import os
import sys
from collections.abc import Iterable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from django.utils.translation import gettext as _

from meanwhile.core.errors import PermanentError
from meanwhile.plugins.functions import Function, functions

VARIABLE = "MEANWHILE_FUNCTIONS"


class FunctionsNotLoaded(PermanentError):
    """A file of functions cannot be imported, or takes a name that another one has."""


def load_beside(documents: Iterable[Path]) -> None:
    """Load the ``functions.py`` beside each of ``documents`` where there is one, here and in children to come."""
    paths = [document.resolve().with_name("functions.py") for document in documents]
    present = [path for path in dict.fromkeys(paths) if path.exists()]
    known = [Path(path) for path in os.environ.get(VARIABLE, "").split(os.pathsep) if path]
    for path in present:
        _load(path)
    if everything := dict.fromkeys([*known, *present]):
        os.environ[VARIABLE] = os.pathsep.join(map(str, everything))


def load_from_environment() -> None:
    """Load the modules that ``MEANWHILE_FUNCTIONS`` names."""
    for path in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        _load(Path(path))


def _load(path: Path) -> None:
    """Import the file at ``path`` once. FunctionsNotLoaded when it fails or takes a name that another one has."""
    name = f"meanwhile_functions_of_{path.parent.name}_{abs(hash(path)):x}"
    if name in sys.modules:
        return
    before = dict(functions)
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise FunctionsNotLoaded(_("{path} is not a Python file.").format(path=path))
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise FunctionsNotLoaded(
            _("{path} cannot be imported: {kind}: {error}").format(path=path, kind=type(error).__name__, error=error)
        ) from error
    _refuse_taken_names(path, before)


def _refuse_taken_names(path: Path, before: dict[str, Function]) -> None:
    for name, function in before.items():
        if functions[name].target is not function.target:
            raise FunctionsNotLoaded(
                _('{path} registers the function "{name}", which {other} has registered already.').format(
                    path=path, name=name, other=function.target.__code__.co_filename
                )
            )
