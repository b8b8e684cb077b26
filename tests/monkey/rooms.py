"""Actions in panels, bars, other windows and dialogs: uses each widget according to its kind."""

from random import Random

from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QListView,
    QMessageBox,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

from tests.monkey import words
from tests.monkey.actions import Turns, action, choose_from_menu
from tests.monkey.hand import CONTROL, NONE, SHIFT, Hand, Key, is_file_dialog

TYPED = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)
USED = (*TYPED, QAbstractButton, QAbstractItemView, QAbstractSlider, QComboBox, QTabBar)


@action(14, anywhere=True)
def use_a_widget(hand: Hand, chance: Random) -> Turns:
    """Any that can be used in any window: buttons are clicked, fields typed into, lists walked."""
    window = chance.choice(hand.access.free_windows() or [hand.access.window])
    found = [one for one in window.findChildren(QWidget) if isinstance(one, USED) and usable(one)]
    found = [one for one in found if one is not hand.access.editor and one.window() is window]
    if found:
        yield from use(hand, chance, chance.choice(found))
    yield 0


def usable(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and not is_file_dialog(widget) and not widget.size().isEmpty()


def use(hand: Hand, chance: Random, widget: QWidget) -> Turns:
    match widget:
        case QMessageBox():
            pass
        case QAbstractButton():
            hand.clicks(widget)
            yield 0
            yield from choose_from_menu(hand, chance)
        case QComboBox():
            hand.clicks(widget)
            for _ in range(chance.randrange(4)):
                hand.key(chance.choice((Key.Key_Down, Key.Key_Up)))
            hand.key(chance.choice((Key.Key_Return, Key.Key_Escape)), text="\r")
        case QTabBar():
            hand.clicks(widget, widget.tabRect(chance.randrange(max(1, widget.count()))).center())
        case QAbstractItemView():
            yield from use_rows(hand, chance, widget)
        case QAbstractSlider():
            hand.turns(widget, chance.choice((-3, 3)))
        case _:
            type_into(hand, chance, widget)
    yield 0


def type_into(hand: Hand, chance: Random, widget: QWidget) -> None:
    """Into a field: something else in the place of what is there."""
    hand.clicks(widget)
    if chance.random() < 0.7:
        hand.key(Key.Key_A, CONTROL)
    text = chance.choice((*words.FOUND, *words.TITLES, "0", "-1", "99999999999", "0.0", "nan", "1e9", "7"))
    hand.types(text[:40])
    if chance.random() < 0.3:
        hand.composes("か")
        hand.composes("", chance.choice(("", "か")))
    if chance.random() < 0.5:
        hand.key(chance.choice((Key.Key_Return, Key.Key_Up, Key.Key_Down, Key.Key_Tab, Key.Key_Escape)))


def use_rows(hand: Hand, chance: Random, view: QAbstractItemView) -> Turns:
    """A list or a table: its rows by mouse and keys, their menus."""
    viewport = view.viewport()
    place = hand.place_in(viewport, chance)
    match chance.randrange(6):
        case 0:
            hand.doubles(viewport, place)
        case 1:
            hand.clicks(viewport, place)
            hand.asks_for_menu(viewport, place)
            yield 0
            yield from choose_from_menu(hand, chance)
        case 2:
            hand.turns(viewport, chance.choice((-3, 3)))
        case _:
            hand.clicks(viewport, place)
            for _ in range(chance.randrange(5)):
                hand.key(chance.choice((Key.Key_Down, Key.Key_Up, Key.Key_Home, Key.Key_End, Key.Key_Space, Key.Key_T)))


@action(4)
def go_round(hand: Hand, chance: Random) -> Turns:
    """Go from region to region, and from stop to stop."""
    for _ in range(chance.randint(1, 12)):
        hand.key(*chance.choice(((Key.Key_F6, NONE), (Key.Key_F6, SHIFT), (Key.Key_Tab, NONE), (Key.Key_Tab, SHIFT))))
        if chance.random() < 0.2 and hand.focus() is not hand.access.editor and usable(hand.focus()):
            hand.key(chance.choice((Key.Key_Space, Key.Key_Down, Key.Key_Up)))
    yield 0


# ------------------------------------------------------------------------------------------------ dialogs


@action(10)
def open_a_dialog(hand: Hand, chance: Random) -> Turns:
    names = ("settings", "settings", "keys", "about", "rename_page", "library", "updates", "welcome", "print")
    hand.command(chance.choice((*names, "save_page_as", "open_page", "export", "open_model")))
    yield 60
    yield from in_a_dialog(hand, chance)


@action(1, anywhere=True)
def in_a_dialog(hand: Hand, chance: Random) -> Turns:
    """Tab through it, use something in it, answer it."""
    dialogs = hand.access.dialogs()
    if not dialogs:
        return
    dialog = dialogs[0]
    if is_file_dialog(dialog):
        yield from in_a_file_dialog(hand, chance, dialog)
        return
    for _ in range(chance.randint(0, 3)):
        found = [one for one in dialog.findChildren(QWidget) if isinstance(one, USED) and usable(one)]
        found = [one for one in found if not isinstance(one, QAbstractButton) or one.isCheckable()]
        if found and dialog.isVisible():
            yield from use(hand, chance, chance.choice(found))
    for _ in range(chance.choice((0, 3, 20))):
        hand.key(Key.Key_Tab, chance.choice((NONE, NONE, SHIFT)))
    yield 0
    if dialog in hand.access.dialogs() and chance.random() < 0.8:
        answer(hand, chance, dialog)
    yield 10


def answer(hand: Hand, chance: Random, dialog: QDialog) -> None:
    """Answer by Esc, Enter, or a button."""
    buttons = [one for one in dialog.findChildren(QAbstractButton) if usable(one) and not one.isCheckable()]
    match chance.randrange(3):
        case 0:
            hand.key(Key.Key_Escape)
        case 1:
            hand.key(Key.Key_Return, text="\r")
        case _ if buttons:
            hand.clicks(chance.choice(buttons))
        case _:
            hand.key(Key.Key_Escape)


def in_a_file_dialog(hand: Hand, chance: Random, dialog: QWidget) -> Turns:
    """A name is typed and entered, whatever it leads to; or nothing is chosen. Only its field of names is used: the
    rest of it could delete."""
    assert isinstance(dialog, QFileDialog)
    field = next((one for one in dialog.findChildren(QLineEdit) if one.objectName() == "fileNameEdit"), None)
    if field is None or not field.isVisible() or chance.random() < 0.25:
        hand.does("gives up the file dialog", dialog.reject)
        return
    name = chance.choice(places(hand, chance))
    hand.does(f"chooses {name!a}", lambda: field.setText(name))
    yield 0
    field.setFocus()
    hand.key(Key.Key_Return, text="\r")
    yield 30
    if dialog in hand.access.dialogs():
        hand.does("gives up the file dialog", dialog.reject)
    yield 0


def places(hand: Hand, chance: Random) -> list[str]:
    """Names of files: there and not there, that can be written and cannot."""
    user = hand.access.home.data.parent / "user"
    ours = [str(path) for path in sorted(hand.access.page_files(hand.access.home.data.parent))][:12]
    new = [f"{chance.randrange(5)}{one}" for one in (".inkfall", ".txt", ".html", ".pdf", ".jsonl", "")]
    # not in /proc: Qt's dialog reads files to tell their kinds, and waits for /proc/kmsg without end
    bad = ["/sys/none.inkfall", "/sys/nowhere/at/all.inkfall", str(user), str(user / ("n" * 300))]
    return [*ours, *2 * [str(user / name) for name in new], *bad, str(user / "model.gguf")]


# ------------------------------------------------------------------------------------------------ pages


def pages_list(hand: Hand) -> QListView | None:
    dock = next((one for one in hand.access.docks() if one.objectName() == "pages"), None)
    found = dock.findChild(QListView) if dock is not None else None
    return found if isinstance(found, QListView) and usable(found) and hand.access.page_is_free else None


@action(12)
def another_page(hand: Hand, chance: Random) -> Turns:
    """Open a page of the list, by keys or the mouse, or a new one."""
    rows = pages_list(hand)
    if rows is None or chance.random() < 0.25:
        hand.command("new_page", by_key=chance.random() < 0.5)
        yield chance.choice((0, 0, 50))
        return
    row = chance.randrange(max(1, rows.model().rowCount()))
    place = rows.visualRect(rows.model().index(row, 0)).center()
    if rows.viewport().rect().contains(place):
        hand.doubles(rows.viewport(), place)
    yield chance.choice((0, 0, 20, 100, 300))


@action(7)
def what_is_done_with_pages(hand: Hand, chance: Random) -> Turns:
    """Rename, trash, duplicate, restore, by the list's keys and its menus."""
    rows = pages_list(hand)
    if rows is None or not rows.model().rowCount():
        hand.command(chance.choice(("show_pages", "duplicate_page", "rename_page")))
        return
    place = rows.visualRect(rows.model().index(chance.randrange(rows.model().rowCount()), 0)).center()
    if not rows.viewport().rect().contains(place):
        return
    hand.clicks(rows.viewport(), place)
    match chance.randrange(4):
        case 0:
            hand.key(Key.Key_F2)
            yield 0
            hand.types(chance.choice(words.TITLES)[:30].replace("\n", ""))
            hand.key(chance.choice((Key.Key_Return, Key.Key_Return, Key.Key_Escape, Key.Key_Tab)), text="\r")
        case 1:
            hand.key(Key.Key_Delete)
        case _:
            hand.asks_for_menu(rows.viewport(), place)
            yield 0
            yield from choose_from_menu(hand, chance)
    yield chance.choice((0, 50))


@action(3)
def the_trash(hand: Hand, chance: Random) -> Turns:
    """Shown, or no longer; in it the actions on pages restore and delete."""
    rows = pages_list(hand)
    panel = rows.parentWidget() if rows is not None else None
    if panel is not None:
        found = [one for one in panel.findChildren(QAbstractButton) if one.isCheckable() and usable(one)]
        if found:
            hand.clicks(found[0])
    yield 20


@action(3)
def search_all_pages(hand: Hand, chance: Random) -> Turns:
    hand.command("find_in_pages", by_key=chance.random() < 0.5)
    hand.key(Key.Key_A, CONTROL)
    hand.types(chance.choice(words.FOUND))
    yield chance.choice((0, 100, 400))
    for _ in range(chance.randrange(4)):
        hand.key(chance.choice((Key.Key_Down, Key.Key_Up, Key.Key_Return, Key.Key_Escape)))
        yield 10


# ------------------------------------------------------------------------------------------------ find and replace


@action(8)
def find(hand: Hand, chance: Random) -> Turns:
    hand.command("find", by_key=chance.random() < 0.5)
    yield 0
    bar = next((one for one in hand.access.window.findChildren(QLineEdit) if one is hand.focus()), None)
    if bar is None:
        return
    if chance.random() < 0.8:
        hand.key(Key.Key_A, CONTROL)
        hand.types(chance.choice(words.FOUND))
    yield chance.choice((0, 30, 250))
    around = bar.parentWidget()
    for _ in range(chance.randrange(5)):
        buttons = [one for one in around.findChildren(QAbstractButton) if usable(one)] if around else []
        if buttons and chance.random() < 0.6:
            hand.clicks(chance.choice(buttons))
        else:
            hand.command(chance.choice(("find_next", "find_previous")), by_key=chance.random() < 0.5)
        yield chance.choice((0, 0, 50))
    fields = [one for one in around.findChildren(QLineEdit) if usable(one)] if around else []
    if len(fields) > 1 and chance.random() < 0.5:
        hand.clicks(fields[1])
        hand.key(Key.Key_A, CONTROL)
        hand.types(chance.choice(words.INSTEAD))
    if chance.random() < 0.4:
        hand.key(Key.Key_Escape)
    yield 0


# ------------------------------------------------------------------------------------------------ sampling


@action(6)
def change_sampling(hand: Hand, chance: Random) -> Turns:
    """A knob of the panel, also while the model writes."""
    dock = next((one for one in hand.access.docks() if one.objectName() == "sampling"), None)
    found = [one for one in dock.findChildren(QWidget) if isinstance(one, USED) and usable(one)] if dock else []
    if found and hand.access.page_is_free:
        yield from use(hand, chance, chance.choice(found))
    yield 0
