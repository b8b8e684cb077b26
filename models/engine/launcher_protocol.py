"""What the engine's handle asks of whatever starts its child process (models/launch): the child itself, whether a file
may be loaded, and what to do where the child has died.
"""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Protocol

from models.engine.events import Event
from models.engine.requests import Load


class Child(Protocol):
    """A child process (models/launch/child_process.py)."""

    pipe: Connection[Any, Any]  # the parent's end

    @property
    def pid(self) -> int | None: ...

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        ...

    def join(self, seconds: float | None = None) -> None:
        """Wait until it has ended, or that long."""
        ...

    def kill(self) -> None: ...

    def end(self, patience: float = 0.0) -> object:
        """Have it gone: it may end by itself for `patience` seconds, then it is killed. The pipe is closed."""
        ...


class Launcher(Protocol):
    """Any thread may call; `check` and `after_death` may take long."""

    def start(self) -> Child:
        """Start a child. Raises OSError."""
        ...

    def check(self, load: Load, wanted: Callable[[], bool]) -> Load:
        """The load, with the backends that it may use, once its file is known to be safe to load. wanted: false to give
        up. Raises ModelError where the file may not be loaded, Stopped where nobody wants it any more.
        """
        ...

    def again(self, load: Load) -> Load:
        """The load for another child: the one before may have died of a backend."""
        ...

    def begins(self, load: Load) -> None:
        """That load is sent to the child."""
        ...

    def saw(self, event: Event) -> None:
        """The child answered."""
        ...

    def give_up(self) -> None:
        """The user stopped the load or killed the child: what becomes of it blames nothing."""
        ...

    def after_death(self, load: Load, loading: bool, child: Child) -> Load | None:
        """What to load in another child: the same with fewer layers, or without the backend that is to blame. None
        where neither is the cause. load: what the child was loading, or had loaded.
        """
        ...

    def obituary(self, child: Child) -> str:
        """Why the child is gone: one sentence for the user."""
        ...
