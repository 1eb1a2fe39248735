"""The checks of a document, one module per part of it. Each has ``findings(checked)``."""

from meanwhile.definitions.checks import forms, nodes, pages, races, tables

__all__ = ["forms", "nodes", "pages", "races", "tables"]
