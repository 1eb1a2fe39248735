"""Meanwhile itself: its one door, and one worker."""

from bench import work
from bench.figures import OURS
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.engine.performer import EnginePerformer
from meanwhile.queue.worker import Worker


class Engine:
    """Everything is left at its defaults."""

    name = OURS

    def __init__(self, program: Program) -> None:
        self._program = program

    def submit(self, number: int) -> None:
        intake.submit(self._program, work.ITEM, work.values(number))

    def drain(self, table: str) -> None:
        Worker(EnginePerformer()).drain()

    def close(self) -> None:
        return
