"""Tells the listeners of a page about a change. An exception in one of them reaches neither the others nor the caller:

it is reported where all uncaught exceptions are, as one in a signal's slot is.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from desktop.page.edit import BranchGrowth, Change

Listener = Callable[[Change], None]
GrowthListener = Callable[[BranchGrowth], None]
_Told = TypeVar("_Told", Change, BranchGrowth)


def notify(listeners: Sequence[Callable[[_Told], None]], change: _Told) -> list[Exception]:
    """Call all of them with the change. Returns what they raised."""
    errors: list[Exception] = []
    for listener in tuple(listeners):
        try:
            listener(change)
        except Exception as error:  # noqa: BLE001  (whatever it is: the page goes on, and the error is reported)
            errors.append(error)
    return errors


def report(errors: Iterable[BaseException]) -> None:
    """Hand the errors to sys.excepthook."""
    for error in errors:
        sys.excepthook(type(error), error, error.__traceback__)
