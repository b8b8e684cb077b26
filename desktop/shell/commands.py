"""Every command of the program, said once: a row gives its name, keys, menu, what it does, and when it can be done.

The keys, the menus, the toolbar, the tooltips and the page of keys in Help are made from these rows. What a command
runs is connected in app.py, by its name. Knows no rooms and no Qt.
"""

from dataclasses import dataclass
from typing import Literal

When = Literal["always", "model", "writing", "idle", "can_undo", "can_redo", "continuations", "loading_or_writing"]


@dataclass(frozen=True, slots=True)
class Command:
    """name: how app.py knows it.

    keys: shortcuts, the first is shown. when: the condition of being enabled (see Conditions).
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


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is true now; decides which commands are enabled."""

    model: bool = False
    writing: bool = False
    loading: bool = False
    can_undo: bool = False
    can_redo: bool = False
    continuations: bool = False

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


COMMANDS: tuple[Command, ...] = (
    Command("new_page", "&New page", "&File", "Begins an empty page. The one before is kept.", ("Ctrl+N",)),
    Command("open_page", "&Open…", "&File", "Opens a page, or a plain text as a page of its own.", ("Ctrl+O",)),
    Command(
        "save_page",
        "&Save",
        "&File",
        "Everything is saved all the time; this writes at once and says where the page is.",
        ("Ctrl+S",),
    ),
    Command(
        "save_page_as",
        "Save &as…",
        "&File",
        "The page goes on in a file that you choose. The former file stays as it is.",
        ("Ctrl+Shift+S",),
    ),
    Command("rename_page", "&Rename page…", "&File", "Gives the page a title.", ("Shift+F2",), separated=True),
    Command("duplicate_page", "&Duplicate page", "&File", "Makes a second page that is like this one, and opens it."),
    Command("trash_page", "Move page to &trash", "&File", "Takes the page off the list. The trash gives it back."),
    Command(
        "export",
        "&Export…",
        "&File",
        "Writes the page as text, as a coloured HTML file, as PDF, or as a table of all readings (.jsonl).",
        ("Ctrl+E",),
        separated=True,
    ),
    Command("print", "&Print…", "&File", "Prints the page.", ("Ctrl+P",)),
    Command(
        "library",
        "&Models…",
        "&File",
        "Finds, gets and opens base models: a catalogue, this machine, the hub.",
        ("Ctrl+M",),
        separated=True,
    ),
    Command("open_model", "Open model from &disk…", "&File", "Opens a GGUF model from disk.", ("Ctrl+Shift+O",)),
    Command("open_starter", "Open the s&tarter model", "&File", "Opens the small model that came with Inkfall."),
    Command("quit", "&Quit", "&File", "Closes the window. The page is kept.", ("Ctrl+Q",), separated=True),
    Command("undo", "&Undo", "&Edit", "Takes back the last typing, generation or switch.", ("Ctrl+Z",), "can_undo"),
    Command("redo", "&Redo", "&Edit", "Does again what was taken back.", ("Ctrl+Y", "Ctrl+Shift+Z"), "can_redo"),
    Command("cut", "Cu&t", "&Edit", "Cuts the selected text.", ("Ctrl+X",), separated=True),
    Command("copy", "&Copy", "&Edit", "Copies the selected text.", ("Ctrl+C",)),
    Command("paste", "&Paste", "&Edit", "Puts in the text of the clipboard.", ("Ctrl+V",)),
    Command("select_all", "Select &all", "&Edit", "Selects the whole page.", ("Ctrl+A",)),
    Command(
        "find",
        "&Find and replace…",
        "&Edit",
        "Looks for words or a regular expression on the page, and replaces them.",
        ("Ctrl+F",),
        separated=True,
    ),
    Command("find_next", "Find &next", "&Edit", "Goes to the next place that was found.", ("F3",)),
    Command("find_previous", "Find pre&vious", "&Edit", "Goes to the place found before.", ("Shift+F3",)),
    Command(
        "find_in_pages",
        "Find in &all pages…",
        "&Edit",
        "Looks for words in every page that you have.",
        ("Ctrl+Shift+F",),
    ),
    Command(
        "write",
        "&Write",
        "&Write",
        "The model writes on at the end of the page.",
        ("Ctrl+Return", "Ctrl+Enter"),
        "idle",
        toolbar=True,
    ),
    Command(
        "stop",
        "S&top",
        "&Write",
        "Stops writing, or loading, at once. What was written stays.",
        ("Esc",),
        "loading_or_writing",
        toolbar=True,
    ),
    Command(
        "again",
        "Write &again",
        "&Write",
        "Writes the last continuation again, differently. The one it replaces is kept.",
        ("Ctrl+R",),
        "model",
        toolbar=True,
    ),
    Command(
        "step",
        "S&tep",
        "&Write",
        "Flips exactly one coin: writes one token.",
        ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
        "idle",
        toolbar=True,
    ),
    Command(
        "look",
        "Show the &next odds",
        "&Write",
        "Shows the odds of the next token at the end of the page, and writes nothing.",
        ("Ctrl+L",),
        "idle",
        toolbar=True,
    ),
    Command(
        "score",
        "&Read the page",
        "&Write",
        "The model reads the whole page: your own words get their odds too.",
        ("Ctrl+Shift+L",),
        "idle",
    ),
    Command(
        "previous",
        "&Previous continuation",
        "&Write",
        "Shows the continuation before this one.",
        ("Alt+Left",),
        "continuations",
        separated=True,
    ),
    Command(
        "next",
        "Ne&xt continuation",
        "&Write",
        "Shows the continuation after this one.",
        ("Alt+Right",),
        "continuations",
    ),
    Command(
        "heat",
        "Colour by &surprise",
        "&View",
        "Colours every token by how surprising the model found it.",
        ("Ctrl+H",),
        checkable=True,
    ),
    Command(
        "show_odds",
        "&Odds panel",
        "&View",
        "Shows or hides the odds panel.",
        ("Ctrl+1",),
        checkable=True,
        separated=True,
    ),
    Command("show_pages", "&Pages", "&View", "Shows or hides the list of pages.", ("Ctrl+3",), checkable=True),
    Command(
        "show_sampling", "&Sampling panel", "&View", "Shows or hides the sampling panel.", ("Ctrl+2",), checkable=True
    ),
    Command("zoom_in", "Zoom &in", "&View", "Makes the text larger.", ("Ctrl++", "Ctrl+="), separated=True),
    Command("zoom_out", "Zoom o&ut", "&View", "Makes the text smaller.", ("Ctrl+-",)),
    Command("zoom_reset", "&Normal size", "&View", "Gives the text its normal size.", ("Ctrl+0",)),
    Command("settings", "S&ettings…", "&View", "Opens the settings.", ("Ctrl+,",), separated=True),
    Command("keys", "&Keys", "&Help", "Shows every command and its keys.", ("F1",)),
    Command("about", "&About Inkfall", "&Help", "Shows versions and licences."),
)
