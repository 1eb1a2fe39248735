"""What publishing would do: per application what changes in its tables, what would be lost, and what speaks against it.

A plan is made from documents and the database as it is, and changes nothing. ``publish`` carries it out, unless
somebody else has published in between.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from meanwhile.definitions.check import check
from meanwhile.definitions.document import Document, TableDef, title_of
from meanwhile.definitions.identity import with_ids
from meanwhile.definitions.loading import load_plain
from meanwhile.definitions.models import Application, Version
from meanwhile.definitions.problems import Finding, Located, Source
from meanwhile.definitions.writer import dump_plain
from meanwhile.tables import schema
from meanwhile.tables.schema import SchemaPlan


@dataclass(frozen=True)
class ApplicationPlan:
    """What publishing one document would do.

    ``number``: the version that it would become. ``base_id``: the version that the plan starts from; None for a new
    application. ``is_unchanged``: the document says what that version says, so nothing would be published.
    """

    document: Document
    base_id: int | None
    number: int
    is_unchanged: bool
    schema: SchemaPlan
    problems: tuple[Located, ...]

    @property
    def application(self) -> str:
        return self.document.application

    @property
    def title(self) -> str:
        return title_of(self.document.title, self.application)

    @property
    def changes(self) -> list[str]:
        """What changes in the tables, a sentence each."""
        return [str(change) for change in self.schema.changes]

    @property
    def losses(self) -> list[str]:
        """What would be lost, a sentence each."""
        return [change.loses for change in self.schema.changes if change.loses]

    @property
    def errors(self) -> list[Located]:
        """What keeps it from being published."""
        return [problem for problem in self.problems if problem.severity == "error"]


@dataclass(frozen=True)
class Plan:
    """What publishing several documents at once would do."""

    applications: tuple[ApplicationPlan, ...]

    @property
    def changes(self) -> list[str]:
        return [change for each in self.applications for change in each.changes]

    @property
    def losses(self) -> list[str]:
        return [loss for each in self.applications for loss in each.losses]

    @property
    def problems(self) -> list[Located]:
        return [problem for each in self.applications for problem in each.problems]

    @property
    def errors(self) -> list[Located]:
        return [error for each in self.applications for error in each.errors]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be published: every document says what is published already."""
        return all(each.is_unchanged for each in self.applications)


def plan(documents: Iterable[Document]) -> Plan:
    """The plan for ``documents``, each of another application. Reads the database, changes nothing."""
    return Plan(tuple(map(_plan_one, documents)))


def _plan_one(document: Document) -> ApplicationPlan:
    base = _current(document.application)
    before = base.document if base else None
    plain = with_ids(document.plain, before)
    is_unchanged = before is not None and dump_plain(plain) == dump_plain(before)
    changes = schema.plan(document.application, _tables(before), document.tables)
    return ApplicationPlan(
        document=_identified(document, plain),
        base_id=base.pk if base else None,
        number=_next_number(document.application),
        is_unchanged=is_unchanged,
        schema=changes,
        problems=(*check(document), *document.source.locate(_schema_findings(changes))),
    )


def _tables(plain: dict[str, Any] | None) -> Mapping[str, TableDef] | None:
    """The tables of a version; its trees may need plugins that are gone, and do not matter here."""
    if plain is None:
        return None
    owners = (plain.get("tables") or {}).items()
    bare = {key: {name: value for name, value in owner.items() if name != "events"} for key, owner in owners}
    return load_plain({"application": plain["application"], "tables": bare}).tables


def _current(key: str) -> Version | None:
    application = Application.objects.select_related("current").filter(key=key).first()
    return application.current if application else None


def _next_number(key: str) -> int:
    last = Version.objects.filter(application__key=key).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _identified(document: Document, plain: dict[str, Any]) -> Document:
    """The document with ids, still knowing its file."""
    source = document.source
    return load_plain(plain).place(Source(source.file, plain, source.root))


def _schema_findings(changes: SchemaPlan) -> Iterator[Finding]:
    for problem in changes.problems:
        yield Finding(problem.path, problem.message, problem.suggestion)
