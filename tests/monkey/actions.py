"""The table of the monkey's actions, with weights. Each uses its own random numbers, so that a run without some of them
does the others alike. An action may take several turns of the event loop: it yields the milliseconds until its next
part."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDockWidget, QMenu

from tests.monkey import words
from tests.monkey.hand import CONTROL, NONE, SHIFT, Button, Hand, Key, mime

Turns = Iterator[int]
Doing = Callable[[Hand, Random], Turns]


@dataclass(frozen=True, slots=True)
class Action:
    """One action. weight: how likely it is. anywhere: it is also done while a dialog is open."""

    name: str
    weight: float
    does: Doing
    anywhere: bool = False


ACTIONS: list[Action] = []


def action(weight: float, anywhere: bool = False) -> Callable[[Doing], Doing]:
    """Add a function to the table of actions, under its name."""

    def put(does: Doing) -> Doing:
        ACTIONS.append(Action(does.__name__, weight, does, anywhere))
        return does

    return put


# ------------------------------------------------------------------------------------------------ keys on the page

MOVES = (Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End, Key.Key_PageUp)
DELETES = (Key.Key_Backspace, Key.Key_Delete)


@action(14)
def type_a_word(hand: Hand, chance: Random) -> Turns:
    """Type a word that was never used before, and check that the whole of it is on the page."""
    if not hand.to_the_page():
        return
    word = hand.new_word()
    hand.types(word + chance.choice((" ", "\n", ". ", "")))
    if word not in hand.access.text:
        raise AssertionError(f"{word!a} was typed and is not on the page")
    yield 0


@action(4)
def type_odd_characters(hand: Hand, chance: Random) -> Turns:
    if hand.to_the_page():
        hand.types("".join(chance.choices(words.CHARACTERS, k=chance.randint(1, 8))))
    yield 0


@action(10)
def press_keys(hand: Hand, chance: Random) -> Turns:
    if not hand.to_the_page():
        return
    key = chance.choice((*MOVES, Key.Key_PageDown, *DELETES, *DELETES, Key.Key_Return, Key.Key_Tab, Key.Key_Insert))
    held = chance.choice((NONE, NONE, NONE, SHIFT, SHIFT, CONTROL, CONTROL | SHIFT))
    text = {Key.Key_Return: "\r", Key.Key_Tab: "\t", Key.Key_Backspace: "\b", Key.Key_Delete: "\x7f"}.get(key, "")
    for _ in range(chance.choice((1, 1, 3, 12))):
        hand.key(key, held, text)
    yield 0


@action(6)
def undo_and_redo(hand: Hand, chance: Random) -> Turns:
    if hand.to_the_page():
        for _ in range(chance.choice((1, 1, 2, 10))):
            hand.key(*chance.choice(((Key.Key_Z, CONTROL), (Key.Key_Z, CONTROL), (Key.Key_Z, CONTROL | SHIFT))))
    yield 0


@action(2)
def redo_after_undo(hand: Hand, chance: Random) -> Turns:
    """Check that each key of Redo restores what Undo took back."""
    page = hand.access.page
    if not hand.to_the_page() or not hand.access.idle or not page.can_undo:
        return
    before = hand.access.text
    hand.key(Key.Key_Z, CONTROL)
    hand.key(*chance.choice(((Key.Key_Y, CONTROL), (Key.Key_Z, CONTROL | SHIFT))))
    if hand.access.text != before:
        raise AssertionError("undo, and redo by its key, give another text")
    yield 0


@action(1)
def undo_and_redo_all(hand: Hand, chance: Random) -> Turns:
    page = hand.access.page
    if not hand.to_the_page() or page.generating:
        return
    before, steps, opened = hand.access.text, 0, hand.access.opened
    while page.can_undo and steps < 500:
        hand.command("undo")
        steps += 1
    yield 0
    if hand.access.opened != opened:
        return  # a copy was on its way, and took this page's place
    for _ in range(steps):
        hand.command("redo")
    if hand.access.text != before and not page.generating:
        raise AssertionError(f"undo and redo of all {steps} steps give another text")


@action(7)
def compose(hand: Hand, chance: Random) -> Turns:
    """Use an input method, with keys, commands and undo in between."""
    if not hand.to_the_page():
        return
    for preedit in chance.choice(words.COMPOSITIONS):
        hand.composes(preedit)
        match chance.randrange(9):
            case 0:
                hand.key(chance.choice(MOVES), chance.choice((NONE, SHIFT)))
            case 1:
                hand.key(Key.Key_Z, CONTROL)
            case 2:
                hand.command(chance.choice(("undo", "redo", "write", "previous", "new_page", "paste", "select_all")))
            case 3:
                hand.clicks(hand.access.editor.viewport(), hand.place_in(hand.access.editor.viewport(), chance))
        yield chance.choice((0, 0, 30))
    before = hand.access.editor.inputMethodQuery(Qt.InputMethodQuery.ImCursorPosition)
    replaced = chance.choice(((0, 0), (0, 0), (0, 0), (-1, 1), (-3, 2)))
    commit = chance.choice(("", "か", "한글", "é", "👩‍👩‍👧"))
    hand.composes("", commit, replaced if isinstance(before, int) and before >= 3 else (0, 0))


# ------------------------------------------------------------------------------------------------ mouse on the page


@action(8)
def mouse_on_the_page(hand: Hand, chance: Random) -> Turns:
    viewport = hand.access.editor.viewport()
    if not hand.access.page_is_free or not viewport.isVisible():
        return
    place = hand.place_in(viewport, chance)
    match chance.randrange(7):
        case 0:
            hand.clicks(viewport, place, modifiers=chance.choice((NONE, SHIFT)))
        case 1:
            hand.doubles(viewport, place)
            if chance.random() < 0.5:
                hand.clicks(viewport, place)
        case 2:
            hand.drags(viewport, place, hand.place_in(viewport, chance))
        case 3:
            hand.turns(viewport, chance.choice((-5, -1, 1, 5)), chance.choice((NONE, NONE, CONTROL)))
        case 4:
            hand.moves(viewport, place)
        case 5:
            hand.clicks(viewport, place, Button.MiddleButton)
        case _:
            hand.asks_for_menu(viewport, place)
            yield 0
            yield from choose_from_menu(hand, chance)
    yield 0


def choose_from_menu(hand: Hand, chance: Random) -> Turns:
    """Choose an entry of the open menu, or none."""
    menu = QApplication.activePopupWidget()
    if not isinstance(menu, QMenu):
        return
    able = [one for one in menu.actions() if one.isEnabled() and one.isVisible() and not one.isSeparator()]
    able = [one for one in able if one.objectName() not in words.LEFT_ALONE]
    if able and chance.random() < 0.7:
        hand.chooses(menu, chance.choice(able))
    else:
        hand.key(Key.Key_Escape)
    yield 20


@action(5)
def clipboard(hand: Hand, chance: Random) -> Turns:
    """Paste hostile and other texts; cut and copy text of the page."""
    if not hand.to_the_page():
        return
    match chance.randrange(4):
        case 0:
            hand.command(chance.choice(("copy", "cut")), by_key=chance.random() < 0.5)
        case 1:
            html = "<h1>head</h1><img src='file:///etc/passwd'><table><tr><td>a<td>b</table>"
            data = mime(chance.choice(("", "plain")), html, chance.choice((None, ["/nowhere"])))
            hand.does("copies html elsewhere", lambda: QApplication.clipboard().setMimeData(data))
        case _:
            text = chance.choice(words.HOSTILE)
            hand.does(f"copies {text[:20]!a}… elsewhere", lambda: QApplication.clipboard().setText(text))
    hand.command("paste", by_key=chance.random() < 0.5)
    yield 0


@action(2)
def drop_text(hand: Hand, chance: Random) -> Turns:
    viewport = hand.access.editor.viewport()
    if hand.access.page_is_free and viewport.isVisible():
        hand.drops(viewport, mime(chance.choice(words.HOSTILE)), hand.place_in(viewport, chance))
    yield 0


# ------------------------------------------------------------------------------------------------ commands


@action(16)
def a_command(hand: Hand, chance: Random) -> Turns:
    """Run any command, by its key, from the menu bar or by its name."""
    name = chance.choice([one for one in hand.access.commands() if one not in words.LEFT_ALONE])
    hand.command(name, by_key=chance.random() < 0.5)
    yield chance.choice((0, 20, 100))


@action(16)
def a_command_of_writing(hand: Hand, chance: Random) -> Turns:
    names = ("write", "write", "write", "stop", "stop", "again", "again", "step", "look", "score", "previous", "next")
    for _ in range(chance.choice((1, 1, 2, 4))):
        hand.command(chance.choice(names), by_key=chance.random() < 0.5)
        yield chance.choice((0, 0, 5, 30, 200))


@action(2)
def the_menu_bar(hand: Hand, chance: Random) -> Turns:
    bar = hand.access.window.menuBar()
    shown: list[QAction] = [one for one in bar.actions() if bar.rect().contains(bar.actionGeometry(one))]
    shown = [one for one in shown if one.isVisible()]
    if not hand.access.page_is_free or not shown:
        return
    hand.clicks(bar, bar.actionGeometry(chance.choice(shown)).center())
    yield 0
    yield from choose_from_menu(hand, chance)


@action(3)
def zoom(hand: Hand, chance: Random) -> Turns:
    name = chance.choice(("zoom_in", "zoom_out", "zoom_reset"))
    for _ in range(chance.choice((1, 5, 70))):
        hand.command(name)
    yield 0


# ------------------------------------------------------------------------------------------------ windows


@action(6, anywhere=True)
def resize(hand: Hand, chance: Random) -> Turns:
    """Resize the window or a dialog above it: least, very low, very narrow, large."""
    window = chance.choice((hand.access.window, hand.access.window, hand.top()))
    least = window.minimumSizeHint().expandedTo(window.minimumSize())
    width = chance.choice((least.width(), 1, 300, 580, 1280, 2000))
    height = chance.choice((least.height(), 1, 150, 272, 800, 1400))
    hand.resizes(window, width, height)
    yield 0


@action(4)
def panels(hand: Hand, chance: Random) -> Turns:
    for name in chance.sample(("show_odds", "show_pages", "show_sampling"), chance.randint(1, 3)):
        hand.command(name)
    yield 0


@action(3)
def docks(hand: Hand, chance: Random) -> Turns:
    """Float a panel, dock it again, or drag it by its title."""
    dock: QDockWidget = chance.choice(hand.access.docks())
    if not dock.isVisible() or not hand.access.page_is_free:
        return
    title = QPoint(dock.width() // 3, 8)
    if chance.random() < 0.5:
        hand.doubles(dock, title)
    else:
        hand.drags(dock, title, title + QPoint(chance.randint(-700, 700), chance.randint(-400, 400)))
    yield 30


@action(1, anywhere=True)
def minimise(hand: Hand, chance: Random) -> Turns:
    window = hand.access.window
    hand.does("minimises, maximises or hides", chance.choice((window.showMinimized, window.showMaximized)))
    yield chance.choice((0, 50))
    hand.does("shows the window as before", window.showNormal)
    hand.does("activates the window", window.activateWindow)


@action(12, anywhere=True)
def wait(hand: Hand, chance: Random) -> Turns:
    """Wait, so that writes, counts and searches end."""
    hand.did.append("waits")
    yield chance.choice((5, 50, 220, 300, 1100))


@action(4, anywhere=True)
def wait_until_idle(hand: Hand, chance: Random) -> Turns:
    hand.did.append("waits until the model is idle")
    for _ in range(100):
        if hand.access.idle and hand.access.open_page.at_rest:
            return
        yield 20


@action(1, anywhere=True)
def paint_all(hand: Hand, chance: Random) -> Turns:
    hand.does("paints the window", lambda: hand.access.window.grab())
    yield 0
