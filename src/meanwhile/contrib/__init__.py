"""What is shipped: field types, conditions, execution objects and actions. Importing this makes them known.

They use the public contract (``meanwhile.plugins``, ``meanwhile.expressions``, ``meanwhile.core``) and nothing else.
"""

from meanwhile.contrib import actions, conditions, executions, fields

__all__ = ["actions", "conditions", "executions", "fields"]
