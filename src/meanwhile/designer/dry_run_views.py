"""The dry run in the designer: choose, fill in, see the whole walk. What is sent here is never saved."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from meanwhile.core.errors import MeanwhileError, MissingDefinition
from meanwhile.definitions import drafts
from meanwhile.definitions.problems import DocumentErrors
from meanwhile.definitions.program import Program
from meanwhile.designer.access import designers_only
from meanwhile.designer.context import around
from meanwhile.designer.dry_run_choice import Choice, choice_form, choose
from meanwhile.designer.dry_run_form import answers_form, answers_of, values_form
from meanwhile.engine.dry_run import dry_run, load_draft, reading_of, starting_values
from meanwhile.pages.markup import markup

TEMPLATE = "meanwhile/designer/dry_run.html"


@require_http_methods(["GET", "HEAD", "POST"])
@designers_only
def show(request: HttpRequest, key: str) -> HttpResponse:
    """The choice, which is part of the address, and the values to fill in; posted, what would happen with them."""
    context = around(request, drafts.working(key))
    try:
        program = load_draft(context["working"].document)
    except DocumentErrors as errors:
        return render(request, TEMPLATE, {**context, "refused": errors.problems})
    except MissingDefinition as error:
        return render(request, TEMPLATE, {**context, "refused_because": error.message})
    choice = choose(program, request.GET)
    if choice is None:
        return render(request, TEMPLATE, {**context, "has_no_tables": True})
    return _page(request, {**context, "program": program}, program, choice)


def _page(request: HttpRequest, context: dict[str, Any], program: Program, choice: Choice) -> HttpResponse:
    reading = reading_of(program)
    context |= {"choice": choice, "choose": choice_form(program, reading, choice, request.user)}
    try:
        initial = starting_values(program, choice.trial(request.user.pk, {}, {}))
    except MeanwhileError as error:
        messages.error(request, error.message)
        return render(request, TEMPLATE, context, status=404)
    data = request.POST if request.method == "POST" else None
    values = values_form(program, reading, choice, initial, data)
    answers = answers_form(program, data)
    context |= {"values": values, "answers": answers}
    if data is None:
        return render(request, TEMPLATE, context)
    if not values.is_valid() or (answers is not None and not answers.is_valid()):
        return render(request, TEMPLATE, {**context, "form": values}, status=422)
    trial = choice.trial(request.user.pk, values.cleaned_data, answers_of(answers) if answers else {})
    return render(request, TEMPLATE, {**context, "told": dry_run(program, trial, render=markup)})
