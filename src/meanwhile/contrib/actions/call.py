"""Call a Python function that installed code has registered: the way out to everything that is not shipped."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from django.db import Error as DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from meanwhile.contrib.actions.time_limit import within
from meanwhile.contrib.looking_up import cleaned, unknown, writing_problems
from meanwhile.contrib.time_limit_setting import TimeLimitSetting, in_seconds
from meanwhile.core import deadline
from meanwhile.core.conf import conf
from meanwhile.core.errors import FAILURES, ActionFailed, MeanwhileError, PermanentError
from meanwhile.core.exact_json import from_plain, to_plain
from meanwhile.expressions import ValueSetting, value_of
from meanwhile.plugins import child
from meanwhile.plugins.choosing import Chooses
from meanwhile.plugins.contracts import Action, Checking, Context, NodeSettings, Outcome, Problem
from meanwhile.plugins.functions import Function, find, functions
from meanwhile.plugins.registry import register
from meanwhile.plugins.samples import sample_of


class CallSettings(NodeSettings):
    function: Annotated[str, Chooses("function")] = Field(description="Name of a registered function.")
    arguments: Annotated[dict[str, ValueSetting], Chooses("argument")] = Field(
        default_factory=dict, description="What it gets, by name."
    )
    into: Annotated[str | None, Chooses("field")] = Field(None, description="The field that keeps what it returns.")
    time_limit: TimeLimitSetting | None = Field(
        None, description="How long one try may take; by default what the function says, else the site's setting."
    )


@register
class Call(Action):
    """Calls a registered function: as an effect, or inside the transaction where the function was declared so."""

    type = "call"
    label = gettext_lazy("Call function")
    description = gettext_lazy("Calls a Python function of an installed application and can keep what it returns.")
    Settings = CallSettings
    shorthand = "function"
    # A function inside the transaction may read the database, and must find there what the tree has done so far.
    needs_database = True

    def check(self, settings: CallSettings, checking: Checking) -> Iterable[Problem]:
        if settings.function not in checking.functions:
            sentence = _('There is no function "%(key)s"; register it with @function.')
            yield unknown(sentence, settings.function, sorted(checking.functions), ("function",))
        elif (known := functions.get(settings.function)) and (problem := known.check_names(settings.arguments)):
            yield Problem(problem, ("arguments",))
        if settings.into is not None:
            yield from writing_problems(checking.table, settings.into, ("into",))

    def obstacle(self, checking: Checking) -> str | None:
        return None if checking.functions else _("No function is registered on this site.")

    def summary(self, settings: CallSettings) -> str:
        if settings.into:
            return _("Call %(function)s into %(field)s") % {"function": settings.function, "field": settings.into}
        return _("Call %s") % settings.function

    def writes(self, settings: CallSettings) -> frozenset[str]:
        return frozenset({settings.into} if settings.into else ())

    def has_effect(self, settings: CallSettings) -> bool:
        known = functions.get(settings.function)
        return known is None or known.effect  # one that is missing fails where it is prepared

    def timeout_seconds(self, settings: CallSettings) -> float | None:
        known = functions.get(settings.function)
        own = in_seconds(settings.time_limit)
        return own if own is not None or known is None else known.timeout_seconds

    def run(self, settings: CallSettings, context: Context) -> Outcome:
        function = find(settings.function)
        limit = self.timeout_seconds(settings) or conf().inline_function_seconds
        try:
            value = within(limit, lambda: function(_arguments(settings, context)), function.name)
        except (MeanwhileError, DatabaseError):
            raise
        except FAILURES as error:
            raise ActionFailed(
                _('Function "%(function)s" failed: %(type)s: %(error)s')
                % {"function": function.name, "type": type(error).__name__, "error": error}
            ) from error
        return self._outcome(settings, _exact(function, value), context)

    def prepare(self, settings: CallSettings, context: Context) -> Mapping[str, Any]:
        find(settings.function)
        return {"function": settings.function, "arguments": _arguments(settings, context)}

    def perform(self, request: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        function = find(request["function"])
        return {"value": _exact(function, _perform(function, request["arguments"]))}

    def rehearse(self, settings: CallSettings, request: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
        field = context.table.fields.get(settings.into) if settings.into else None
        return {"value": None if field is None else sample_of(field, context.now)}

    def conclude(
        self, settings: CallSettings, request: Mapping[str, Any], answer: Mapping[str, Any], context: Context
    ) -> Outcome:
        return self._outcome(settings, answer.get("value"), context)

    def _outcome(self, settings: CallSettings, value: Any, context: Context) -> Outcome:
        if settings.into is None:
            return Outcome(detail={"value": value})
        kept = cleaned(context.table, settings.into, value)
        return Outcome(values={settings.into: kept}, detail={"value": value})


def _perform(function: Function, arguments: Mapping[str, Any]) -> Any:
    if not function.own_process:
        return function(arguments)
    seconds = conf().effect_seconds if function.timeout_seconds is None else function.timeout_seconds
    return child.call(function.name, arguments, deadline.seconds_left(otherwise=seconds))


def _arguments(settings: CallSettings, context: Context) -> dict[str, Any]:
    return {name: value_of(given, context.scope) for name, given in settings.arguments.items()}


def _exact(function: Function, value: Any) -> Any:
    """``value`` as it comes back out of the journal, so that the first try and a takeover see the same.

    What has no exact form cannot be kept; calling again would not mend that, and would repeat the effect.
    """
    try:
        return from_plain(to_plain(value))
    except (TypeError, ValueError, RecursionError):
        raise PermanentError(
            _('Function "%(function)s" returned a %(type)s, which cannot be kept. Return numbers, texts, dates, lists.')
            % {"function": function.name, "type": type(value).__name__}
        ) from None
