"""The limit: the same rows by the driver alone, from texts that were made beforehand.

It interprets no tree, decides nothing, retries nothing and wakes nobody. Nobody can be faster on these tables without
doing less; how near the engine comes is the cost of everything that it is for.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.mail import EmailMessage, mailers

from bench import pace, work
from bench.contenders.own import OnOurTables
from bench.figures import LIMIT
from meanwhile.core import clock, exact_json
from meanwhile.definitions.program import Program
from meanwhile.engine import intake
from meanwhile.engine.models import Run
from meanwhile.queue.models import Job

# As many as the worker settles in one transaction.
BATCH = 50


# Told of the records of each batch after its commit, and when the batch was taken up.
type Note = Callable[[list[int], float], None]


class Limit(OnOurTables):
    """What the limits on both databases have in common: texts of the size that the engine writes."""

    name = LIMIT
    worker = "bench.limit_worker"

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        first = intake.submit(program, work.ITEM, work.values(0))
        run, job = (
            Run.objects.get(submission_id=first.submission_id),
            Job.objects.get(submission_id=first.submission_id),
        )
        self.run_steps = exact_json.dumps(run.steps)
        self.payload = exact_json.dumps(job.payload)
        self.chain = exact_json.dumps(run.chain)
        self.nodes = (job.branch_node, job.at_node)
        self.job_steps = {key: exact_json.dumps(_steps(program, key)) for key in (work.ITEM, work.LETTER)}

    def submit(self, count: int, per_second: float = 0) -> list[pace.Submitted]:
        return pace.submit(self.submit_one, count, per_second)

    def submit_one(self, number: int) -> int:
        """One record with what belongs to it, committed; its id, or 0 where the statement does not tell."""
        raise NotImplementedError

    def drain(self, note: Note) -> None:
        """Do all jobs that wait, in batches of one table each."""
        raise NotImplementedError

    def submission(self, number: int) -> dict[str, Any]:
        """The parameters of one submission."""
        return {
            "word": f"word {number}",
            "email": work.ADDRESS,
            "a": f"Received word {number}",
            "d": "Queued",
            "now": clock.now(),
            "version": self.program.version_id,
            "event": "item.record_update",
            "chain": self.chain,
            "run_steps": self.run_steps,
            "payload": self.payload,
            "branch_node": self.nodes[0],
            "at_node": self.nodes[1],
        }

    def send(self, table: str, rows: Sequence[tuple[Any, str, str]]) -> None:
        """Build and hand over the e-mails of a batch of records (id, word, address)."""
        if table == work.LETTER:
            messages = [EmailMessage(f"Done: {word}", f"Dear {word}", None, [to]) for _id, word, to in rows]
            mailers.default.send_messages(messages)


def _steps(program: Program, table: str) -> list[dict[str, Any]]:
    """A finished journal of the job of ``table``, as long as a real one."""
    tree = program.trees[f"{table}.record_update"]
    (background,) = (node for node in tree.nodes if node.type == "background")
    return [
        {
            "outcome": "done",
            "at": clock.now().isoformat(),
            "node": node.id,
            "type": node.type,
            "event": tree.event,
            "changes": {"b": [None, "Checked word 1000"]},
        }
        for node in background.do
    ]
