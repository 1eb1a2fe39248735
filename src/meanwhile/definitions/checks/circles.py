"""Events that start themselves again, at once or by way of others: the engine stops them when they get too deep."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from meanwhile.definitions.checked import Checked
from meanwhile.definitions.checks.races import warning
from meanwhile.definitions.checks.walks import Visit, Walk
from meanwhile.definitions.problems import Finding, Mend

type Starting = Mapping[str, list[tuple[Visit, str]]]


def findings(checked: Checked, walks: list[Walk]) -> Iterator[Finding]:
    starting = {
        walk.tree.event: [(visit, event) for visit in walk.visits for event in sorted(visit.triggers(walk.tree.table))]
        for walk in walks
    }
    for event, visits in starting.items():
        for visit, started in visits:
            if way := _way(starting, started, event):
                yield _circle(visit, (event, *way))


def _circle(visit: Visit, way: tuple[str, ...]) -> Finding:
    message = _("“{title}” starts the event again in which it stands: {way}. A condition has to end that.")
    text = message.format(title=visit.title, way=" > ".join(way))
    return warning(visit.at, text, Mend(_("Switch it off"), "switch_off", visit.loc))


def _way(starting: Starting, start: str, goal: str, seen: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The events from ``start`` to ``goal``, both named; empty where none leads there."""
    if start == goal:
        return (goal,)
    if start in seen:
        return ()
    for _visit, following in starting.get(start, ()):
        if way := _way(starting, following, goal, (*seen, start)):
            return (start, *way)
    return ()
