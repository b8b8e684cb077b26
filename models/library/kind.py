"""Tells base models from chat models, with the reason and how certain it is.

The user's mark decides first, then the catalogue, then the header. A base model continues a text; a chat model was
tuned to answer. A chat template proves nothing, because base models may have one too, and neither does a header without
a hint, because some chat models give none.
"""

import re
from dataclasses import dataclass
from typing import Literal

from models.library import catalogue
from models.library.app_dirs import repo_of
from models.library.downloadable import Listed
from models.library.header import Header
from resources.language import printable, tr

CHAT_TUNES = {"instruct", "it", "chat", "instruction", "rlhf", "dpo", "sft", "assistant", "thinking"}
BASE_TUNES = {"base", "pt", "pretrained", "foundation"}
TUNED_NAMES = CHAT_TUNES | {"abliterated", "uncensored", "heretic", "roleplay", "reasoning", "orpo", "distill"}
TUNED_TAGS = ("base_model:finetune:", "base_model:merge:", "base_model:adapter:")
QUANTISED = "base_model:quantized:"
TEMPLATE = "tokenizer.chat_template"
ModelKind = Literal["base", "chat"]


@dataclass(frozen=True, slots=True)
class KindFinding:
    """The kind of a model, one sentence with the reason, and how certain it is."""

    kind: Literal["base", "chat", "unknown"]
    reason: str
    sure: Literal["certain", "likely", "unknown"] = "likely"


NAMES = {"base": tr("base"), "chat": tr("chat"), "unknown": tr("unknown")}  # the kinds' names for the user


def kind(header: Header, repo: str = "", overruled: ModelKind | None = None) -> KindFinding:
    """The kind of a model. repo: its repository, if its path does not tell. overruled: the user's own mark."""
    if overruled:
        return marked_by_user(overruled)
    return (
        _of_repository(repo or repo_of(header.path))
        or _of_tuning(header.text("general.finetune"))
        or _of_words(header.path.name, header.text("general.name"))
        or _of_names(header.path.name, header.text("general.name"))
        or _of_template(bool(header.text(TEMPLATE)))
    )


def marked_by_user(marked: ModelKind) -> KindFinding:
    """The kind of a model that the user marked."""
    if marked == "chat":
        return KindFinding(marked, tr("Marked by you as a chat model."), "certain")
    return KindFinding(marked, tr("Marked by you as a base model."), "certain")


def kind_of_listed(listed: Listed) -> KindFinding:
    """The kind of a repository in a search result, by the catalogue, its names and its tags."""
    names = (listed.id, *listed.base_models)
    return (
        _of_repository(listed.id)
        or _of_words(*names)
        or _of_quantised(listed)
        or _of_more_training(listed)
        or _of_names(*names)
        or _of_template("conversational" in listed.tags)
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def _of_repository(repo: str) -> KindFinding | None:
    entry = catalogue.for_repo(repo)
    return (
        KindFinding("base", tr("The catalogue has its repository as {name}.").format(name=entry.name), "certain")
        if entry
        else None
    )


def _of_tuning(tune: str) -> KindFinding | None:
    if _words(tune) & CHAT_TUNES:
        return KindFinding(
            "chat",
            tr("Its header says it was tuned for chat (general.finetune is “{tune}”).").format(
                tune=printable(tune[:40])
            ),
            "certain",
        )
    if _words(tune) & BASE_TUNES:
        return KindFinding(
            "base",
            tr("Its header says it is a base model (general.finetune is “{tune}”).").format(tune=printable(tune[:40])),
            "certain",
        )
    return None


def _of_words(*names: str) -> KindFinding | None:
    """The kind by words in a model's names (its file's, its repository's, its own), or None."""
    words = _words(" ".join(catalogue.stem(name) for name in names))
    if found := words & TUNED_NAMES:
        return KindFinding("chat", tr("Its name has “{word}” in it.").format(word=printable(sorted(found)[0])))
    if found := words & BASE_TUNES:
        return KindFinding("base", tr("Its name has “{word}” in it.").format(word=printable(sorted(found)[0])))
    return None


def _of_names(*names: str) -> KindFinding | None:
    """The kind of the catalogue's model with the same name, or None."""
    for name in (name.replace(" ", "-").lower().removesuffix("-gguf") for name in names):
        if twin := catalogue.chat_twin(name):
            return KindFinding(
                "chat", tr("It is named like the chat model that was made of {name}.").format(name=twin.name)
            )
        if entry := catalogue.for_name(name):
            return KindFinding(
                "base", tr("It is named like {name}, which the catalogue has as a base model.").format(name=entry.name)
            )
    return None


def _of_quantised(listed: Listed) -> KindFinding | None:
    for original in (tag.removeprefix(QUANTISED) for tag in listed.tags if tag.startswith(QUANTISED)):
        if entry := catalogue.for_original(original):
            return KindFinding(
                "base",
                tr("It says it was quantised from {original}, a base model ({name}).").format(
                    original=original, name=entry.name
                ),
            )
        if catalogue.chat_twin(original):
            return KindFinding(
                "chat", tr("It says it was quantised from {original}, a chat model.").format(original=original)
            )
    return None


def _of_more_training(listed: Listed) -> KindFinding | None:
    tuned = next((tag for tag in listed.tags if tag.startswith(TUNED_TAGS)), "")
    reason = tr("It was trained further from {original}; it does not say for what.").format(
        original=tuned.split(":")[-1]
    )
    return KindFinding("unknown", reason, "unknown") if tuned else None


def _of_template(template: bool) -> KindFinding:
    if template:
        reason = tr("It has a chat template, which chat models need but some base models carry too.")
        return KindFinding("unknown", reason, "unknown")
    return KindFinding("base", tr("It has no chat template, which hardly any chat model is without."))
