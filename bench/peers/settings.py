"""The site of one peer: the database of the run as Meanwhile's own site uses it, mail that goes nowhere, no logging."""

import os
from pathlib import Path

from bench.peers import PEER
from meanwhile.config import environment

SECRET_KEY = "for the bench alone"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": environment.database(os.environ["DATABASE_URL"], Path(os.devnull))}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
LOGGING = {
    "version": 1,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "ERROR"},
    # Django would have a line for every task that begins and ends.
    "loggers": {"django": {"level": "ERROR"}},
}

_APPS = {
    "procrastinate": ["procrastinate.contrib.django"],
    "django_tasks_db": ["django_tasks_db"],
    "django_ox": ["django_ox"],
}
_BACKENDS = {
    "django_tasks_db": "django_tasks_db.DatabaseBackend",
    "django_ox": "django_ox.backend.OxBackend",
}
_peer = os.environ[PEER]
# Each process has the applications of its own queue and no others.
INSTALLED_APPS = ["bench.peers", *_APPS.get(_peer, [])]
if _peer in _BACKENDS:
    TASKS = {"default": {"BACKEND": _BACKENDS[_peer]}}
