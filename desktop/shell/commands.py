"""Every command of the program, said once: a row gives its name, keys, menu, what it does, and when it can be done.

The keys, the menus, the toolbar, the tooltips and the page of keys in Help are made from these rows. What a command
runs is connected in app.py, by its name. Knows no rooms and no Qt.
"""

import re
from dataclasses import dataclass
from typing import Literal

from resources.language import tr

_MNEMONIC = re.compile(r"\(&\w\)")

When = Literal[
    "always", "model", "writing", "idle", "can_undo", "can_redo", "can_go_back", "can_go_on", "loading_or_writing"
]


@dataclass(frozen=True, slots=True)
class Command:
    """name: how app.py knows it.

    keys: shortcuts, the first is shown; Return is said to be Enter, as keyboards call it.

    when: the condition of being enabled (see Conditions).
    """

    name: str
    title: str
    menu: str
    help: str
    keys: tuple[str, ...] = ()
    when: When = "always"
    checkable: bool = False
    toolbar: bool = False
    separated: bool = False

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """The keys without those that only differ in which of two Enter keys is meant."""
        return tuple(key for key in self.keys if not key.endswith("Return"))

    @property
    def plain_title(self) -> str:
        """The title without the mark of its mnemonic: `&Write`, or behind a title in other letters `쓰기(&W)`."""
        return _MNEMONIC.sub("", self.title).replace("&", "")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is true now; decides which commands are enabled."""

    model: bool = False
    writing: bool = False
    loading: bool = False
    can_undo: bool = False
    can_redo: bool = False
    can_go_back: bool = False  # there is a continuation before the one that is shown
    can_go_on: bool = False

    def allow(self, command: Command) -> bool:
        match command.when:
            case "always":
                return True
            case "idle":
                return self.model and not self.writing and not self.loading
            case "loading_or_writing":
                return self.writing or self.loading
            case name:
                return bool(getattr(self, name))


FILE, EDIT, WRITE, VIEW, HELP = tr("&File"), tr("&Edit"), tr("&Write"), tr("&View"), tr("&Help")

COMMANDS: tuple[Command, ...] = (
    Command("new_page", tr("&New page"), FILE, tr("Begins an empty page. The one before is kept."), ("Ctrl+N",)),
    Command("open_page", tr("&Open…"), FILE, tr("Opens a page, or a plain text as a page of its own."), ("Ctrl+O",)),
    Command(
        "save_page",
        tr("&Save"),
        FILE,
        tr("Everything is saved all the time; this writes at once and says where the page is."),
        ("Ctrl+S",),
    ),
    Command(
        "save_page_as",
        tr("Save &as…"),
        FILE,
        tr("The page goes on in a file that you choose. The former file stays as it is."),
        ("Ctrl+Shift+S",),
    ),
    Command("rename_page", tr("&Rename page…"), FILE, tr("Gives the page a title."), ("Shift+F2",), separated=True),
    Command(
        "duplicate_page",
        tr("&Duplicate page"),
        FILE,
        tr("Makes a second page that is like this one, and opens it."),
    ),
    Command(
        "trash_page",
        tr("Move page to &trash"),
        FILE,
        tr("Takes the page off the list. The trash gives it back."),
    ),
    Command(
        "export",
        tr("&Export…"),
        FILE,
        tr("Writes the page as text, as a coloured HTML file, as PDF, or as a table of all readings (.jsonl)."),
        ("Ctrl+E",),
        separated=True,
    ),
    Command("print", tr("&Print…"), FILE, tr("Prints the page."), ("Ctrl+P",)),
    Command(
        "library",
        tr("&Models…"),
        FILE,
        tr("Finds, gets and opens base models: a catalogue, this machine, the hub."),
        ("Ctrl+M",),
        separated=True,
    ),
    Command("open_model", tr("Open model &from disk…"), FILE, tr("Opens a GGUF model from disk."), ("Ctrl+Shift+O",)),
    Command("open_starter", tr("Open the starter mode&l"), FILE, tr("Opens the small model that came with Inkfall.")),
    Command("quit", tr("&Quit"), FILE, tr("Closes the window. The page is kept."), ("Ctrl+Q",), separated=True),
    Command(
        "undo",
        tr("&Undo"),
        EDIT,
        tr("Takes back the last typing, generation or switch."),
        ("Ctrl+Z",),
        "can_undo",
    ),
    Command("redo", tr("&Redo"), EDIT, tr("Does again what was taken back."), ("Ctrl+Y", "Ctrl+Shift+Z"), "can_redo"),
    Command("cut", tr("Cu&t"), EDIT, tr("Cuts the selected text."), ("Ctrl+X",), separated=True),
    Command("copy", tr("&Copy"), EDIT, tr("Copies the selected text."), ("Ctrl+C",)),
    Command("paste", tr("&Paste"), EDIT, tr("Puts in the text of the clipboard."), ("Ctrl+V",)),
    Command("select_all", tr("Select &all"), EDIT, tr("Selects the whole page."), ("Ctrl+A",)),
    Command(
        "find",
        tr("&Find and replace…"),
        EDIT,
        tr("Looks for words or a regular expression on the page, and replaces them."),
        ("Ctrl+F",),
        separated=True,
    ),
    Command("find_next", tr("Find &next"), EDIT, tr("Goes to the next place that was found."), ("F3", "Ctrl+G")),
    Command(
        "find_previous", tr("Find pre&vious"), EDIT, tr("Goes to the place found before."), ("Shift+F3", "Ctrl+Shift+G")
    ),
    Command(
        "find_in_pages",
        tr("Find &in all pages…"),
        EDIT,
        tr("Looks for words in every page that you have."),
        ("Ctrl+Shift+F",),
    ),
    Command(
        "write",
        tr("&Write"),
        WRITE,
        tr("The model writes on at the end of the page."),
        ("Ctrl+Enter", "Ctrl+Return"),
        "idle",
        toolbar=True,
    ),
    Command(
        "stop",
        tr("S&top"),
        WRITE,
        tr("Stops writing, or loading, at once. What was written stays."),
        ("Esc",),
        "loading_or_writing",
        toolbar=True,
    ),
    Command(
        "again",
        tr("Write &again"),
        WRITE,
        tr("Writes the last continuation again, differently. The one it replaces is kept."),
        ("Ctrl+R",),
        "model",
        toolbar=True,
    ),
    Command(
        "step",
        tr("St&ep"),
        WRITE,
        tr("Flips exactly one coin: writes one token."),
        ("Ctrl+Shift+Enter", "Ctrl+Shift+Return"),
        "idle",
        toolbar=True,
    ),
    Command(
        "look",
        tr("Show the &next odds"),
        WRITE,
        tr("Shows the odds of the next token at the end of the page, and writes nothing."),
        ("Ctrl+L",),
        "idle",
        toolbar=True,
    ),
    Command(
        "score",
        tr("&Read the page"),
        WRITE,
        tr("The model reads the whole page: your own words get their odds too."),
        ("Ctrl+Shift+L",),
        "idle",
    ),
    Command(
        "previous",
        tr("&Previous continuation"),
        WRITE,
        tr("Shows the continuation before this one."),
        ("Alt+Left",),
        "can_go_back",
        separated=True,
    ),
    Command(
        "next",
        tr("Ne&xt continuation"),
        WRITE,
        tr("Shows the continuation after this one."),
        ("Alt+Right",),
        "can_go_on",
    ),
    Command(
        "heat",
        tr("Colour by &surprise"),
        VIEW,
        tr("Colours every token by how surprising the model found it."),
        ("Ctrl+H",),
        checkable=True,
    ),
    Command(
        "pin",
        tr("Pin to&ken"),
        VIEW,
        tr("Keeps showing the odds of this token until Esc, typing or writing; pressed again, releases it."),
        ("Ctrl+Shift+P",),
    ),
    Command(
        "show_odds",
        tr("&Odds panel"),
        VIEW,
        tr("Shows or hides the odds panel."),
        ("Ctrl+1",),
        checkable=True,
        separated=True,
    ),
    Command("show_pages", tr("&Pages"), VIEW, tr("Shows or hides the list of pages."), ("Ctrl+3",), checkable=True),
    Command(
        "show_sampling",
        tr("Sa&mpling panel"),
        VIEW,
        tr("Shows or hides the sampling panel."),
        ("Ctrl+2",),
        checkable=True,
    ),
    Command(
        "next_part",
        tr("Ne&xt part of the window"),
        VIEW,
        tr("Goes from the page to the panels and bars, one after the other, and back to the page."),
        ("F6",),
        separated=True,
    ),
    Command(
        "previous_part",
        tr("Pre&vious part of the window"),
        VIEW,
        tr("Goes from one part of the window to the one before."),
        ("Shift+F6",),
    ),
    Command("zoom_in", tr("Zoom &in"), VIEW, tr("Makes the text larger."), ("Ctrl++", "Ctrl+="), separated=True),
    Command("zoom_out", tr("Zoom o&ut"), VIEW, tr("Makes the text smaller."), ("Ctrl+-",)),
    Command("zoom_reset", tr("&Normal size"), VIEW, tr("Gives the text its normal size."), ("Ctrl+0",)),
    Command("settings", tr("S&ettings…"), VIEW, tr("Opens the settings."), ("Ctrl+,",), separated=True),
    Command("welcome", tr("&Welcome"), HELP, tr("Shows what this is, what to do first, and beginnings to try.")),
    Command("keys", tr("&Keys"), HELP, tr("Shows every command and its keys."), ("F1",)),
    Command(
        "updates",
        tr("Check for &updates…"),
        HELP,
        tr("Asks once, now, whether there is a newer version. Nothing is asked by itself, and nothing is installed."),
        separated=True,
    ),
    Command("about", tr("&About Inkfall"), HELP, tr("Shows versions and licences.")),
)

SEPARATOR = ""
PAGE_MENU = (
    *("undo", "redo", SEPARATOR, "cut", "copy", "paste", "select_all", SEPARATOR),
    *("write", "again", "step", "look", "score", SEPARATOR, "previous", "next", SEPARATOR, "find"),
)  # the menu of the page, by the names of its commands
