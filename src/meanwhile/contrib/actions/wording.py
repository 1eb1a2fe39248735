"""Settings in the words of a node's one-line summary."""

from typing import Any

from django.utils.translation import gettext as _

from meanwhile.expressions import Expression, Template

# A line of the tree is read at a glance.
_LONGEST = 60


def in_words(setting: Any) -> str:
    """A value of the document as people read it: ``nothing``, ``yes``, a text or a placeholder, cut when long."""
    if setting is None:
        return _("nothing")
    if isinstance(setting, bool):
        return _("yes") if setting else _("no")
    if isinstance(setting, (list, tuple)):
        return shortened(", ".join(map(in_words, setting)))
    text = setting.source if isinstance(setting, (Template, Expression)) else str(setting)
    return shortened(text) or _("nothing")


def shortened(text: str) -> str:
    """``text`` in one line of at most 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
