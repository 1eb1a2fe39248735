"""The states of a job as a picture, drawn from the transition table."""

from meanwhile.queue.states import TERMINAL, TRANSITIONS, State


def mermaid() -> str:
    """A state diagram in Mermaid's words, one line for each move."""
    moves = [
        f"  {source} --> {target}: {verb}"
        for source, targets in TRANSITIONS.items()
        for target, verb in targets.items()
    ]
    begins = [f"  [*] --> {state}" for state in (State.SCHEDULED, State.AVAILABLE)]
    ends = [f"  {state} --> [*]" for state in State if state in TERMINAL]
    return "\n".join(["stateDiagram-v2", *begins, *moves, *ends])
