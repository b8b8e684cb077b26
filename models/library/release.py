"""The parameters and the code: what the release of a model is, told with that model's own numbers.

For a person who has just heard that a language model is two files. The text is resources/the-parameters-and-the-code.md
(Markdown); what depends on the model is put in here.
"""

import re

from models.library.about import About
from models.library.words import number, size
from resources import RELEASE

BASE = (
    "**What it does** is to go on: with a story, a list, a letter, with whatever text is on the page. It was not "
    "taught to answer. Asked a question, it may ask three more, since that is how pages of questions look."
)
CHAT = (
    "**What it does** is to go on with the text on the page. This one seems to have been trained further, on "
    "conversations: it leans towards answering, and is no pure base model any more."
)
UNSURE = (
    "**What it does** is to go on with the text on the page. Whether it was trained further, to answer as an assistant "
    "does, its file does not tell for sure."
)


def release(about: About) -> str:
    """What this model is, in Markdown: a paragraph a line, with an empty line between."""
    text = RELEASE.read_text(encoding="utf-8").format(
        name=_plain(about.name) or "This model",
        parameters=number(about.parameters),
        files="one file" if about.files == 1 else f"{about.files} files",
        size=size(about.size),
        precision=_precision(about),
        architecture=about.architecture,
        layers=f"{about.layers} layers" if about.layers > 1 else "one layer",
        vocabulary=f"{about.vocabulary:,} tokens" if about.vocabulary else "many thousand tokens",
        work=_work(about),
        context=f"up to {about.trained_context:,} tokens" if about.trained_context else "the text so far",
        use={"base": BASE, "chat": CHAT, "unknown": UNSURE}[about.kind.kind],
        licence=_licence(about),
    )
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _plain(text: str) -> str:
    """A text out of a file, as no more than a text: without marks that Markdown or a terminal would obey."""
    return re.sub(r"[^\w .,:;()+'/-]", "", text)[:100]


def _precision(about: About) -> str:
    bits = f"{about.bits:.1f}".removesuffix(".0")
    if about.bits >= 15.5:
        return f"Each takes {bits} bits, which is as exact as models are usually published."
    named = f" ({about.quantisation})" if about.quantisation else ""
    return (
        f"Here each takes {bits} bits on average{named}: they were rounded after training, which saves much of the "
        "space and costs some of their exactness."
    )


def _work(about: About) -> str:
    """How much there is to calculate: every number that takes part is multiplied once with something."""
    if about.experts > 1 and about.experts_used:
        return f", in each of which {about.experts_used} of {about.experts} experts take part"
    return f", with some {number(about.parameters)} multiplications"


def _licence(about: About) -> str:
    named = _plain(about.licence_name)
    if not named:
        return "Its file names no licence: what you may do with it stands where you got it."
    return f"What you may do with it stands in its licence: {named}."
