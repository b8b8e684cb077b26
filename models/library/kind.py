"""Base model or chat model? Decided from what the header says, with the reason in words, for the user to overrule.

A base model continues a text; a chat model was tuned to answer. A chat template proves nothing (base models carry them
too). Knows nothing of the catalogue, which decides before this evidence does.
"""

import re
from dataclasses import dataclass
from typing import Literal

from models.library.header import Header

CHAT_TUNES = {"instruct", "it", "chat", "instruction", "rlhf", "dpo", "sft", "assistant", "thinking"}
BASE_TUNES = {"base", "pt", "pretrained", "foundation"}
TEMPLATE = "tokenizer.chat_template"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a model was made for, and the sentence that says how that is known."""

    kind: Literal["base", "chat", "unknown"]
    reason: str


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def kind(header: Header) -> Kind:
    """The kind of a model, by its header: what it was tuned for, then its name, then whether it has a chat template."""
    tune = header.text("general.finetune")
    if _words(tune) & CHAT_TUNES:
        return Kind("chat", f"Its header says it was tuned for chat (general.finetune is {tune[:40]!r}).")
    if _words(tune) & BASE_TUNES:
        return Kind("base", f"Its header says it is a base model (general.finetune is {tune[:40]!r}).")
    named = f"{header.text('general.name')} {header.path.stem}"
    if found := _words(named) & CHAT_TUNES:
        return Kind("chat", f"Its name has {sorted(found)[0]!r} in it.")
    if found := _words(named) & BASE_TUNES:
        return Kind("base", f"Its name has {sorted(found)[0]!r} in it.")
    if not header.text(TEMPLATE):
        return Kind("base", "It has no chat template, which hardly any chat model is without.")
    return Kind("unknown", "It has a chat template, which chat models need but some base models carry too.")
