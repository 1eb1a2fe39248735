"""What the person would see: the page that follows, rendered with the record as it would be at that moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.document import PageDef, title_of
from meanwhile.definitions.program import Program
from meanwhile.engine.dry.told import PageShown
from meanwhile.engine.progress import StateOfWork, verdict
from meanwhile.engine.record import RecordState
from meanwhile.engine.scope import ReadRecord, ScopeBuilder
from meanwhile.engine.tokens import linker
from meanwhile.expressions import Template

# The words of a page, with its placeholders filled from a scope.
type Render = Callable[[Template, Mapping[str, Any]], Any]


def as_text(template: Template, scope: Mapping[str, Any]) -> str:
    """Words as they are written, placeholders filled."""
    return template.render(scope)


@dataclass
class Work:
    """How the background work of the submission stands."""

    counted: int = 0
    completed: int = 0
    waiting: int = 0
    flags: frozenset[str] = frozenset()  # fields of the record that the submission has set to true

    def state(self, page: PageDef, values: Mapping[str, Any]) -> StateOfWork:
        """What the wait page ``page`` makes of it."""
        return verdict(
            self.counted,
            self.completed,
            is_busy=self.waiting > 0,
            flag_is_true=bool(values.get(page.flag)) if page.flag else None,
            wrote_flag=lambda: page.flag in self.flags,
        )


@dataclass(frozen=True)
class Showing:
    """Shows pages of one record to one person."""

    program: Program
    user_id: int | None
    read: ReadRecord
    render: Render

    def after(self, form: str, record: RecordState, work: Work, now: datetime) -> PageShown:
        """Where the person is after sending ``form``, as the work stands; without a form there is nobody to see it."""
        if not form:
            return PageShown("none", "", "")
        if self.program.form(form).next not in self.program.pages:
            return PageShown(
                "thanks",
                "",
                _("Thank you"),
                _("What you sent is saved. Whatever is still to be done goes on without you."),
            )
        return self._page(self.program.form(form).next, record, work, now)

    def form_again(self, form: str, sentence: str) -> PageShown:
        """The form once more, with what is wrong; nothing was saved."""
        title = title_of(self.program.form(form).title, form) if form else ""
        return PageShown("form", form, title, sentence)

    def _page(self, key: str, record: RecordState, work: Work, now: datetime) -> PageShown:
        seen: set[str] = set()
        while True:
            definition, state = self.program.page(key), ""
            if definition.kind == "wait":
                state = work.state(definition, record.values)
            goes_on = state in ("done", "nothing") and definition.next in self.program.pages
            if not goes_on or key in seen:
                return self._shown(key, definition, state, record, now)
            seen.add(key)
            key = definition.next

    def _shown(self, key: str, page: PageDef, state: str, record: RecordState, now: datetime) -> PageShown:
        title = title_of(page.title, key)
        if record.is_deleted and state not in ("waiting", "failed"):
            return PageShown("gone", key, title, _("This is no longer here"))
        texts = {"failed": page.failed, "done": page.done, "nothing": page.done}
        template = texts.get(state, page.text)
        field = record.table.fields.get(page.flag)
        return PageShown(
            page.kind,
            key,
            title,
            self._words(template, record, now) if template else "",
            state,
            page.flag,
            str(field.label) if field else "",
            record.values.get(page.flag) if page.flag else None,
        )

    def _words(self, template: Template, record: RecordState, now: datetime) -> Any:
        seen = RecordState(record.table, record.id, record.values)
        builder = ScopeBuilder(self.program, self.user_id, now, self.read)
        scope = builder.build(seen, lambda: record.id, {}, {"is_new": False}, linker(self.program, seen, None))
        try:
            return self.render(template, scope)
        except MeanwhileError as error:
            return _("The text of this page fails: {error}").format(error=error.message)
