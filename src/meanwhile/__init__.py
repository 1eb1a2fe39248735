"""Process management for Django where nobody waits for a slow action."""

from meanwhile.core.errors import ActionFailed, PermanentError
from meanwhile.plugins.functions import function

__all__ = ["ActionFailed", "PermanentError", "function"]
__version__ = "0.1.0"
