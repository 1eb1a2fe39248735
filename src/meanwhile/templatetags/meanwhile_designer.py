"""What templates of the designer ask for."""

from typing import Any

from django import template
from django.template import Context

from meanwhile.definitions.problems import Located, Mend
from meanwhile.designer.addresses import address_of
from meanwhile.designer.mending_views import name_of
from meanwhile.designer.places import in_words, message_in_words
from meanwhile.designer.tabs import Tab, tabs

register = template.Library()


@register.filter
def mend_name(offered: Mend) -> str:
    """A mend as its form names it."""
    return name_of(offered)


@register.filter
def in_labels(message: str) -> str:
    """A problem's message with the label of a setting where it names the key."""
    return message_in_words(message)


@register.simple_tag(takes_context=True)
def designer_tabs(context: Context) -> list[Tab]:
    """The navigation of the application. Context: key, working, request."""
    return tabs(context["key"], context["working"].document, context["request"].path)


@register.simple_tag(takes_context=True)
def problem_place(context: Context, problem: Located) -> str:
    """Where a problem stands, in words; as the document has it where there are no better ones. Context: working."""
    return in_words(context["working"].document, problem.loc) or problem.path


@register.simple_tag(takes_context=True)
def problem_address(context: Context, problem: Located) -> Any:
    """The page of the designer that shows the place of a problem. Context: key, working."""
    return address_of(context["key"], problem.loc, context["working"].document)
