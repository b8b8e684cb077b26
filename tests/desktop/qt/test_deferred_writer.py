"""Changes are written once, off the GUI thread; flush waits for the write."""

import threading
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from desktop.qt.deferred_writer import DeferredWriter


class Store:
    """Something to keep: counts writes and says on which thread they were."""

    def __init__(self) -> None:
        self.value = 0
        self.written: list[tuple[int, str]] = []
        self.error: Exception | None = None

    def snapshot(self) -> Callable[[], None]:
        value = self.value

        def write() -> None:
            if self.error:
                raise self.error
            self.written.append((value, threading.current_thread().name))

        return write


@pytest.fixture
def store() -> Store:
    return Store()


def test_many_changes_are_one_write_on_another_thread(store: Store, qtbot: QtBot) -> None:
    keeper = DeferredWriter(store.snapshot, "store", delay=20)
    for store.value in range(1, 6):
        keeper.touch()
    qtbot.waitUntil(lambda: bool(store.written))
    keeper.close()
    assert [value for value, _ in store.written] == [5]
    assert store.written[0][1] != threading.current_thread().name


def test_flush_writes_only_pending_changes(store: Store, qtbot: QtBot) -> None:
    keeper = DeferredWriter(store.snapshot, "store", delay=60_000)
    keeper.flush()
    assert store.written == []
    store.value = 1
    keeper.touch()
    keeper.flush()
    assert [value for value, _ in store.written] == [1]
    keeper.close()
    assert len(store.written) == 1


def test_a_failed_write_is_reported(store: Store, qtbot: QtBot) -> None:
    keeper = DeferredWriter(store.snapshot, "store", delay=60_000)
    errors: list[OSError] = []
    keeper.failed.connect(errors.append)
    store.error = OSError(28, "No space left on device")
    keeper.touch()
    keeper.flush()
    assert [error.strerror for error in errors] == ["No space left on device"]
    store.error = None
    keeper.touch()
    keeper.close()
    assert len(store.written) == 1


def test_a_bug_is_raised(store: Store, qtbot: QtBot) -> None:
    keeper = DeferredWriter(store.snapshot, "store", delay=60_000)
    store.error = ValueError("ours")
    keeper.touch()
    with pytest.raises(ValueError, match="ours"):
        keeper.flush()
    store.error = None
    keeper.close()
