"""The start page: the forms that this visitor may use, by application."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from meanwhile.definitions.document import title_of
from meanwhile.definitions.program import Program, applications
from meanwhile.pages.access import may_use, page


@dataclass(frozen=True, slots=True)
class Tile:
    """A form as the start page shows it."""

    key: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """An application with the forms that this visitor may use."""

    key: str
    title: str
    description: str
    forms: list[Tile]


@page
def home(request: HttpRequest) -> HttpResponse:
    """The forms that this visitor may use; where there are none, what to do next."""
    programs = applications()
    shelves = [shelf for program in programs if (shelf := _shelf(program, request.user)).forms]
    context = {"shelves": shelves, "has_applications": bool(programs)}
    response = render(request, "meanwhile/home.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


def _shelf(program: Program, user: Any) -> Shelf:
    forms = [
        Tile(key, title_of(form.title, key), form.description)
        for key, form in program.forms.items()
        if may_use(form, user)
    ]
    return Shelf(program.application, program.title, program.document.description, forms)
