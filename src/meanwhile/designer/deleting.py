"""How a part of an application is deleted: a page that says what that would break, and the change."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from meanwhile.definitions.drafts import Change, Working
from meanwhile.designer.breaking import broken_by
from meanwhile.designer.changing import change
from meanwhile.designer.context import around


@dataclass(frozen=True, slots=True)
class Deletion:
    """``words``: what is done, as ``Delete form “Book”``. ``then``: where that leads; ``back``: for who leaves it."""

    words: str
    make: Change
    then: str
    back: str


def answer(request: HttpRequest, working: Working, deletion: Deletion, template: str, **context: Any) -> HttpResponse:
    """POST deletes; anything else asks, with everything that would be wrong afterwards."""
    if request.method == "POST":
        return change(request, working.key, deletion.words, deletion.make, deletion.then)
    shown = {
        **around(request, working),
        "question": _("%s?") % deletion.words,
        "broken": broken_by(working, deletion.make),
        "back": deletion.back,
    }
    return render(request, f"meanwhile/designer/{template}", shown | context)
