"""What is installed is pinned, all of it, and says nothing about where it comes from."""

import re
import tomllib
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
LINES = (ROOT / "constraints.txt").read_text().splitlines()


def test_constraints_are_names_and_versions_and_nothing_else() -> None:
    assert [line for line in LINES if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._+!-]+", line)] == []


def test_everything_that_is_needed_is_pinned() -> None:
    pinned = {canonicalize_name(line.partition("==")[0]) for line in LINES}
    assert _needed() - pinned == set()


def _needed() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]
    found: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        requirement = wanted.pop()
        place = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if place not in seen:
            seen.add(place)
            found.add(place[0])
            wanted += [inner for inner in map(Requirement, requires(place[0]) or []) if _holds(inner, requirement)]
    return found


def _holds(inner: Requirement, outer: Requirement) -> bool:
    return inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in outer.extras or {""})
