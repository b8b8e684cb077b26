"""What a command is, and the conditions under which one is enabled. No Qt."""

import re
from dataclasses import dataclass
from typing import Literal

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
