"""The parameters and the code: what the release of a model is, told with that model's own numbers.

For a person who has just heard that a language model is two files. The text is resources/the-parameters-and-the-code.md
(Markdown); what depends on the model is put in here.
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


def release(about: ModelInfo) -> str:
    """What this model is, in Markdown: a paragraph a line, with an empty line between."""
    text = (
        _told()
        .read_text(encoding="utf-8")
        .format(
            name=_plain(about.name) or tr("This model"),
            parameters=number(about.parameters),
            files=tr("one file") if about.files == 1 else tr("{count} files").format(count=about.files),
            size=size(about.size),
            precision=_precision(about),
            architecture=_plain(about.architecture),
            layers=tr("{count} layers").format(count=about.layers) if about.layers > 1 else tr("one layer"),
            vocabulary=tr("{count:,} tokens").format(count=about.vocabulary)
            if about.vocabulary
            else tr("many thousand tokens"),
            work=_work(about),
            context=tr("up to {count:,} tokens").format(count=about.trained_context)
            if about.trained_context
            else tr("the text so far"),
            use={"base": BASE, "chat": CHAT, "unknown": UNSURE}[about.kind.kind],
            licence=_licence(about),
        )
    )
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _told() -> Path:
    """The text in the language spoken, else in English."""
    spoken = RELEASE.with_suffix(f".{SPOKEN}.md")
    return spoken if spoken.exists() else RELEASE


def _plain(text: str) -> str:
    """A text out of a file, as no more than a text: without marks that Markdown or a terminal would obey."""
    return re.sub(r"[^\w .,:;()+'/-]", "", text)[:100]


def _precision(about: ModelInfo) -> str:
    bits = f"{about.bits:.1f}".removesuffix(".0")
    if about.bits >= 15.5:
        return tr("Each takes {bits} bits, which is as exact as models are usually published.").format(bits=bits)
    if not about.quantisation:
        return tr(
            "Here each takes {bits} bits on average: they were rounded after training, which saves much of the space "
            "and costs some of their exactness."
        ).format(bits=bits)
    return tr(
        "Here each takes {bits} bits on average ({quantisation}): they were rounded after training, which saves much "
        "of the space and costs some of their exactness."
    ).format(bits=bits, quantisation=_plain(about.quantisation))


def _work(about: ModelInfo) -> str:
    """How much there is to calculate: every number that takes part is multiplied once with something."""
    if about.experts > 1 and about.experts_used:
        return tr(", in each of which {used} of {experts} experts take part").format(
            used=about.experts_used, experts=about.experts
        )
    return tr(", with some {number} multiplications").format(number=number(about.parameters))


def _licence(about: ModelInfo) -> str:
    named = _plain(about.licence_name)
    if not named:
        return tr("Its file names no licence: what you may do with it stands where you got it.")
    return tr("What you may do with it stands in its licence: {licence}.").format(licence=named)
