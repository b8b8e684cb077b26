"""Those who hear of a page's changes: a mistake of one is kept from the others, and from whoever changed the page.

It surfaces where every mistake does that nobody caught, as that of a signal's slot does.
"""

import sys
from collections.abc import Callable, Iterable, Sequence

from desktop.page.edit import Change

Listener = Callable[[Change], None]


def heard(listeners: Sequence[Listener], change: Change) -> list[Exception]:
    """Tell all of them of the change; what they raised."""
    faults: list[Exception] = []
    for listener in tuple(listeners):
        try:
            listener(change)
        except Exception as error:  # noqa: BLE001  (whatever it is: the page goes on, and it surfaces)
            faults.append(error)
    return faults


def surface(faults: Iterable[BaseException]) -> None:
    """Hand them to whoever is told of what nobody caught."""
    for fault in faults:
        sys.excepthook(type(fault), fault, fault.__traceback__)
