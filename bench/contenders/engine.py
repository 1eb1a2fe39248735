"""Meanwhile itself: its one door, and its worker."""

from collections.abc import Mapping

from django.db import connection

from bench import pace, work
from bench.contenders.own import OnOurTables
from bench.figures import OURS
from bench.names import FUNCTION
from meanwhile.engine import intake


class Engine(OnOurTables):
    """Everything is left at its defaults."""

    name = OURS
    worker = "bench.noting_worker"

    @property
    def bodies(self) -> Mapping[str, tuple[str, str]]:
        # A function that saves by itself is measured beside the peers, and those work on PostgreSQL.
        more = {work.CALL: (FUNCTION, OURS)} if connection.vendor == "postgresql" else {}
        return {**super().bodies, **more}

    def submit(self, count: int, per_second: float = 0, table: str = work.ITEM) -> list[pace.Submitted]:
        def one(number: int) -> int:
            return int(intake.submit(self.program, table, work.values(number)).record_id)

        return pace.submit(one, count, per_second)
