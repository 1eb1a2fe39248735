"""Measures Meanwhile beside the least that the database's own driver needs for the same rows, in one run.

``python -m bench`` runs it all and writes ``bench/latest.json`` and ``docs/explanation/speed.md``. Nothing here is part
of the distribution.
"""
