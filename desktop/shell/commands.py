"""Every command of the program, declared once: a row gives its name, title, menu, help, keys and when it is enabled.

The shortcuts, menus, toolbar, tooltips and the list of keys in Help are made from these rows. app.py connects each, by
its name, to the method it runs. No Qt.
"""

import re
from dataclasses import dataclass
from typing import Literal

from resources.language import tr

_MNEMONIC = re.compile(r"\(&\w\)")

When = Literal[
    "always",
    "text",
    "model_and_text",
    "writing",
    "idle",
    "idle_and_text",
    "idle_or_paused",
    "can_undo",
    "can_redo",
    "can_go_back",
    "can_go_on",
    "loading_or_writing",
    "can_compare",
    "can_read_with",
    "comparing",
]


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    name: its key in app.py. keys: shortcuts, the first is shown in tooltips. when: the condition of being enabled (see
    Conditions). spare: its toolbar button may be hidden if the toolbar is too narrow; such buttons come last. at_end:
    its button stands at the far end of the toolbar. in_place_of: while it is enabled, its button replaces the button of
    that command. separated: a separator comes before it in the menu.
    """

    name: str
    title: str
    menu: str
    help: str
    keys: tuple[str, ...] = ()
    when: When = "always"
    checkable: bool = False
    toolbar: bool = False
    spare: bool = False
    at_end: bool = False
    in_place_of: str = ""
    separated: bool = False

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """The keys without those with Return, which double those with Enter."""
        return tuple(key for key in self.keys if not key.endswith("Return"))

    @property
    def plain_title(self) -> str:
        """The title without its mnemonic: `&Write`, or in other scripts `쓰기(&W)`."""
        return _MNEMONIC.sub("", self.title).replace("&", "")


@dataclass(frozen=True, slots=True)
class Conditions:
    """The state of the program that decides which commands are enabled."""

    model: bool = False
    writing: bool = False
    loading: bool = False
    can_undo: bool = False
    can_redo: bool = False
    can_go_back: bool = False  # there is a previous continuation
    can_go_on: bool = False  # there is a next continuation
    text: bool = False  # the page is not empty
    second_reads: bool = False  # a second model reads the page, or is about to
    comparing: bool = False  # a second model is open, or loads
    paused: bool = False  # step mode waits to be asked for a token

    def allow(self, command: Command) -> bool:
        match command.when:
            case "always":
                return True
            case "idle":
                return self.model and not self.writing and not self.loading
            case "idle_or_paused":
                return self.model and not self.loading and (self.paused or not self.writing)
            case "idle_and_text":
                return self.model and self.text and not self.writing and not self.loading
            case "model_and_text":
                return self.model and self.text
            case "loading_or_writing":
                return self.writing or self.loading
            case "can_compare":
                return self.model and not self.second_reads
            case "can_read_with":
                return self.text and not self.second_reads
            case name:
                return bool(getattr(self, name))


FILE, EDIT, WRITE, VIEW, HELP = tr("&File"), tr("&Edit"), tr("&Write"), tr("&View"), tr("&Help")

COMMANDS: tuple[Command, ...] = (
    Command("new_page", tr("&New page"), FILE, tr("Starts an empty page. The current page is kept."), ("Ctrl+N",)),
    Command("open_page", tr("&Open…"), FILE, tr("Opens a page, or a text file as a new page."), ("Ctrl+O",)),
    Command(
        "save_page",
        tr("&Save"),
        FILE,
        tr("Saves now and shows where. (Pages save themselves.)"),
        ("Ctrl+S",),
    ),
    Command(
        "save_page_as",
        tr("Save &as…"),
        FILE,
        tr("Saves the page in a file that you choose, and continues there. The old file stays as it is."),
        ("Ctrl+Shift+S",),
    ),
    Command("rename_page", tr("&Rename page…"), FILE, tr("Gives the page a title."), ("Shift+F2",), separated=True),
    Command(
        "duplicate_page",
        tr("&Duplicate page"),
        FILE,
        tr("Makes a copy of this page and opens it."),
    ),
    Command(
        "trash_page",
        tr("Move page to &trash"),
        FILE,
        tr("Moves the page to the trash, where it can be restored."),
    ),
    Command(
        "export",
        tr("&Export…"),
        FILE,
        tr("Saves the page as text, coloured HTML, PDF, or a table of all odds (.jsonl)."),
        ("Ctrl+E",),
        "text",
        separated=True,
    ),
    Command("print", tr("&Print…"), FILE, tr("Prints the page."), ("Ctrl+P",), "text"),
    Command(
        "library",
        tr("&Models…"),
        FILE,
        tr("Finds, downloads and opens base models."),
        ("Ctrl+M",),
        separated=True,
    ),
    Command("open_model", tr("Open model &from disk…"), FILE, tr("Opens a GGUF model from disk."), ("Ctrl+Shift+O",)),
    Command("open_starter", tr("Open the starter mode&l"), FILE, tr("Opens the small model that came with Inkfall.")),
    Command(
        "compare",
        tr("Compare &with…"),
        FILE,
        tr("Opens a second model, whose odds stand beside those of the first."),
        when="can_compare",
        separated=True,
    ),
    Command(
        "read_with",
        tr("Read this pa&ge with…"),
        FILE,
        tr("Another model reads the page. Its odds are kept with the page, as a layer over the text."),
        when="can_read_with",
    ),
    Command("stop_comparing", tr("Stop compar&ing"), FILE, tr("Closes the second model."), when="comparing"),
    Command("quit", tr("&Quit"), FILE, tr("Closes the window. The page is saved."), ("Ctrl+Q",), separated=True),
    Command(
        "undo",
        tr("&Undo"),
        EDIT,
        tr("Undoes the last typing, generation or switch of continuation."),
        ("Ctrl+Z",),
        "can_undo",
    ),
    Command("redo", tr("&Redo"), EDIT, tr("Redoes what was undone."), ("Ctrl+Y", "Ctrl+Shift+Z"), "can_redo"),
    Command("cut", tr("Cu&t"), EDIT, tr("Cuts the selected text."), ("Ctrl+X",), "text", separated=True),
    Command("copy", tr("&Copy"), EDIT, tr("Copies the selected text."), ("Ctrl+C",), "text"),
    Command(
        "copy_tokens",
        tr("Copy to&kens"),
        EDIT,
        tr("Copies id, bytes, rank and probability of the token at the cursor, or of each selected token."),
        ("Ctrl+Shift+C",),
        "text",
    ),
    Command("paste", tr("&Paste"), EDIT, tr("Pastes."), ("Ctrl+V",)),
    Command("select_all", tr("Select &all"), EDIT, tr("Selects the whole page."), ("Ctrl+A",), "text"),
    Command(
        "find",
        tr("&Find and replace…"),
        EDIT,
        tr("Finds and replaces words or a regular expression on the page."),
        ("Ctrl+F",),
        separated=True,
    ),
    Command("find_next", tr("Find &next"), EDIT, tr("Goes to the next match."), ("F3", "Ctrl+G")),
    Command(
        "find_previous", tr("Find pre&vious"), EDIT, tr("Goes to the previous match."), ("Shift+F3", "Ctrl+Shift+G")
    ),
    Command(
        "find_in_pages",
        tr("Find &in all pages…"),
        EDIT,
        tr("Finds words in all pages."),
        ("Ctrl+Shift+F",),
    ),
    Command(
        "write",
        tr("&Write"),
        WRITE,
        tr("The model continues the text at the end of the page."),
        ("Ctrl+Enter", "Ctrl+Return"),
        "idle_or_paused",
        toolbar=True,
    ),
    Command(
        "write_here",
        tr("Write &here"),
        WRITE,
        tr("The model writes at the cursor. It does not see the text behind, which stays."),
        ("Ctrl+Alt+Enter", "Ctrl+Alt+Return"),
        "idle",
    ),
    Command(
        "stop",
        tr("S&top"),
        WRITE,
        tr("Stops writing, or loading, at once. What was written stays."),
        ("Esc",),
        "loading_or_writing",
        in_place_of="write",
    ),
    Command(
        "again",
        tr("Try &again"),
        WRITE,
        tr("Writes another continuation in place of the last one, which is kept."),
        ("Ctrl+R",),
        "model_and_text",
        toolbar=True,
        spare=True,
    ),
    Command(
        "step",
        tr("One to&ken"),
        WRITE,
        tr("Writes exactly one token."),
        ("Ctrl+Shift+Enter", "Ctrl+Shift+Return"),
        "idle_or_paused",
        toolbar=True,
        spare=True,
    ),
    Command(
        "look",
        tr("&Next odds"),
        WRITE,
        tr("Shows the odds of the next token at the end of the page, and writes nothing."),
        ("Ctrl+L",),
        "idle",
        toolbar=True,
        spare=True,
    ),
    Command(
        "score",
        tr("&Read the page"),
        WRITE,
        tr("The model reads the whole page, so that your own text gets odds, too."),
        ("Ctrl+Shift+L",),
        "idle_and_text",
    ),
    Command(
        "next_alternative",
        tr("Next a&lternative"),
        WRITE,
        tr("Shows the next alternative in place of the token. Enter puts it there, and the model goes on."),
        ("Alt+.",),
        "text",
        separated=True,
    ),
    Command(
        "previous_alternative",
        tr("Pre&vious alternative"),
        WRITE,
        tr("Shows the alternative before that one. Shift+Enter puts it there, and the model does not go on."),
        ("Alt+,",),
        "text",
    ),
    Command(
        "flip",
        tr("&Flip the coin again"),
        WRITE,
        tr("Shows where the next number falls at the place that the odds panel shows. Enter takes the token."),
        ("Ctrl+D",),
        "idle_or_paused",
    ),
    Command(
        "step_mode",
        tr("St&ep mode"),
        WRITE,
        tr("Shows the odds and the draw of each token before it is written, at the speed that you choose."),
        checkable=True,
    ),
    Command(
        "ask",
        tr("&Odds of a text…"),
        WRITE,
        tr("Shows how likely any text of yours is at the place that the odds panel shows."),
        ("Ctrl+K",),
    ),
    Command(
        "all_tokens",
        tr("All token&s here"),
        WRITE,
        tr("Lists every token of the vocabulary with its odds at the place that the odds panel shows, or ends that."),
        ("Ctrl+Shift+K",),
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
        tr("&Colours"),
        VIEW,
        tr("Colours every token by the measure that was chosen last, or takes the colours off."),
        ("Ctrl+H",),
        checkable=True,
        toolbar=True,
        spare=True,
        at_end=True,
    ),
    Command(
        "tokens",
        tr("&Tokens"),
        VIEW,
        tr("Shows every token of the page as a box with its id."),
        ("Ctrl+T",),
        checkable=True,
    ),
    Command(
        "next_token",
        tr("&Go to next token"),
        VIEW,
        tr("Moves the cursor behind the next token; a screen reader says it with its probability and rank."),
        ("Alt+Shift+Right",),
        "text",
    ),
    Command(
        "previous_token",
        tr("Go to p&revious token"),
        VIEW,
        tr("Moves the cursor behind the token before; a screen reader says it with its probability and rank."),
        ("Alt+Shift+Left",),
        "text",
    ),
    Command(
        "pin",
        tr("Pin to&ken"),
        VIEW,
        tr("Keeps showing the odds of this token until Esc, typing or writing; pressed again, releases it."),
        ("Ctrl+Shift+P",),
        "text",
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
        "show_plot",
        tr("Plot of &surprisal"),
        VIEW,
        tr(
            "Shows or hides a plot of surprisal below the page: along all of it, and of each token in view or selected."
        ),
        ("Ctrl+5",),
        checkable=True,
    ),
    Command(
        "show_selection",
        tr("Se&lection panel"),
        VIEW,
        tr("Shows or hides what the odds of the selected text, or of the page, come to."),
        ("Ctrl+6",),
        checkable=True,
    ),
    Command(
        "next_part",
        tr("Ne&xt panel"),
        VIEW,
        tr("Moves from the page to each panel and bar in turn, and back."),
        ("F6",),
        separated=True,
    ),
    Command(
        "previous_part",
        tr("Pre&vious panel"),
        VIEW,
        tr("Moves to the previous panel or bar."),
        ("Shift+F6",),
    ),
    Command("zoom_in", tr("Zoom &in"), VIEW, tr("Makes the text larger."), ("Ctrl++", "Ctrl+="), separated=True),
    Command("zoom_out", tr("Zoom o&ut"), VIEW, tr("Makes the text smaller."), ("Ctrl+-",)),
    Command("zoom_reset", tr("&Normal size"), VIEW, tr("Gives the text its normal size."), ("Ctrl+0",)),
    Command("settings", tr("S&ettings…"), VIEW, tr("Opens the settings."), ("Ctrl+,",), separated=True),
    Command("welcome", tr("&Welcome"), HELP, tr("Shows what Inkfall is, what to do first, and examples to try.")),
    Command("keys", tr("&Keys"), HELP, tr("Shows every command and its keys."), ("F1",)),
    Command(
        "updates",
        tr("Check for &updates…"),
        HELP,
        tr("Checks once, now, for a newer version. Nothing is checked by itself, and nothing is installed."),
        separated=True,
    ),
    Command("about", tr("&About Inkfall"), HELP, tr("Shows versions and licences.")),
)

SEPARATOR = ""
PAGE_MENU = (
    *("undo", "redo", SEPARATOR, "cut", "copy", "paste", "select_all", SEPARATOR),
    *(
        "write",
        "write_here",
        "again",
        "step",
        "look",
        "score",
        "pin",
        "show_selection",
        SEPARATOR,
        "previous",
        "next",
        SEPARATOR,
        "find",
    ),
)  # the context menu of the page, by names of commands
