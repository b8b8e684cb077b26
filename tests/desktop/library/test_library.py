"""The library's room against a hub on loopback: from a search to a model on this machine."""

import threading
from collections.abc import Iterator
from pathlib import Path

import keyring.backends.fail
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop.library.library import Library
from models.library.app_dirs import AppDirs, under
from models.library.downloadable import UNVERIFIED
from models.library.fit import Machine, MemoryPool
from models.library.hub.token import Tokens
from models.library.load_options import LoadOptions
from tests.desktop.library.test_local_actions import gguf
from tests.models.library.conftest import SOUND, with_architecture
from tests.models.library.hub_stand_in import StandIn

MEMORY = Machine(MemoryPool("CPU", "CPU", 8 * 10**9, 8 * 10**9))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[StandIn]:
    hub = StandIn()
    model = gguf(tmp_path / "made.gguf", "Made").read_bytes()
    hub.add("someone/made-1B-GGUF", {"made.Q8_0.gguf": model, "README.md": b"# made"})
    hub.add("someone/locked-1B-GGUF", {"locked.Q8_0.gguf": model}, gated=True)
    yield hub
    hub.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppDirs:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return under(tmp_path / "home")


@pytest.fixture
def library(home: AppDirs, hub: StandIn, qtbot: QtBot) -> Iterator[Library]:
    parent = QWidget()
    qtbot.addWidget(parent)
    library = Library(home, lambda: MEMORY, parent, Tokens(keyring.backends.fail.Keyring()))
    library.set_network(hub.endpoint, "", False)
    library.open()
    yield library
    library.close()


def searched(library: Library, qtbot: QtBot, words: str) -> None:
    library.search_tab.base_only.setChecked(False)
    library.search_tab.query.setText(words)
    library.search_tab.begin()
    qtbot.waitUntil(lambda: "Searching" not in library.search_tab.state.text())


def test_opening_makes_no_request(library: Library, hub: StandIn, qtbot: QtBot) -> None:
    qtbot.wait(400)
    assert hub.requests == []


def test_from_a_search_to_a_model_on_this_machine(library: Library, hub: StandIn, home: AppDirs, qtbot: QtBot) -> None:
    searched(library, qtbot, "made")
    tab = library.search_tab
    assert [listed.id for listed in tab.table.rows.values] == ["someone/made-1B-GGUF"]
    tab.panel.show_repository("someone/made-1B-GGUF")
    qtbot.waitUntil(lambda: bool(tab.panel.table.rows.values) and tab.panel.table.rows.values[0].fit is not None)
    fit = tab.panel.table.rows.values[0].fit
    assert fit is not None
    assert fit.words.startswith("runs on the CPU")
    with qtbot.waitSignal(library.message, timeout=10_000) as message:
        tab.panel.get.click()
    assert message.args is not None
    assert "made.Q8_0.gguf" in message.args[0]
    qtbot.waitUntil(lambda: len(library.local_actions.tab.table.rows.values) == 1)
    qtbot.waitUntil(lambda: bool(library.network_tab.table.rows.values))
    whys = {contact.why for contact in library.network_tab.table.rows.values}
    assert {"search for made", "files of someone/made-1B-GGUF"} <= whys
    with qtbot.waitSignal(library.model_chosen) as wish:
        library.downloads_tab.open.click()
    assert wish.args is not None
    assert Path(wish.args[0]).is_relative_to(home.models)


def test_a_file_without_a_checksum_is_reported_everywhere(library: Library, hub: StandIn, qtbot: QtBot) -> None:
    hub.repos["someone/made-1B-GGUF"].hashed = False
    panel = library.search_tab.panel
    panel.show_repository("someone/made-1B-GGUF")
    qtbot.waitUntil(lambda: UNVERIFIED in panel.why.text())
    hub.speed = 20_000.0
    with qtbot.waitSignal(library.message, timeout=20_000) as message:
        panel.get.click()
        assert UNVERIFIED in library.downloads_tab.message_label.text()  # while it comes
        assert "↵" not in library.downloads_tab.message_label.text()
    assert message.args is not None
    assert UNVERIFIED in message.args[0]
    qtbot.waitUntil(lambda: library.downloads_tab.message_label.text() == UNVERIFIED)
    tip = library.downloads_tab.table.rows.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert UNVERIFIED in tip and "↵" not in tip


def test_a_gated_model_says_what_to_do_and_a_token_helps(library: Library, hub: StandIn, qtbot: QtBot) -> None:
    tab = library.search_tab
    tab.panel.show_repository("someone/locked-1B-GGUF")
    qtbot.waitUntil(lambda: bool(tab.panel.table.rows.values))
    tab.panel.get.click()
    qtbot.waitUntil(lambda: "accept its terms" in library.downloads_tab.message_label.text(), timeout=10_000)
    library.downloads_tab.web_page_requested.disconnect()  # no browser in a test
    with qtbot.waitSignal(library.downloads_tab.web_page_requested) as wish:
        library.downloads_tab.web_page.click()
    assert wish.args is not None
    assert wish.args[0].url == f"{hub.endpoint}/someone/locked-1B-GGUF"
    hub.accounts["hf_good"].access.add("someone/locked-1B-GGUF")
    library.network_tab.token.setText("hf_good")
    library.network_tab.save_token.click()
    qtbot.waitUntil(lambda: "until Inkfall is closed" in library.network_tab.message_label.text())
    library.downloads_tab.resume.click()
    qtbot.waitUntil(lambda: library.downloads_tab.table.rows.values[0].phase == "done", timeout=10_000)
    assert library.downloads_tab.web_page.isHidden()


def test_offline_makes_no_request(library: Library, hub: StandIn, qtbot: QtBot) -> None:
    library.set_network(hub.endpoint, "", True)
    searched(library, qtbot, "made")
    assert "offline" in library.search_tab.state.text()
    assert hub.requests == []


def test_the_connection_can_be_tried(library: Library, hub: StandIn, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: library.network_tab.endpoint.text() == hub.endpoint)
    library.network_tab.test.click()
    qtbot.waitUntil(lambda: "answers" in library.network_tab.message_label.text())


def test_the_event_loop_runs_while_a_slow_hub_is_asked(library: Library, hub: StandIn, qtbot: QtBot) -> None:
    hub.fail("stall", where="api", seconds=1.0, times=3)
    turns: list[None] = []
    timer = QTimer(interval=1)
    timer.timeout.connect(lambda: turns.append(None))
    timer.start()
    library.search_tab.panel.show_repository("someone/made-1B-GGUF")
    assert not library.search_tab.panel.table.rows.values
    qtbot.waitUntil(lambda: len(turns) > 10)
    assert not library.search_tab.panel.table.rows.values  # the hub has not answered yet
    qtbot.waitUntil(lambda: bool(library.search_tab.panel.table.rows.values), timeout=10_000)
    timer.stop()
    assert threading.active_count() < 30


def test_a_download_that_was_closed_goes_on_when_asked(
    home: AppDirs, hub: StandIn, qtbot: QtBot, tmp_path: Path
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    hub.speed = 1_000_000
    big = gguf(tmp_path / "big.gguf", "Big", extra=3_000_000).read_bytes()
    hub.add("someone/big-1B-GGUF", {"big.Q8_0.gguf": big})
    for again in (False, True):
        library = Library(home, lambda: MEMORY, parent, Tokens(keyring.backends.fail.Keyring()))
        library.set_network(hub.endpoint, "", False)
        library.open()
        if again:
            assert library.downloads_tab.table.rows.values[0].phase == "paused"
            hub.speed = 0
            library.downloads_tab.resume.click()
            qtbot.waitUntil(
                lambda library=library: library.downloads_tab.table.rows.values[0].phase == "done", timeout=10_000
            )
        else:
            panel = library.search_tab.panel
            panel.show_repository("someone/big-1B-GGUF")
            qtbot.waitUntil(lambda panel=panel: bool(panel.table.rows.values))
            panel.get.click()
            qtbot.waitUntil(lambda library=library: library.downloads_tab.table.rows.values[0].done > 0, timeout=10_000)
        library.close()
    assert next(home.models.rglob("*.gguf")).read_bytes() == big


def test_a_change_of_another_setting_leaves_unapplied_changes(library: Library, hub: StandIn, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: library.network_tab.endpoint.text() == hub.endpoint)
    library.network_tab.endpoint.setText("https://half")
    library.hardware_tab.context.setValue(2_048)
    library.set_network(hub.endpoint, "", False)
    library.set_load_options(LoadOptions())
    qtbot.wait(100)
    assert library.network_tab.endpoint.text() == "https://half"
    assert library.hardware_tab.context.value() == 2_048
    library.set_load_options(LoadOptions(context=512))
    assert library.hardware_tab.context.value() == 512


def test_switching_to_offline_pauses_downloads(library: Library, hub: StandIn, qtbot: QtBot, tmp_path: Path) -> None:
    hub.speed = 1_000_000
    hub.add("someone/big-1B-GGUF", {"big.Q8_0.gguf": gguf(tmp_path / "big.gguf", "Big", extra=9_000_000).read_bytes()})
    library.search_tab.panel.show_repository("someone/big-1B-GGUF")
    qtbot.waitUntil(lambda: bool(library.search_tab.panel.table.rows.values))
    library.search_tab.panel.get.click()
    qtbot.waitUntil(lambda: library.downloads_tab.table.rows.values[0].done > 0, timeout=10_000)
    library.network_tab.offline.click()
    qtbot.waitUntil(lambda: library.downloads_tab.table.rows.values[0].phase == "paused")
    assert "offline" in library.downloads_tab.message_label.text()
    hub.speed = 0


def test_opening_a_model_hides_the_window(library: Library, home: AppDirs, qtbot: QtBot) -> None:
    gguf(home.models / "some.gguf", "Some")
    library.open()
    qtbot.waitUntil(lambda: len(library.local_actions.tab.table.rows.values) == 1)
    with qtbot.waitSignal(library.model_chosen):
        library.local_actions.tab.open.click()
    assert not library._ensure_window().isVisible()


def test_the_memory_of_devices_counts_for_the_fit(home: AppDirs, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    machine = Machine(MEMORY.memory, (MemoryPool("CUDA0", "CUDA", 10**12, 10**12, description="A card"),))
    library = Library(home, lambda: machine, parent, Tokens(keyring.backends.fail.Keyring()))
    library.open()
    qtbot.waitUntil(lambda: len(library.hardware_tab.table.rows.values) == 2)
    assert library._may_fit("someone/made-400B-GGUF")
    assert not library._may_fit("someone/made-4000B-GGUF")
    library.close()


def test_an_encoder_says_so_before_it_is_downloaded_and_after(
    library: Library, hub: StandIn, home: AppDirs, qtbot: QtBot
) -> None:
    hub.add("someone/read-GGUF", {"read.Q8_0.gguf": with_architecture(SOUND, "bert").encode()})
    panel, sentence = library.search_tab.panel, "read.Q8_0.gguf is an encoder: it reads text but can't continue it."
    panel.show_repository("someone/read-GGUF")
    qtbot.waitUntil(lambda: bool(panel.table.rows.values) and panel.table.rows.values[0].fit is not None)
    fit = panel.table.rows.values[0].fit
    assert fit is not None and (fit.words, fit.why) == ("can't write", sentence)
    with qtbot.waitSignal(library.message, timeout=10_000) as message:
        panel.get.click()
    assert message.args is not None and message.args[0].startswith(sentence) and "was kept" in message.args[0]
    queue = library.downloads_tab
    qtbot.waitUntil(lambda: queue.message_label.text() == message.args[0])  # pyright: ignore[reportOptionalSubscript]
    assert not queue.open.isEnabled() and queue.delete.isEnabled()
    assert len(list(home.models.rglob("read.Q8_0.gguf"))) == 1
    queue.delete.click()
    qtbot.waitUntil(lambda: any(box.isVisible() for box in queue.window().findChildren(QMessageBox)))


def test_the_address_of_a_file_opens_its_repository_and_chooses_it(
    library: Library, hub: StandIn, qtbot: QtBot
) -> None:
    files = {"a.Q4_K_M.gguf": SOUND.encode(), "small/b.Q8_0.gguf": SOUND.encode(), "large/b.Q8_0.gguf": SOUND.encode()}
    hub.add("someone/several-GGUF", files)
    tab, panel = library.search_tab, library.search_tab.panel
    for address, chosen, expected in (
        ("https://huggingface.co/someone/several-GGUF/blob/main/large/b.Q8_0.gguf", "large/b.Q8_0.gguf", ""),
        ("hf.co/someone/several-GGUF/resolve/main/small/b.Q8_0.gguf", "small/b.Q8_0.gguf", ""),
        ("someone/several-GGUF/a.Q4_K_M.gguf", "a.Q4_K_M.gguf", ""),
        ("https://huggingface.co/someone/several-GGUF/blob/main/c.gguf", "a.Q4_K_M.gguf", "has no c.gguf; name one of"),
    ):
        tab.query.setText(address)
        tab.begin()
        qtbot.waitUntil(lambda: len(panel.table.rows.values) == 3 and panel.table.current is not None)
        row = panel.table.current
        assert row is not None and row.item.path == chosen and expected in panel.state
        assert sorted(row.name for row in panel.table.rows.values) == ["Q4_K_M", "large/Q8_0", "small/Q8_0"]
