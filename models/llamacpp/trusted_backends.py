"""Which loadable backends of llama.cpp this process may load: what the process that started it found out of them, told
before llama.cpp is loaded (binding.py).
"""

from models.engine.requests import BackendStatus

_given: list[tuple[BackendStatus, ...]] = []


def trust(statuses: tuple[BackendStatus, ...] | None) -> None:
    """Those count in this process. None: nothing is known."""
    if statuses is not None:
        _given[:] = [statuses]


def given() -> tuple[BackendStatus, ...] | None:
    """What was told; None where nothing was."""
    return _given[-1] if _given else None
