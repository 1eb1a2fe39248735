"""One-click mends: what a check offers, carried out on the draft as one change that can be undone."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from meanwhile.definitions import drafts
from meanwhile.definitions.editing.mending import mend
from meanwhile.definitions.problems import Mend
from meanwhile.designer.access import designers_only
from meanwhile.designer.changing import back, change


@require_POST
@designers_only
def carry_out(request: HttpRequest, key: str) -> HttpResponse:
    """Do the mend that the form names. Only what the checks offer now is done, whatever was sent."""
    then = back(request, key)
    chosen = _offered(key, request.POST.get("mend", ""))
    if chosen is None:
        messages.warning(request, _("There is nothing to mend here any more."))
        return HttpResponseRedirect(then, status=303)
    return change(request, key, chosen.label, lambda plain: mend(plain, chosen), then)


def name_of(offered: Mend) -> str:
    """A mend as a form names it."""
    return "|".join([offered.name, offered.value, *map(str, offered.loc)])


def _offered(key: str, name: str) -> Mend | None:
    problems = drafts.working(key).inspection.problems
    return next((each for problem in problems for each in problem.mends if name_of(each) == name), None)
