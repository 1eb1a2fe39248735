"""The changes that designers make, as functions from one plain document to the next. Pure: nothing is read or saved.

A change never alters what it is given. It may leave a document that is wrong, which ``inspection`` tells; what makes no
sense at all raises ``EditRefused``, with the reason in a sentence.
"""

from meanwhile.definitions.editing.refused import EditRefused

__all__ = ["EditRefused"]
