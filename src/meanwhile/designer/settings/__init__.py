"""The parts of ``designer.settings_form``: what can be chosen, how values are written, one control per annotation."""
