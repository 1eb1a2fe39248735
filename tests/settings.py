"""Settings of the test site: the stand-alone site's, on the database that ``MEANWHILE_TEST_BACKEND`` names."""

import os
import tempfile
from pathlib import Path

import dj_database_url

BACKEND = os.environ.get("MEANWHILE_TEST_BACKEND", "sqlite")
DATA = Path(os.environ.setdefault("DATA", tempfile.mkdtemp(prefix="meanwhile-test-")))
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)

from meanwhile.config.settings import *

if BACKEND == "postgresql":
    DATABASES = {"default": dj_database_url.parse(os.environ["MEANWHILE_TEST_DATABASE_URL"])}
else:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    path = DATA / f"test-{worker}.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(path)}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.host"]
