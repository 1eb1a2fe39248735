"""Settings of the test site: the stand-alone site's, on the database that ``MEANWHILE_TEST_BACKEND`` names."""

import os
import tempfile
from pathlib import Path

import dj_database_url

BACKEND = os.environ.get("MEANWHILE_TEST_BACKEND", "sqlite")
DATA = Path(os.environ.setdefault("DATA", tempfile.mkdtemp(prefix="meanwhile-test-")))
# Each process of a run has a folder of its own, since the mail of a test in one is no business of a test in another.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
if WORKER and DATA.name != WORKER:  # a process that a test starts finds it named already
    DATA /= WORKER
    DATA.mkdir(exist_ok=True)
    os.environ["DATA"] = str(DATA)
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)

from meanwhile.config.settings import *

if BACKEND == "postgresql":
    DATABASES = {"default": dj_database_url.parse(os.environ["MEANWHILE_TEST_DATABASE_URL"])}
    # Processes are killed here, but no test takes the power away; so nobody waits until a commit has reached the disk.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
else:
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.host"]
