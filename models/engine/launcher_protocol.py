"""The protocols of a child process and of the launcher (models/launch) that starts it, checks files before a load and
decides what to load after a death.
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
        """Wait until it has ended, `seconds` at most (None: without a limit)."""
        ...

    def kill(self) -> None: ...

    def end(self, patience: float = 0.0) -> object:
        """End it: wait `patience` seconds for it to end by itself, then kill it. Closes the pipe."""
        ...


class Launcher(Protocol):
    """Starts children. Any thread may call; `check` and `load_after_death` may take long."""

    def start(self) -> Child:
        """Start a child. Raises OSError."""
        ...

    def check(self, load: Load, wanted: Callable[[], bool]) -> Load:
        """Check that the file is safe to load. Returns the load with the backends it may use. wanted: polled, false to
        stop. Raises ModelError if the file may not be loaded, Stopped if `wanted` returned false.
        """
        ...

    def renewed(self, load: Load) -> Load:
        """The load for another child, with the backends to use now: the last child may have died of one."""
        ...

    def load_sent(self, load: Load) -> None:
        """Note that this load is sent to the child."""
        ...

    def event_received(self, event: Event) -> None:
        """Note an event of the child."""
        ...

    def blame_nothing(self) -> None:
        """The user stopped the load or killed the child: a death that follows is not taken for a device's fault."""
        ...

    def load_after_death(self, load: Load, loading: bool, child: Child, streams: int) -> Load | None:
        """What to load in another child: the same model with fewer layers, without the backend that killed the child,
        or with fewer streams. None if none was the cause. load: what the child was loading or had loaded; loading:
        which of the two. streams: how many it was asked to write, 0 if it wrote none.
        """
        ...

    def death_message(self, child: Child) -> str:
        """Why the child died: one sentence for the user."""
        ...
