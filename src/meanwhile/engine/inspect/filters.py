"""What a person looks for, read from an address or a command line: one form each for jobs and for runs.

The same words work in both places: ``?state=failed&since=2h`` and ``meanwhile jobs list --state failed --since 2h``.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from meanwhile.core import clock
from meanwhile.core.errors import MeanwhileError
from meanwhile.core.spans import parse_span
from meanwhile.definitions.models import Version
from meanwhile.engine.inspect.paging import Order, ids_from, ids_until
from meanwhile.engine.models import Run
from meanwhile.queue.models import Job
from meanwhile.queue.states import TERMINAL, UNFINISHED, State


class MomentField(forms.CharField):
    """A moment as people type it: ``2h`` (two hours ago), ``2026-11-24``, ``2026-11-24 06:00`` in the site's zone."""

    default_error_messages = {
        "invalid": _("Write a time span such as 2h or 3d, a date, or a date and time such as 2026-11-24 06:00.")
    }

    def clean(self, value: Any) -> Any:
        """An aware moment in UTC, or None."""
        text = super().clean(value)
        if not text:
            return None
        moment = _span_ago(text) or _written(text)
        if moment is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


def _span_ago(text: str) -> datetime | None:
    try:
        return clock.now() - parse_span(text)
    except (MeanwhileError, ValueError, OverflowError):
        return None


def _written(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
        day = None if found else parse_date(text)
    except ValueError:
        return None
    if day:
        found = datetime(day.year, day.month, day.day)
    if found is None:
        return None
    aware = timezone.make_aware(found, timezone.get_default_timezone()) if timezone.is_naive(found) else found
    return aware.astimezone(UTC)


def _is_given(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


class RunState(models.TextChoices):
    """Where a run stands, as its jobs tell."""

    FAILED = "failed", _("Failed")
    UNFINISHED = "unfinished", _("Unfinished")
    FINISHED = "finished", _("Finished")


def _text(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=120, **more)


def _number(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=2**62, localize=False)


class Filter(forms.Form):
    """What jobs and runs can both be looked for by. Empty fields ask nothing."""

    application = _text(_("Application"))
    table = _text(_("Table"))
    record = _text(_("Record"), help_text=_("Its number; say the table too."))
    submission = _number(_("Submission"))
    since = MomentField(label=_("Since"), required=False, help_text=_("2h, 3d, or a date and time"))
    until = MomentField(label=_("Until"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data if data is not None else {}, auto_id="filter-%s", use_required_attribute=False, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("record") and not cleaned.get("table"):
            self.add_error("table", _("A record is found by its table and its number: say the table too."))
        return cleaned

    def asked(self) -> dict[str, str]:
        """The fields that ask for something, as they were typed."""
        return {name: str(self.data.get(name)).strip() for name in self.fields if _is_given(self.data.get(name))}

    def address(self, **more: Any) -> str:
        """The query of an address that asks the same."""
        return urlencode({**self.asked(), **more})

    def words(self) -> list[tuple[str, str]]:
        """Label and value of each field that asks for something, for people."""
        return [(str(self.fields[name].label), self._shown(name, value)) for name, value in self.asked().items()]

    def _shown(self, name: str, value: str) -> str:
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, value))

    def _versions(self) -> list[int]:
        """The ids of the versions of the application asked for; an application has few."""
        return list(
            Version.objects.filter(application__key=self.cleaned_data["application"]).values_list("pk", flat=True)
        )

    def _about_submission(self) -> Q:
        asked = self.cleaned_data.get("submission")
        return Q(submission_id=asked) if asked else Q()

    def _when(self, model: type[models.Model]) -> tuple[Q, Q]:
        """A range of ids, and the exact condition within it."""
        ids, exact = Q(), Q()
        if since := self.cleaned_data.get("since"):
            ids, exact = ids & Q(id__gte=ids_from(model, since)), exact & Q(created_at__gte=since)
        if until := self.cleaned_data.get("until"):
            ids, exact = ids & Q(id__lt=ids_until(model, until)), exact & Q(created_at__lt=until)
        return ids, exact


class JobFilter(Filter):
    """Which jobs."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *State.choices])
    queue = _text(_("Queue"))
    node = _text(_("Node"), help_text=_("The id of the node at which it stands, or of its Background."))
    run = _number(_("Run"))
    error = _text(_("Text in the error"))

    field_order = ["state", "application", "table", "record", "error", "since", "until", "queue", "node"]

    @property
    def order(self) -> Order:
        """Newest first, by the column that the state's own index sorts by."""
        fields: dict[str, str] = {State.SCHEDULED: "due_at", State.AVAILABLE: "due_at", State.RETRYING: "retry_at"}
        return Order(fields.get(self.cleaned_data.get("state") or "", "id"))

    def base(self) -> models.QuerySet[Job]:
        """What an index serves: the jobs of one run, submission or record, of one state, or within a range of ids."""
        query = self._in_state() & self._about_submission() & self._about_run()
        return Job.objects.filter(query & self._when(Job)[0] if self.order.field == "id" else query)

    def rest(self) -> Q:
        """What no index serves. Empty: nothing."""
        asked = self.cleaned_data
        query = self._when(Job)[1] & self._of_table()
        if asked.get("state") in TERMINAL:
            query &= Q(state=asked["state"])
        if asked.get("queue"):
            query &= Q(queue=asked["queue"])
        if asked.get("node"):
            query &= Q(at_node=asked["node"]) | Q(branch_node=asked["node"])
        if asked.get("application"):
            query &= Q(version_id__in=self._versions())
        if asked.get("error"):
            query &= Q(error__message__icontains=asked["error"]) | Q(error__type__icontains=asked["error"])
        return query

    def _in_state(self) -> Q:
        asked = self.cleaned_data.get("state")
        return Q(state=asked) if asked in UNFINISHED else Q()

    def _about_run(self) -> Q:
        asked = self.cleaned_data
        query = Q(run_id=asked["run"]) if asked.get("run") else Q()
        if asked.get("table") and asked.get("record"):
            query &= Q(run_id__in=Run.objects.filter(table=asked["table"], record_id=asked["record"]).values("pk"))
        return query

    def _of_table(self) -> Q:
        asked = self.cleaned_data
        if not asked.get("table") or asked.get("record"):
            return Q()
        return Q(Exists(Run.objects.filter(pk=OuterRef("run_id"), table=asked["table"])))


class RunFilter(Filter):
    """Which runs."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *RunState.choices])
    event = forms.CharField(label=_("Event"), required=False, max_length=130)

    field_order = ["state", "application", "table", "record", "event", "since", "until", "submission"]
    order = Order()

    def base(self) -> models.QuerySet[Run]:
        """What an index serves: the runs of one submission or record, or within a range of ids."""
        asked = self.cleaned_data
        query = self._about_submission() & self._when(Run)[0]
        if asked.get("table") and asked.get("record"):
            query &= Q(table=asked["table"], record_id=asked["record"])
        return Run.objects.filter(query)

    def rest(self) -> Q:
        """What no index serves. Empty: nothing."""
        asked = self.cleaned_data
        query = self._when(Run)[1]
        if asked.get("table") and not asked.get("record"):
            query &= Q(table=asked["table"])
        if asked.get("event"):
            query &= Q(event=asked["event"])
        if asked.get("application"):
            query &= Q(version_id__in=self._versions())
        return query & _of_state(asked.get("state") or "")


def _of_state(state: str) -> Q:
    failed = Q(Exists(Job.objects.filter(run_id=OuterRef("pk"), state=State.FAILED)))
    unfinished = Q(Exists(Job.objects.filter(run_id=OuterRef("pk"), state__in=sorted(UNFINISHED))))
    conditions = {
        RunState.FAILED: failed,
        RunState.UNFINISHED: unfinished & ~failed,
        RunState.FINISHED: ~unfinished,
    }
    return conditions.get(RunState(state), Q()) if state else Q()
