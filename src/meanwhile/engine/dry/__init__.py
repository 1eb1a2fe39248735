"""The parts of a dry run; ``engine.dry_run`` is the way in."""
