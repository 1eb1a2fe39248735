"""What published documents call that no code in this process registers: a process without it can only fail their jobs.

Documents are read as they are stored. One with a node type that is not installed could not be loaded at all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Q
from django.utils.translation import gettext as _

from meanwhile.definitions.identity import Plain, tree_of, type_of
from meanwhile.definitions.models import Application, Version
from meanwhile.definitions.problems import Loc, path_of
from meanwhile.plugins.choosing import Chooses
from meanwhile.plugins.contracts import NodeSettings
from meanwhile.plugins.functions import functions
from meanwhile.plugins.registry import nodes
from meanwhile.queue.pinning import pinned_versions

type Sort = Literal["function", "node type"]


@dataclass(frozen=True, slots=True)
class Unregistered:
    """A function or node type, and the first place at which ``version`` of ``application`` asks for it."""

    sort: Sort
    name: str
    application: str
    version: int
    place: str

    @property
    def sentence(self) -> str:
        """What is missing and where, for people."""
        if self.sort == "function":
            sentence = _('Version {number} of "{key}" calls the function "{name}", not registered here ({place}).')
        else:
            sentence = _('Version {number} of "{key}" has the node type "{name}", not installed here ({place}).')
        return sentence.format(number=self.version, key=self.application, name=self.name, place=self.place)

    @property
    def advice(self) -> str:
        """What to do about it."""
        if self.sort == "function":
            return _(
                "Name the file that registers it in MEANWHILE_FUNCTIONS (in a Django project: register it with "
                "@function in an installed application), here and for every worker."
            )
        return _("Install the application that has it, here and for every worker.")


def unregistered() -> list[Unregistered]:
    """Each one that a version in force asks for, or one that unfinished jobs are pinned to (of each of their states the
    first are looked at). Where several versions of an application do, the newest is told."""
    found: dict[tuple[str, Sort, str], Unregistered] = {}
    for version in _versions():
        key = version.application.key
        for loc, sort, name in _missing_in(version.document):
            if (key, sort, name) not in found:
                place = path_of(version.document, loc)
                found[key, sort, name] = Unregistered(sort, name, key, version.number, place)
    return list(found.values())


def _versions() -> Iterable[Version]:
    in_force = Application.objects.filter(current__isnull=False).values("current_id")
    wanted = Version.objects.filter(Q(pk__in=in_force) | Q(pk__in=pinned_versions()))
    return wanted.select_related("application").order_by("application__key", "-number").iterator(chunk_size=20)


def _missing_in(document: Plain) -> Iterator[tuple[Loc, Sort, str]]:
    for at, tree in _trees(document):
        for loc, node in _nodes(tree, at):
            yield from _missing_of(node, loc)


def _trees(document: Plain) -> Iterator[tuple[Loc, list[Plain]]]:
    for section in ("tables", "forms"):
        for key, owner in (document.get(section) or {}).items():
            for event, tree in ((owner or {}).get("events") or {}).items():
                yield (section, key, "events", event, "do"), tree_of(tree)


def _nodes(tree: Iterable[Plain], at: Loc) -> Iterator[tuple[Loc, Plain]]:
    """Every node that can be walked; what is disabled is passed over with all below it."""
    for position, node in enumerate(tree):
        if not node.get("disabled"):
            yield (*at, position), node
            for side in ("do", "otherwise"):
                yield from _nodes(node.get(side) or (), (*at, position, side))


def _missing_of(node: Plain, loc: Loc) -> Iterator[tuple[Loc, Sort, str]]:
    type_ = type_of(node)
    plugin, given = nodes.get(type_), node[type_]
    if plugin is None:
        yield (*loc, type_), "node type", type_
        return
    settings = given if isinstance(given, dict) else {plugin.shorthand: given}
    for setting in _naming_functions(plugin.Settings):
        name = settings.get(setting)
        if isinstance(name, str) and name not in functions:
            yield (*loc, type_, setting), "function", name


def _naming_functions(settings: type[NodeSettings]) -> Iterator[str]:
    """The settings that name a function, by the same mark from which the designer knows what to offer."""
    for key, info in settings.model_fields.items():
        marks: list[Any] = info.metadata
        if any(isinstance(mark, Chooses) and mark.what == "function" for mark in marks):
            yield info.alias or key
