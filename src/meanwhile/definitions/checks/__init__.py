"""The checks of a document, one module per part of it. Each has ``findings(checked)``; those of races, flags and
circles are also given the walks of all trees."""

from meanwhile.definitions.checks import circles, flags, forms, nodes, pages, races, tables

__all__ = ["circles", "flags", "forms", "nodes", "pages", "races", "tables"]
