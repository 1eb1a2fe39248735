"""Drafts: an application while it is designed, with every change that was made to it, so that each can be undone.

A draft comes into being with the first change; until then what is published is what designers see. Whoever changes it
says which revision they saw. When somebody else was faster, nothing is written and ``DraftChanged`` says what they did.
Documents are plain values here, and may be wrong: see ``inspection``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, When
from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.core.errors import MissingDefinition, PermanentError
from meanwhile.definitions.inspection import Inspection, inspect
from meanwhile.definitions.models import Application, Draft, DraftChange, Version

type Plain = dict[str, Any]
type Change = Callable[[Plain], Plain]

# Changes that can be undone; older ones are forgotten.
KEPT = 100


class DraftChanged(PermanentError):
    """Somebody else changed the draft since it was read; nothing was saved. ``changes``: theirs, oldest first."""

    def __init__(self, changes: list[DraftChange]) -> None:
        super().__init__(
            _("Somebody else has changed this meanwhile. Nothing of yours is lost, and nothing is saved yet.")
        )
        self.changes = changes


@dataclass(frozen=True)
class Working:
    """An application as designers see it now. ``revision`` 0 and ``draft`` None: as it is published, unchanged.

    ``published``: the version in force; None for one that was never published. ``undo`` and ``redo``: what would be
    undone and done again, in words; empty where there is nothing.
    """

    key: str
    document: Plain
    revision: int
    draft: Draft | None
    published: Version | None
    undo: str = ""
    redo: str = ""

    @cached_property
    def inspection(self) -> Inspection:
        """What is wrong with it, looked at once however many parts of a page ask."""
        return inspect(self.document)

    @property
    def is_changed(self) -> bool:
        """Whether publishing would put something else in force than what is."""
        return self.published is None or not _is_same(self.published.document, self.document)

    @property
    def is_behind(self) -> bool:
        """Whether another version was published since the draft was made from one."""
        return self.draft is not None and self.published is not None and self.draft.base_id != self.published.pk


def application_keys() -> list[str]:
    """The keys of all applications, published or not, in order."""
    published = Application.objects.filter(current__isnull=False).values_list("key", flat=True)
    return sorted({*published, *Draft.objects.values_list("key", flat=True)})


def working(key: str) -> Working:
    """The application ``key`` as designers see it. MissingDefinition where there is none."""
    application = Application.objects.select_related("current").filter(key=key).first()
    published = application.current if application else None
    draft = Draft.objects.filter(key=key).first()
    if draft is None and published is None:
        raise MissingDefinition(_('There is no application "{key}".').format(key=key[:80]), application=key)
    if draft is None and published is not None:
        return Working(key, published.document, 0, None, published)
    assert draft is not None
    around = {number: (label, document) for number, label, document in _around(draft)}
    if draft.position not in around:
        return working(key)  # somebody went back and changed something else between the two questions
    label, document = around[draft.position]
    undo = label if draft.position - 1 in around else ""
    redo, _document = around.get(draft.position + 1, ("", None))
    return Working(key, document, draft.revision, draft, published, undo, redo)


def create(document: Plain, label: str, user: Any = None) -> Working:
    """A draft of an application that does not exist yet. PermanentError where its key is taken."""
    key = document["application"]
    taken = PermanentError(_('There is an application "{key}" already; choose another name.').format(key=key), key=key)
    if Application.objects.filter(key=key).exists():
        raise taken
    try:
        with transaction.atomic():
            draft = Draft.objects.create(key=key)
            _keep(draft, 0, label, document, user)
    except IntegrityError:
        raise taken from None
    return working(key)


def change(key: str, revision: int, label: str, make: Change, user: Any = None) -> Working:
    """Let ``make`` change the document of revision ``revision``, and keep it as one step that can be undone.

    In a transaction of its own. DraftChanged where the draft is of another revision by now. What ``make`` raises
    leaves everything as it was. A change that changes nothing is not kept.
    """
    with transaction.atomic():
        before = working(key)
        after = make(before.document)
        if before.revision == revision and _is_same(after, before.document):
            return before
        draft = before.draft or _first(before)
        _advance(draft, revision, position=draft.position + 1)
        draft.changes.filter(number__gt=draft.position).delete()
        draft.changes.filter(number__lte=draft.position - KEPT).delete()
        _keep(draft, draft.position + 1, label, after, user)
    return working(key)


def undo(key: str, revision: int) -> Working:
    """Go back one change. PermanentError where there is none, DraftChanged where somebody else was faster."""
    return _step(key, revision, -1, _("There is nothing to undo."))


def redo(key: str, revision: int) -> Working:
    """Do the change again that was undone last. PermanentError where there is none, DraftChanged as for ``undo``."""
    return _step(key, revision, 1, _("There is nothing to do again."))


def discard(key: str, revision: int) -> None:
    """Forget the draft with all its changes; what is published is what designers see then. Nothing where there is none.

    DraftChanged where it is of another revision by now."""
    with transaction.atomic():
        draft = Draft.objects.filter(key=key).first()
        if draft is not None:
            _advance(draft, revision, position=draft.position)
            draft.delete()


def seen(key: str, revision: int) -> Plain | None:
    """What a designer saw who says ``revision``. None where nobody knows any more: after an undo, or where it
    was undone and something else was done."""
    found = DraftChange.objects.filter(draft__key=key, revision=revision).first()
    return found.document if found else None


def published(key: str, version: Version) -> None:
    """Say that the draft has become ``version``: later changes build on that one."""
    Draft.objects.filter(key=key).update(base=version)


def history(key: str) -> list[DraftChange]:
    """What was done to the draft and can be undone, newest first; without the documents."""
    return list(
        DraftChange.objects.filter(draft__key=key, number__lte=F("draft__position"))
        .defer("document")
        .select_related("made_by")
        .order_by("-number")
    )


def _is_same(first: Plain, second: Plain) -> bool:
    """Whether two documents say the same. The order of keys counts where people see it: of tables, forms, pages and
    fields, and not within an object of a tree."""
    return _is_equal(first, second) and _order(first) == _order(second)


def _is_equal(first: Any, second: Any) -> bool:
    """Like ``==``, but true is not 1, and 5 is not 5.0."""
    if first is second:
        return True
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_is_equal(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_is_equal, first, second))
    return type(first) is type(second) and bool(first == second)


def _order(plain: Plain) -> list[Any]:
    sections = [plain.get(section) or {} for section in ("tables", "forms", "pages")]
    return [(key, list((each or {}).get("fields") or ())) for section in sections for key, each in section.items()]


def _around(draft: Draft) -> Iterable[tuple[int, str, Any]]:
    """Number and label of the change at which the draft stands and of its neighbours; the document of that one only."""
    numbers = (draft.position - 1, draft.position, draft.position + 1)
    document = Case(When(number=draft.position, then=F("document")))
    return draft.changes.filter(number__in=numbers).values_list("number", "label", document)


def _first(before: Working) -> Draft:
    """The draft of an application that had none, as what is published. DraftChanged where there is one by now."""
    try:
        with transaction.atomic():
            draft = Draft.objects.create(key=before.key, base=before.published)
    except IntegrityError:
        raise DraftChanged(_since(before.key, 0)) from None
    _keep(draft, 0, "", before.document, None)
    return draft


def _step(key: str, revision: int, by: int, message: str) -> Working:
    with transaction.atomic():
        draft = Draft.objects.filter(key=key).first()
        if draft is None or not draft.changes.filter(number=draft.position + by).exists():
            raise PermanentError(message)
        _advance(draft, revision, position=draft.position + by)
    return working(key)


def _advance(draft: Draft, revision: int, *, position: int) -> None:
    """Take the draft from the revision that its changer saw to the next one: the guard against two at once."""
    rows = Draft.objects.filter(pk=draft.pk, revision=revision)
    if not rows.update(revision=revision + 1, position=position):
        raise DraftChanged(_since(draft.key, revision))


def _since(key: str, revision: int) -> list[DraftChange]:
    rows = DraftChange.objects.filter(draft__key=key, revision__gt=revision).defer("document")
    return list(rows.select_related("made_by").order_by("number"))


def _keep(draft: Draft, number: int, label: str, document: Plain, user: Any) -> None:
    DraftChange.objects.create(
        draft=draft,
        number=number,
        revision=Draft.objects.values_list("revision", flat=True).get(pk=draft.pk),
        label=label[:300],
        document=document,
        made_at=clock.now(),
        made_by=user,
    )
