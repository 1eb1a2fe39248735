"""What templates of the designer ask for."""

from django import template

from meanwhile.definitions.problems import Mend
from meanwhile.designer.mending_views import name_of

register = template.Library()


@register.filter
def mend_name(offered: Mend) -> str:
    """A mend as its form names it."""
    return name_of(offered)
