"""Spans where OpenTelemetry is not installed; ``tests/contract/engine/test_telemetry.py`` has the rest."""

import subprocess
import sys

# ``None`` in ``sys.modules`` makes an import fail as if the package were not there.
WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
from meanwhile.core import telemetry
assert not telemetry.IS_INSTALLED
with telemetry.span("a", "00-x", table="t") as here:
    assert telemetry.traceparent() is None
    telemetry.link(["b"])
assert telemetry.span("a") is telemetry.span("b")
assert not [name for name in sys.modules if name.startswith("opentelemetry.")]
"""


def test_without_opentelemetry_nothing_happens() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
