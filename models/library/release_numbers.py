"""Fills the text “the parameters and the code” with a model's own numbers: what the release of a model consists of.

The text, for readers new to language models, is resources/the-parameters-and-the-code.md (Markdown).
"""

import re
from pathlib import Path

from models.library.model_info import ModelInfo
from models.library.words import number, size
from resources import RELEASE
from resources.language import SPOKEN, tr

BASE = tr(
    "**What it does** is to go on: with a story, a list, a letter, with whatever text is on the "
    "page. It was not taught to answer. Asked a question, it may ask three more, since that is "
    "how pages of questions look."
)
CHAT = tr(
    "**What it does** is to go on with the text on the page. This one seems to have been trained "
    "further, on conversations: it leans towards answering, and is no pure base model any more."
)
UNSURE = tr(
    "**What it does** is to go on with the text on the page. Whether it was trained further, to "
    "answer as an assistant does, its file does not tell for sure."
)


def release(model: ModelInfo) -> str:
    """The text on this model, in Markdown: one line a paragraph, with empty lines between."""
    text = (
        _text_file()
        .read_text(encoding="utf-8")
        .format(
            name=_plain(model.name) or tr("This model"),
            parameters=number(model.parameters),
            files=tr("one file") if model.files == 1 else tr("{count} files").format(count=model.files),
            size=size(model.size),
            precision=_precision(model),
            architecture=_plain(model.architecture),
            layers=tr("{count} layers").format(count=model.layers) if model.layers > 1 else tr("one layer"),
            vocabulary=tr("{count:,} tokens").format(count=model.vocabulary)
            if model.vocabulary
            else tr("many thousand tokens"),
            work=_work(model),
            context=tr("up to {count:,} tokens").format(count=model.trained_context)
            if model.trained_context
            else tr("the text so far"),
            use={"base": BASE, "chat": CHAT, "unknown": UNSURE}[model.kind.kind],
            licence=_licence(model),
        )
    )
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _text_file() -> Path:
    """The file of the text in the interface's language, else in English."""
    translated = RELEASE.with_suffix(f".{SPOKEN}.md")
    return translated if translated.exists() else RELEASE


def _plain(text: str) -> str:
    """A text from a model's file without characters that Markdown or a terminal would interpret."""
    return re.sub(r"[^\w .,:;()+'/-]", "", text)[:100]


def _precision(model: ModelInfo) -> str:
    bits = f"{model.bits:.1f}".removesuffix(".0")
    if model.bits >= 15.5:
        return tr("Each takes {bits} bits, which is as exact as models are usually published.").format(bits=bits)
    if not model.quantisation:
        return tr(
            "Here each takes {bits} bits on average: they were rounded after training, which saves much of the space "
            "and costs some of their exactness."
        ).format(bits=bits)
    return tr(
        "Here each takes {bits} bits on average ({quantisation}): they were rounded after training, which saves much "
        "of the space and costs some of their exactness."
    ).format(bits=bits, quantisation=_plain(model.quantisation))


def _work(model: ModelInfo) -> str:
    """The amount of computation for a token: every parameter used is multiplied once."""
    if model.experts > 1 and model.experts_used:
        return tr(", in each of which {used} of {experts} experts take part").format(
            used=model.experts_used, experts=model.experts
        )
    return tr(", with some {number} multiplications").format(number=number(model.parameters))


def _licence(model: ModelInfo) -> str:
    named = _plain(model.licence_name)
    if not named:
        return tr("Its file names no licence: what you may do with it stands where you got it.")
    return tr("What you may do with it stands in its licence: {licence}.").format(licence=named)
