"""Process management for Django where nobody waits for a slow action."""

from meanwhile.plugins.functions import function

__all__ = ["function"]
__version__ = "0.1.0"
