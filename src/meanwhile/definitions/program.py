"""Published versions, compiled: tables as models, trees with their nodes linked. Immutable, cached by version id.

A request or a worker asks for a ``Program`` and never for a document; the same version is built once per process.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from threading import Lock
from types import MappingProxyType
from typing import Any, NoReturn

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.utils.translation import gettext as _

from meanwhile.core.errors import MissingDefinition
from meanwhile.definitions.document import Document, FormDef, NodeDef, PageDef, TreeDef, title_of
from meanwhile.definitions.loading import load_plain
from meanwhile.definitions.models import Application, Version
from meanwhile.definitions.nodes import Kind
from meanwhile.plugins.contracts import Action, NodeSettings
from meanwhile.queue.database import Parameters, fetch
from meanwhile.tables.table import Table, build_table


@dataclass(frozen=True, slots=True, eq=False)
class CompiledNode:
    """A node of a tree, with its neighbours. ``following``: its next sibling."""

    id: str
    type: str
    # One of ``kind``: a Condition, an Execution or an Action.
    plugin: Any
    settings: NodeSettings
    name: str
    disabled: bool
    parent: "CompiledNode | None"
    # Asked at every visit; finding them out costs more than visiting.
    kind: Kind
    needs_database: bool
    # Filled once, while the tree is compiled.
    do: "tuple[CompiledNode, ...]" = ()
    otherwise: "tuple[CompiledNode, ...]" = ()
    following: "CompiledNode | None" = None

    @property
    def has_effect(self) -> bool:
        """Whether it acts outside the transaction. Asked anew: a function may be registered after this was compiled."""
        return self.kind == "action" and bool(self.plugin.has_effect(self.settings))

    @property
    def runs_on_database(self) -> bool:
        """Whether it touches the database itself inside the transaction. What has an effect does so outside of it."""
        return self.needs_database and not self.has_effect

    @property
    def title(self) -> str:
        """What people call it: its name, or what it does."""
        return self.name or str(self.plugin.summary(self.settings))

    def __repr__(self) -> str:
        return f"<{self.type} {self.id}>"


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """An event's tree. ``event``: ``booking.record_update`` or ``form:book``; ``table``: the key of its table."""

    event: str
    table: str
    label: str
    parameters: tuple[str, ...]
    nodes: tuple[CompiledNode, ...]
    by_id: Mapping[str, CompiledNode]


class Program:
    """One published version of an application, ready to run. ``document``: where it was loaded already."""

    def __init__(self, version: Version, document: Document | None = None) -> None:
        self.version_id: int = version.pk
        self.number: int = version.number
        self.document: Document = document or load_plain(version.document)
        self.application: str = self.document.application
        self.title: str = title_of(self.document.title, self.application)
        self.forms: Mapping[str, FormDef] = MappingProxyType(self.document.forms)
        self.pages: Mapping[str, PageDef] = MappingProxyType(self.document.pages)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables, by key, in the order of the document."""
        siblings = self.document.tables
        return MappingProxyType(
            {key: build_table(self.application, key, table, siblings) for key, table in siblings.items()}
        )

    @cached_property
    def trees(self) -> Mapping[str, Tree]:
        """The trees, by event."""
        return MappingProxyType({tree.event: _compile(tree) for tree in self.document.trees()})

    def table(self, key: str) -> Table:
        """The table of that key. MissingDefinition where this version has none."""
        return self.tables.get(key) or self._lacks(key, _('This version of "{application}" has no table "{key}".'))

    def form(self, key: str) -> FormDef:
        """The form of that key. MissingDefinition where this version has none."""
        return self.forms.get(key) or self._lacks(key, _('This version of "{application}" has no form "{key}".'))

    def page(self, key: str) -> PageDef:
        """The page of that key. MissingDefinition where this version has none."""
        return self.pages.get(key) or self._lacks(key, _('This version of "{application}" has no page "{key}".'))

    def next_page(self, form_key: str) -> PageDef | None:
        """The page that follows the form; None where it names none."""
        following = self.form(form_key).next
        return self.pages.get(following) if following else None

    def _lacks(self, key: str, message: str) -> NoReturn:
        raise MissingDefinition(message.format(application=self.application, key=key), key=key)

    def __repr__(self) -> str:
        return f"<Program {self.application} {self.number}>"


def _compile(tree: TreeDef) -> Tree:
    by_id: dict[str, CompiledNode] = {}
    nodes = _compile_nodes(tree.definition.do, None, "d", by_id)
    definition = tree.definition
    label = title_of(definition.label, tree.event.rpartition(".")[2])
    return Tree(tree.event, tree.table, label, definition.parameters, nodes, MappingProxyType(by_id))


def _compile_nodes(
    nodes: Iterable[NodeDef], parent: CompiledNode | None, side: str, by_id: dict[str, CompiledNode]
) -> tuple[CompiledNode, ...]:
    """``side``: a letter of the id of those that have none of their own."""
    above = parent.id if parent else "n"
    compiled = tuple(_compile_node(node, parent, f"{above}.{side}{index}", by_id) for index, node in enumerate(nodes))
    for node, following in pairwise(compiled):
        object.__setattr__(node, "following", following)
    return compiled


def _compile_node(
    node: NodeDef, parent: CompiledNode | None, place: str, by_id: dict[str, CompiledNode]
) -> CompiledNode:
    plugin = node.plugin
    compiled = CompiledNode(
        id=node.id or place,
        type=node.type,
        plugin=plugin,
        settings=node.settings,
        name=node.name,
        disabled=node.disabled,
        parent=parent,
        kind=node.kind,
        needs_database=isinstance(plugin, Action) and plugin.needs_database,
    )
    by_id[compiled.id] = compiled
    # Children know their parent and parents their children: one of the two is set after it was made.
    object.__setattr__(compiled, "do", _compile_nodes(node.do, compiled, "d", by_id))
    object.__setattr__(compiled, "otherwise", _compile_nodes(node.otherwise, compiled, "o", by_id))
    return compiled


# --- versions ----------------------------------------------------------------------------------------------------

_programs: dict[int, Program] = {}
_lock = Lock()


def program(version_id: int) -> Program:
    """The program of a version; one query the first time. MissingDefinition where there is no such version."""
    found = _programs.get(version_id)
    if found is None:
        try:
            version = Version.objects.get(pk=version_id)
        except Version.DoesNotExist:
            message = _("There is no published version {id}.").format(id=version_id)
            raise MissingDefinition(message, version=version_id) from None
        found = _keep(version)
    return found


def _keep(version: Version) -> Program:
    with _lock:
        if version.pk not in _programs:
            _programs[version.pk] = Program(version)
        return _programs[version.pk]


# Every request asks this; made anew by the ORM it cost more than the answer.
_CURRENT = "SELECT current_id FROM meanwhile_application WHERE key = %s"


def current_program(application_key: str) -> Program:
    """The program that is in force: one query for its version. MissingDefinition for an unknown application."""
    rows = _first_asked(_CURRENT, (application_key,)) if "\0" not in application_key else []
    version_id = rows[0][0] if rows else None
    if version_id is None:
        message = _('There is no published application "{key}".').format(key=application_key[:80])
        raise MissingDefinition(message, application=application_key)
    return program(version_id)


def _first_asked(sql: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """What a request asks first: on a connection that broke while nobody used it, once more on a fresh one.

    So nobody has to ask before every request whether the connection still stands."""
    try:
        return fetch(sql, parameters)
    except (OperationalError, InterfaceError):
        own = connections[DEFAULT_DB_ALIAS]
        if own.in_atomic_block or own.is_usable():
            raise
        own.close()
        return fetch(sql, parameters)


def applications() -> list[Program]:
    """The current programs of all applications, by title: one query, and one more for those not seen yet."""
    ids = list(Application.objects.filter(current__isnull=False).values_list("current_id", flat=True))
    unknown = [version_id for version_id in ids if version_id not in _programs]
    for version in Version.objects.filter(pk__in=unknown) if unknown else ():
        _keep(version)
    return sorted((program(version_id) for version_id in ids if version_id), key=lambda each: each.title.casefold())


def forget() -> None:
    """Empty the cache; for tests, whose versions come and go with their databases."""
    _programs.clear()
