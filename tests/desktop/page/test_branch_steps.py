"""Which recorded operations were done on one branch of a fork."""

from desktop.page.branch_steps import on_branch
from desktop.page.edit import Edit, Switch
from desktop.page.forks import Branch, Fork
from desktop.page.history import History, Step


def typed(start: int) -> Edit:
    return Edit(start, 1, b"")


def test_switches_say_which_branch_an_operation_was_done_on() -> None:
    """Steps hold inverses: a switch from branch 1 to 2 is recorded as one to 1."""
    first, fork = Step("generation", [Switch(9, 5)]), Fork(9, 0, [Branch(1), Branch(2)], 2)
    one, two, again = (Step("typing", [typed(start)]) for start in (1, 2, 3))
    undo = [first, one, Step("switch", [Switch(9, 1)]), two]
    redo = [Step("typing", [typed(4)]), Step("switch", [Switch(9, 1)]), again]
    history = History(lambda: 0.0, undo, redo)
    assert on_branch(history, first, fork, 1).done == [(one, 0)]
    assert on_branch(history, first, fork, 2).done == [(two, 0)]
    assert on_branch(history, first, fork, 1).undone == [(redo[0], 0)]
    assert on_branch(history, first, fork, 2).undone == [(again, 0)]
