"""The queues: what stands in each and what its rules are, and changing them."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meanwhile.core import queue_name
from meanwhile.monitor.access import staff_only
from meanwhile.monitor.refreshing import refreshing
from meanwhile.queue import rules
from meanwhile.queue.by_queue import CAP, Queue
from meanwhile.queue.by_queue import queues as queues_now
from meanwhile.queue.models import PRIORITY_LIMIT
from meanwhile.queue.states import State


@dataclass(frozen=True, slots=True)
class _Row:
    """A queue as the page shows it. ``waiting`` with a plus where not all were counted."""

    queue: Queue
    waiting: str
    running: int


class RulesForm(forms.Form):
    """The rules of one queue, except whether it is paused. Empty: no limit."""

    concurrency = forms.IntegerField(
        label=gettext_lazy("Jobs at a time"),
        help_text=gettext_lazy("In all workers together. Empty: any number."),
        required=False,
        min_value=1,
        max_value=rules.MOST,
    )
    per_minute = forms.IntegerField(
        label=gettext_lazy("Starts in a minute"),
        help_text=gettext_lazy("Evenly spread. Empty: any number."),
        required=False,
        min_value=1,
        max_value=rules.MOST,
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        help_text=gettext_lazy("Usually 0. As long as a queue with a higher one has jobs, they come first."),
        min_value=-PRIORITY_LIMIT,
        max_value=PRIORITY_LIMIT,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            wrong = " is-invalid" if self.is_bound and name in self.errors else ""
            field.widget.attrs["class"] = f"form-control{wrong}"


@require_safe
@staff_only
def queues(request: HttpRequest) -> HttpResponse:
    """Every queue that jobs stand in, that a worker names or that has rules."""
    found = queues_now()
    more = "+" if State.AVAILABLE in found.capped else ""
    context = {"rows": [_row(queue, more) for queue in found.queues], "cap": CAP if more else 0, **refreshing(request)}
    return render(request, "meanwhile/monitor/queues.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def queue(request: HttpRequest) -> HttpResponse:
    """``?name=``: the rules of one queue. POST sets them."""
    name = _named(request)
    before = rules.rules_of(name)
    start = {"concurrency": before.concurrency, "per_minute": before.per_minute, "priority": before.priority}
    form = RulesForm(request.POST or None, initial=start)
    if form.is_valid():
        rules.change(name, request.user, **form.cleaned_data)
        messages.success(request, _("The rules of “{name}” are saved; they count at once.").format(name=name))
        return redirect("monitor-queues")
    has_rules = before != rules.NO_RULES
    context = {"name": name, "form": form, "rules": before, "has_rules": has_rules, "here": request.get_full_path()}
    return render(request, "meanwhile/monitor/queue.html", context, status=400 if form.errors else 200)


@require_POST
@staff_only
def hold(request: HttpRequest) -> HttpResponse:
    """``?name=``: pause that queue, or resume it where ``do`` says so."""
    name = _named(request)
    if request.POST.get("do") == "resume":
        is_changed, sentence = rules.resume(name, request.user), _("“{name}” goes on.")
    else:
        is_changed = rules.pause(name, request.user)
        sentence = _("“{name}” is paused. What runs goes on; nothing new starts.")
    if is_changed:
        messages.success(request, sentence.format(name=name))
    else:
        messages.warning(request, _("Nothing was done: somebody was faster."))
    return redirect("monitor-queues")


@require_POST
@staff_only
def forget(request: HttpRequest) -> HttpResponse:
    """``?name=``: remove the rules of that queue, unless it is paused and jobs wait in it."""
    name = _named(request)
    try:
        is_changed = rules.forget(name, request.user)
    except rules.JobsWait as error:
        messages.error(request, _("Nothing was done. {reason} Resume it first.").format(reason=error))
        return redirect("monitor-queues")
    if is_changed:
        messages.success(request, _("“{name}” has no rules any more.").format(name=name))
    else:
        messages.warning(request, _("Nothing was done: somebody was faster."))
    return redirect("monitor-queues")


def _named(request: HttpRequest) -> str:
    """The queue of the address."""
    name = request.GET.get("name", "")
    if not queue_name.is_name(name):
        raise Http404
    return name


def _row(queue: Queue, more: str) -> _Row:
    waiting = queue.counts.get(State.AVAILABLE, 0)
    return _Row(queue, f"{waiting:,}{more if waiting else ''}", queue.counts.get(State.RUNNING, 0))
