"""The page about the states of a job; its picture and its table are made from the transition table."""

from meanwhile.queue.diagram import mermaid
from meanwhile.queue.states import TRANSITIONS, State

MEANINGS = {
    State.SCHEDULED: "It is due later. It holds nothing back.",
    State.AVAILABLE: "It is due and waits for its turn: behind earlier jobs of its record, and for a worker.",
    State.RUNNING: "The holder of a lease has claimed it.",
    State.RETRYING: "An action failed; it is tried again at a known time. Later jobs of the record wait for it.",
    State.FAILED: "It rests until a person resumes it, skips the action, restarts it or cancels it. It holds nothing back.",
    State.COMPLETED: "It is done.",
    State.CANCELLED: "A person ended it. What was done stays.",
}


def states_markdown() -> str:
    """The page in full."""
    rows = [f"| `{state}` | {MEANINGS[state]} | {_moves(state)} |" for state in State]
    return "\n".join(
        [
            "# The states of a job",
            "",
            "One column holds the state of a job. The table of moves stands in `meanwhile.queue.states`; this page is made",
            "from it, the CHECK constraints of the database follow from it, and every statement that writes a state names",
            "the state that it comes from.",
            "",
            "```mermaid",
            mermaid(),
            "```",
            "",
            "| state | meaning | may become |",
            "| --- | --- | --- |",
            *rows,
            "",
            "A job that is claimed carries the lease of its holder and an *epoch*, which counts up with every claim and every",
            "loss of a claim. Who writes with an old epoch writes nothing. The time at which a job was *first* due decides its",
            "place among the jobs of its record and never changes, so a retry does not lose its place.",
            "",
        ]
    )


def _moves(state: State) -> str:
    return ", ".join(f"`{target}` ({verb})" for target, verb in TRANSITIONS[state].items()) or "nothing: it is final"
