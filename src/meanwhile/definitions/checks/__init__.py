"""The checks of a document, one module per part of it. Each has ``findings(checked)``."""

from meanwhile.definitions.checks import circles, flags, forms, nodes, pages, races, tables

__all__ = ["circles", "flags", "forms", "nodes", "pages", "races", "tables"]
