"""The wait page: how the background work of a submission stands, until it is done, has failed, or takes too long.

It looks again every few seconds, by htmx or, without JavaScript, by loading itself again. It keeps nothing between
two looks: what it says follows from the database, so that a reload or the back button changes nothing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from meanwhile.engine.progress import Progress, progress
from meanwhile.pages.addresses import gone, page_address
from meanwhile.pages.markup import markup

if TYPE_CHECKING:
    from meanwhile.pages.page_views import Shown


@dataclass(frozen=True, slots=True)
class Status:
    """What the page says. ``counted`` 0: nobody knows how much there is, so the bar shows only that work goes on."""

    state: Literal["waiting", "too_long", "failed", "done"]
    heading: str
    explanation: str
    counted: int = 0
    completed: int = 0

    @property
    def polls(self) -> bool:
        """Whether the page looks again by itself."""
        return self.state in ("waiting", "too_long")

    @property
    def bar_label(self) -> str:
        return _("Progress of the work")


def wait_page(request: HttpRequest, shown: "Shown") -> HttpResponse:
    """How the work stands; the way to the next page where there is nothing more to wait for."""
    found = progress(shown.address.submission_id, shown.program, shown.definition, shown.record_id)
    is_over = found.state in ("done", "nothing")
    if is_over and shown.definition.next in shown.program.pages:
        return _go(request, _next(shown))
    if is_over and shown.values is None:
        raise gone()
    return _status_page(request, shown, status_of(found, has_flag=bool(shown.definition.flag)))


def _next(shown: "Shown") -> str:
    address = shown.address
    return page_address(shown.program, shown.definition.next, shown.record_id, address.submission_id)


def _go(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if _is_look(request) else HttpResponseRedirect(address)


def _status_page(request: HttpRequest, shown: "Shown", status: Status) -> HttpResponse:
    if _is_look(request) and not status.polls:
        return HttpResponseClientRefresh()
    seconds = shown.definition.every.total_seconds()
    context = {
        "shown": shown,
        "status": status,
        "text": _text(shown, status),
        "every_milliseconds": max(200, round(seconds * 1000)),
        "every_seconds": max(1, round(seconds)),
    }
    template = "meanwhile/wait_status.html" if _is_look(request) else "meanwhile/wait_page.html"
    return render(request, template, context)


def _text(shown: "Shown", status: Status) -> Any:
    """What the document says in this state; nothing where it leaves that to us."""
    definition = shown.definition
    texts = {"failed": definition.failed, "done": definition.done}
    text = texts.get(status.state, definition.text)
    return markup(text, shown.scope) if text and shown.values is not None else ""


def _is_look(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def status_of(found: Progress, *, has_flag: bool) -> Status:
    """What a wait page says when its work stands like that."""
    if found.state in ("done", "nothing"):
        return Status("done", _("It is done"), _("Everything that was to be done is done."))
    if found.state == "failed":
        return Status(
            "failed",
            _("Something did not work"),
            _(
                "What you sent is saved, but not all of the work on it could be done. The people who run this site see"
                " it and can take it up again; you need not send it a second time. If it is urgent, ask them."
            ),
        )
    counted, completed = (0, 0) if has_flag else (found.counted, found.completed)
    if found.too_long:
        return Status(
            "too_long",
            _("This takes longer than usual"),
            _(
                "It is safe to leave this page: the work goes on without you. You can keep this address and look again"
                " later; this page goes on looking, too."
            ),
            counted,
            completed,
        )
    return Status(
        "waiting", _("Just a moment"), _("This page goes on by itself when the work is done."), counted, completed
    )
