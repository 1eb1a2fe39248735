"""The shipped execution objects, one per module."""

from meanwhile.contrib.executions.background import Background
from meanwhile.contrib.executions.delay import Delay

__all__ = ["Background", "Delay"]
