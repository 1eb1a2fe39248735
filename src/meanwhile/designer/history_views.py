"""Undo, redo, and letting a draft go."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from meanwhile.definitions import drafts
from meanwhile.definitions.drafts import Working
from meanwhile.designer.access import designers_only
from meanwhile.designer.changing import attempt, back, revision_of


@require_POST
@designers_only
def undo(request: HttpRequest, key: str) -> HttpResponse:
    """Take the last change back."""

    def work() -> Working:
        label = drafts.working(key).undo
        done = drafts.undo(key, revision_of(request))
        messages.success(request, _("Undone: {label}").format(label=label))
        return done

    return attempt(request, key, work, back(request, key))


@require_POST
@designers_only
def redo(request: HttpRequest, key: str) -> HttpResponse:
    """Do the change again that was taken back last."""

    def work() -> Working:
        done = drafts.redo(key, revision_of(request))
        messages.success(request, _("Done again: {label}").format(label=done.undo))
        return done

    return attempt(request, key, work, back(request, key))


@require_POST
@designers_only
def discard(request: HttpRequest, key: str) -> HttpResponse:
    """Let the draft go: the published version, or for an application that was never published, nothing, is left."""
    working = drafts.working(key)

    def work() -> Working:
        drafts.discard(key, revision_of(request))
        messages.success(request, _("The draft is gone."))
        return working

    then = reverse("designer-application", args=[key]) if working.published else reverse("designer")
    return attempt(request, key, work, then)
