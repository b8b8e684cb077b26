"""Base model or chat model? Decided from what the header says, with the reason in words, for the user to overrule.

A base model continues a text; a chat model was tuned to answer. A chat template proves nothing (base models carry them
too). Knows nothing of the catalogue, which decides before this evidence does.
"""

import re
from dataclasses import dataclass
from typing import Literal

from models.library.header import Header
from models.library.item import Listed

CHAT_TUNES = {"instruct", "it", "chat", "instruction", "rlhf", "dpo", "sft", "assistant", "thinking"}
BASE_TUNES = {"base", "pt", "pretrained", "foundation"}
TEMPLATE = "tokenizer.chat_template"
TUNED_NAMES = CHAT_TUNES | {"abliterated", "uncensored", "heretic", "roleplay", "reasoning", "orpo", "distill"}
TUNED_TAGS = ("base_model:finetune:", "base_model:merge:", "base_model:adapter:")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a model was made for, the sentence that says how that is known, and how sure it is."""

    kind: Literal["base", "chat", "unknown"]
    reason: str
    sure: Literal["certain", "likely", "unknown"] = "likely"


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


def kind_of_listed(listed: Listed) -> Kind:
    """The kind of a repository that a search lists, by its names and tags alone: cheap, and never certain."""
    named = " ".join(name.rsplit("/", 1)[-1] for name in (listed.id, *listed.base_models))
    if found := _words(named) & TUNED_NAMES:
        return Kind("chat", f"Its name has {sorted(found)[0]!r} in it.")
    if found := _words(named) & BASE_TUNES:
        return Kind("base", f"Its name has {sorted(found)[0]!r} in it.")
    if tuned := next((tag for tag in listed.tags if tag.startswith(TUNED_TAGS)), ""):
        return Kind(
            "unknown", f"It was made of {tuned.split(':')[-1]} by more training, for what is not said.", "unknown"
        )
    if "conversational" in listed.tags:
        reason = "It has a chat template, which chat models need but some base models carry too."
        return Kind("unknown", reason, "unknown")
    return Kind("base", "The hub knows of no chat template for it, which hardly any chat model is without.")
