"""What one worker holds at the moment: jobs that can go on, and jobs whose effects are under way."""

from collections.abc import Iterable, Mapping, Sequence
from queue import Empty, SimpleQueue

from meanwhile.queue.jobs import Answer, Claimed, Ready


class Hand:
    """Only ``answered`` is called from other threads; everything else belongs to the loop."""

    def __init__(self) -> None:
        self.ready: list[Ready] = []
        self._under_way: dict[int, Claimed] = {}
        self._answers: SimpleQueue[tuple[Claimed, Answer]] = SimpleQueue()

    def __len__(self) -> int:
        return len(self.ready) + len(self._under_way)

    @property
    def epochs(self) -> Mapping[int, int]:
        """The epoch of each job that is held, by id."""
        return {job.id: job.epoch for job in self._jobs()}

    @property
    def has_alone(self) -> bool:
        """Whether a job is held that has to run alone."""
        return any(job.alone for job in self._jobs())

    @property
    def has_effects(self) -> bool:
        """Whether an effect of a job that is held is under way."""
        return bool(self._under_way)

    def _jobs(self) -> Iterable[Claimed]:
        yield from (each.job for each in self.ready)
        yield from self._under_way.values()

    def take(self, claimed: Sequence[Claimed]) -> None:
        """Newly claimed jobs can go on at once. What was held of one of them before is lost, and whoever claimed it
        anew was this very worker: it had not learned that a commit arrived."""
        if claimed:
            anew = {job.id for job in claimed}
            self.ready = [each for each in self.ready if each.job.id not in anew]
            self._under_way = {id_: job for id_, job in self._under_way.items() if id_ not in anew}
            self.ready += [Ready(job) for job in claimed]

    def send_out(self, job: Claimed) -> None:
        """An effect of the job is under way."""
        self._under_way[job.id] = job

    def answered(self, job: Claimed, answer: Answer) -> None:
        """From any thread: an effect came back."""
        self._answers.put((job, answer))

    def collect(self) -> None:
        """Jobs whose effects came back can go on. Answers for jobs that were dropped are dropped too."""
        try:
            while True:
                job, answer = self._answers.get_nowait()
                if self._under_way.get(job.id) is job:
                    del self._under_way[job.id]
                    self.ready.append(Ready(job, answer))
        except Empty:
            return

    def drop_unstarted(self) -> list[Claimed]:
        """Let go of the jobs that were claimed and not yet brought forward; which they are."""
        dropped = [each.job for each in self.ready if each.answer is None]
        self.ready = [each for each in self.ready if each.answer is not None]
        return dropped

    def drop_all(self) -> None:
        """Everything that was held is somebody else's."""
        self.ready.clear()
        self._under_way.clear()
