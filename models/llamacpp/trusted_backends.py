"""The backends that this process may load, set by the parent's findings before llama.cpp is loaded (binding.py)."""

from models.engine.requests import BackendStatus

_given: list[tuple[BackendStatus, ...]] = []


def trust(statuses: tuple[BackendStatus, ...] | None) -> None:
    """Set the statuses for this process. None changes nothing."""
    if statuses is not None:
        _given[:] = [statuses]


def given() -> tuple[BackendStatus, ...] | None:
    """The statuses that were set, or None."""
    return _given[-1] if _given else None
