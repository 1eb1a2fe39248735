"""The shipped conditions, one per module."""

from meanwhile.contrib.conditions.if_ import If
from meanwhile.contrib.conditions.if_new_record import IfNewRecord

__all__ = ["If", "IfNewRecord"]
