"""What a change raises that makes no sense."""

from meanwhile.core.errors import PermanentError


class EditRefused(PermanentError):
    """The change cannot be made; the message says why."""
