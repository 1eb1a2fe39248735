"""Examples to start from: documents that lie in this package."""

from pathlib import Path
from typing import Any

from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions.loading import load_file

_FOLDER = Path(__file__).parent
NAMES = ("booking",)


def starter(name: str) -> dict[str, Any]:
    """The document of that name, as plain values. MissingDefinition where there is none."""
    if name not in NAMES:
        raise MissingDefinition(f"There is no starter of the name {name[:80]!r}.", name=name)
    return load_file(_FOLDER / f"{name}.yaml").plain
