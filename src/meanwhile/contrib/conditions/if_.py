"""Record criteria: go on when an expression is true."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from meanwhile.expressions import ExpressionSetting
from meanwhile.plugins.contracts import Condition, Context, NodeSettings
from meanwhile.plugins.registry import register


class IfSettings(NodeSettings):
    expression: ExpressionSetting = Field(description="What must be true, such as `record.seats > 4`.")


@register
class If(Condition):
    """Enters ``do`` when the expression is true, else ``otherwise``. An empty value counts as not true."""

    type = "if"
    label = gettext_lazy("Record criteria")
    description = gettext_lazy("Goes on with its children when an expression is true, else with those under otherwise.")
    Settings = IfSettings
    shorthand = "expression"

    def holds(self, settings: IfSettings, context: Context) -> bool:
        return bool(settings.expression.evaluate(context.scope))

    def summary(self, settings: IfSettings) -> str:
        return _("If %s") % settings.expression.source.strip()
