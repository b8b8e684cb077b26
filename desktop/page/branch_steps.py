"""Finds the recorded operations that were done, or undone, while one branch of a fork was shown: those that a growth in
the middle of that branch moves."""

from desktop.page.edit import Switch
from desktop.page.forks import Fork
from desktop.page.history import History, Recorded, Step


def on_branch(history: History, step: Step, fork: Fork, branch: int) -> Recorded:
    """What was done since that step while the branch was shown, and what is to be redone there. fork: on the shown
    branch now, and ever since that step; no branch of another fork was shown since in the text of this branch."""
    done: list[tuple[Step, int]] = []
    shown = fork.active
    for newer, index in reversed(history.since(step)):
        operation = newer.operations[index]
        if isinstance(operation, Switch):
            shown = operation.branch if operation.fork == fork.id else shown
        elif shown == branch:
            done.append((newer, index))
    undone: list[tuple[Step, int]] = []
    shown = fork.active
    for older, index in history.to_redo():
        operation = older.operations[index]
        if isinstance(operation, Switch):
            shown = operation.branch if operation.fork == fork.id else shown
        elif shown == branch:
            undone.append((older, index))
    return Recorded(done[::-1], undone)
