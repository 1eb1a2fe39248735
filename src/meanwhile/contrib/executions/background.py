"""Run the children as soon as possible, without making the person wait."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meanwhile.contrib.executions.job_settings import JobSettings, branch
from meanwhile.plugins.contracts import Branch, Context, Execution
from meanwhile.plugins.registry import register


@register
class Background(Execution):
    """Its children become a job; the tree goes on at once."""

    type = "background"
    label = gettext_lazy("Background")
    description = gettext_lazy(
        "Runs its children as soon as possible afterwards; the person is on the next page at once."
    )
    Settings = JobSettings

    def branch(self, settings: JobSettings, context: Context) -> Branch:
        return branch(settings)

    def summary(self, settings: JobSettings) -> str:
        if settings.queue == "default":
            return _("In the background")
        return _("In the background, queue %s") % settings.queue
