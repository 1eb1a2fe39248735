"""The help for expressions in the panel: what each of its controls gives, the names that can be used, the sample."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.document import Document
from meanwhile.definitions.drafts import Working
from meanwhile.definitions.inspection import Inspection
from meanwhile.designer.settings.choosing import table_of
from meanwhile.designer.settings.widgets import RowsInput
from meanwhile.designer.settings_form import Choosing
from meanwhile.designer.tree_names import Group, names_in_scope
from meanwhile.designer.tree_values import Explaining, Sample, Told, parameters_of

# In the session: the sample by application and table.
_SAMPLES = "designer_samples"


@dataclass(frozen=True)
class Help:
    """What stands below the controls. ``told``: by the name of the field, with the ids of the controls."""

    told: dict[str, list[tuple[str, Told]]]
    names: list[Group]
    sample: Sample


def keep_sample(request: HttpRequest, key: str, table: str, chosen: str) -> None:
    """Remember which record is the sample for the events of ``table``."""
    request.session[_SAMPLES] = request.session.get(_SAMPLES, {}) | {f"{key}.{table}": chosen[:40]}


def explaining(
    request: HttpRequest, working: Working, document: Document | None, event: str
) -> tuple[Explaining, Sample] | None:
    """What explains the expressions of ``event``; None where the draft does not load as far as that."""
    table = table_of(working.document, event)
    if document is None or table not in document.tables:
        return None
    chosen = request.session.get(_SAMPLES, {}).get(f"{working.key}.{table}", "")
    try:
        sample = Sample(working, document, table, chosen)
        return Explaining(document, table, event, sample, request.user.pk), sample
    except MeanwhileError:
        return None


def help_for(
    request: HttpRequest,
    working: Working,
    inspection: Inspection,
    event: str,
    choosing: Choosing,
    form: Iterable[forms.BoundField],
) -> Help | None:
    """The help for the fields of a form; None where nothing in it is an expression, or nothing can be said."""
    texts = list(_texts(form))
    found = explaining(request, working, inspection.document, event) if texts else None
    if found is None or inspection.document is None:
        return None
    explain, sample = found
    told: dict[str, list[tuple[str, Told]]] = {}
    for name, id_, kind, text in texts:
        told.setdefault(name, []).append((id_, explain.tell(kind, text)))
    parameters = parameters_of(inspection.document, event)
    names = names_in_scope(inspection.document, table_of(working.document, event), choosing, parameters)
    return Help(told, names, sample)


def _texts(form: Iterable[forms.BoundField]) -> Iterator[tuple[str, str, str, str]]:
    """Every expression of a form as it stands there: its field, the id of its control, its kind, its text."""
    for bound in form:
        value = bound.value()
        for widget, id_, text in _parts(bound, value):
            if kind := widget.attrs.get("data-expression"):
                yield bound.name, id_, str(kind), str(text or "")
        if isinstance(bound.field.widget, RowsInput):
            for index, (_name, text) in enumerate(value or ()):
                yield bound.name, f"{bound.auto_id}-{index}-value", "value", str(text)


def _parts(bound: Any, value: Any) -> Iterator[tuple[forms.Widget, str, Any]]:
    widget = bound.field.widget
    if isinstance(widget, forms.MultiWidget):
        given = value if isinstance(value, list) else list(widget.decompress(value) or ())
        for index, (part, text) in enumerate(zip(widget.widgets, given, strict=False)):
            yield part, f"{bound.auto_id}_{index}", text
    else:
        yield widget, bound.auto_id, value


def asked(request: HttpRequest, data: QueryDict, working: Working, document: Document | None, event: str) -> Told:
    """What a text gives that somebody types just now."""
    found = explaining(request, working, document, event)
    if found is None:
        return Told("", "nothing")
    return found[0].tell(data.get("kind", ""), data.get("text", ""))
