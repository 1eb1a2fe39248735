"""Where Django looks for the models of the application; each lives in the package that owns it."""

from meanwhile.definitions.models import Application, Draft, DraftChange, Version
from meanwhile.engine.models import ImportRow, RecordImport, Run, Submission
from meanwhile.pages.models import Use
from meanwhile.queue.models import Job, Lease, QueueRules

__all__ = [
    "Application",
    "Draft",
    "DraftChange",
    "ImportRow",
    "Job",
    "Lease",
    "QueueRules",
    "RecordImport",
    "Run",
    "Submission",
    "Use",
    "Version",
]
