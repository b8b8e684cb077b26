"""Shows every window of the program, filled, one after the other: for tests that walk all widgets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop.crash.dialog import CrashDialog
from desktop.library.second_dialog import SecondModelDialog
from desktop.library.starter_model import TermsDialog
from desktop.shell.dialogs import LicencesDialog
from desktop.shell.licences import licences
from desktop.updating.dialog import UpdateDialog
from desktop.updating.newest import Release
from models.library.fit import Machine, MemoryPool
from models.sampling.knobs import Sampling
from tests.models.library.conftest import SOUND, STRING, text
from tests.models.library.hub_stand_in import StandIn

TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"
REPOSITORY = "someone/made-1B-GGUF"
Shown = tuple[str, QWidget]


@dataclass(frozen=True, slots=True)
class Names:
    """The contents of the windows. file: a model. foreign: the text of its header, of errors and answers."""

    file: str = "one.gguf"
    foreign: str = "One"
    notice: str = "Something is the matter."
    button: str = "Do something"
    work: str = "Working…"
    report: str = "It went wrong."
    version: str = "9.9"
    url: str = "https://example.org/9.9"
    devices: tuple[tuple[str, str], ...] = ()


def every_window(hand: Any, hub: StandIn, names: Names = Names()) -> Iterator[Shown]:
    """Yields the name of each window and the window. hand: a started program with a model; hub: a stand-in for Hugging
    Face."""
    yield from main_window(hand, names)
    yield from library_pages(hand, hub, names)
    yield from dialogs(hand, names)
    yield from questions(hand, names)


def main_window(hand: Any, names: Names) -> Iterator[Shown]:
    """The window empty, and with everything in it that it can show at once."""
    program = hand.program
    yield "empty window", program.window
    program.welcome_presenter.open()
    yield "welcome", program.window
    program.welcome_presenter.view.dismiss()
    hand.sets(length=12, sampling=Sampling(temperature=0.9, top_k=40, repeat_penalty=1.1, mirostat=2))
    hand.types("Once upon a time")
    hand.writes()
    hand.writes(Qt.Key.Key_R)
    program.window.notice.say(names.notice, names.button, lambda: None)
    program.window.status.show_work("test", names.work, 0.4, lambda: None)
    program.find_bar.open("", None)
    hand.until(lambda: bool(program.pages.panel.list.rows.values))
    QApplication.sendPostedEvents()  # lays the toolbar out: the number of the continuation may just have come
    yield "window", program.window
    program.finder.stop()
    program.window.notice.clear()
    program.window.status.end_work("test")
    program.preferences.change(heat=True, plot_shown=True)
    program.side_dock.show("selection")
    hand.until(program.selection.panel.copy_csv.isEnabled)
    QApplication.sendPostedEvents()  # lays the numbers out
    yield "window with statistics", program.window
    program.preferences.change(heat=False, plot_shown=False)
    program.side_dock.show("odds")


def library_pages(hand: Any, hub: StandIn, names: Names) -> Iterator[Shown]:
    """The library, page by page, with a model on this machine, a repository and a download."""
    library = hand.program.library.instance
    path = put_model(hand.program.home.models, names)
    hub.add(REPOSITORY, {"made.Q8_0.gguf": path.read_bytes()})
    library.set_network(hub.endpoint, "", False)
    library.open()
    window = library.window
    hand.until(
        lambda: bool(library.local_actions.tab.table.rows.values) and bool(library.catalogue_tab.table.rows.values)
    )
    search = library.search_tab
    search.base_only.setChecked(False)
    search.query.setText("made")
    search.begin()
    hand.until(lambda: bool(search.table.rows.values))
    search.table.select(0)
    search.panel.show_repository(REPOSITORY)
    hand.until(lambda: search.panel.table.current is not None)
    search.panel.get.click()
    hand.until(
        lambda: (
            bool(library.downloads_tab.table.rows.values) and library.downloads_tab.table.rows.values[0].phase == "done"
        )
    )
    for place in range(window.tabs.count()):
        window.tabs.setCurrentIndex(place)
        yield f"library, {window.tabs.tabText(place)}", window
    window.hide()


def dialogs(hand: Any, names: Names) -> Iterator[Shown]:
    """Opens the dialogs of the menus."""
    window = hand.program.window
    hand.program.about._ask = lambda: names.devices  # what llama.cpp says of this machine is data
    for name in ("settings", "keys", "rename_page"):
        yield from _shown(hand, name, window.actions_[name].trigger)
    yield from _shown(hand, "second model", lambda: ask_for_second(hand))
    yield from _shown(hand, "about", lambda: show_about(hand))
    yield from _shown(hand, "licences", LicencesDialog(licences(), window).open)
    yield from _shown(hand, "terms", TermsDialog(window).open)
    yield from _shown(hand, "update", lambda: show_update(window, names))
    yield from _shown(hand, "crash", CrashDialog(names.report, "Where it was.", "crash.log", window).open)


def ask_for_second(hand: Any) -> None:
    """Opens the question for a second model, with a forecast of each."""
    hand.program.second_choice.machine = lambda: Machine(MemoryPool("CPU", "CPU", 10**9, 10**9))
    hand.program.window.actions_["compare"].trigger()
    dialog = hand.program.window.findChild(SecondModelDialog)
    hand.until(lambda: bool(dialog.table.rows.values) and all(one.judged for one in dialog.table.rows.values))


def show_about(hand: Any) -> None:
    """Opens About with llama.cpp's devices."""
    hand.program.about.open()
    hand.until(lambda: hand.program.about.dialog._waiting.isHidden())


def show_update(window: QWidget, names: Names) -> None:
    """A newer release was found."""
    dialog = UpdateDialog("example.org", window)
    dialog.show_newest(Release(names.version, names.url, "Faster."), "1.0", True)
    dialog.open()


def questions(hand: Any, names: Names) -> Iterator[Shown]:
    """Opens a model's information and the program's questions, over the library."""
    program = hand.program
    path = put_model(program.home.models, names)
    program.library.instance.open()
    local = program.library.instance.local_actions
    hand.until(lambda: any(model.path == path for model in local.tab.table.rows.values))
    model = next(model for model in local.tab.table.rows.values if model.path == path)
    for name, ask in (
        ("look inside", lambda: local._show_info(model)),
        ("remove a model", lambda: local._ask_to_remove(model)),
        ("delete a page", lambda: program.pages._ask_to_delete(path)),
        ("cannot be saved", lambda: program.page_dialogs._ask_whether_to_close(names.notice)),
    ):
        yield from _shown(hand, name, ask)
    program.library.instance.window.hide()


def put_model(folder: Path, names: Names = Names()) -> Path:
    """A small GGUF with a chat template."""
    made = SOUND.with_value("general.name", STRING, text(names.foreign))
    path = folder / names.file.replace("/", "")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.with_value("tokenizer.chat_template", STRING, text(TEMPLATE)).encode())
    return path


def open_dialogs() -> list[QDialog]:
    """The dialogs that are open now and keep the windows behind from being used."""
    shown = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    return [one for one in shown if one.isModal()]


def _shown(hand: Any, name: str, open_it: Callable[[], object]) -> Iterator[Shown]:
    """The dialog that this opens; closed behind."""
    open_it()
    hand.until(lambda: bool(open_dialogs()))
    (dialog,) = open_dialogs()
    yield name, dialog
    dialog.reject()
    dialog.deleteLater()
