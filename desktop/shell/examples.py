"""Examples to try on the welcome: beginnings of texts; each shows an ability of base models. No Qt.

The texts stay English in every language, which the starter model knows best; titles and help are translated.
"""

from dataclasses import dataclass

from resources.language import tr


@dataclass(frozen=True, slots=True)
class Example:
    """One example. title, help: for the user. text: put on the page. shown: its beginning, in a line or two.
    temperature: of the page; None for the one that is set."""

    title: str
    help: str
    shown: str
    text: str
    temperature: float | None = None


EXAMPLES: tuple[Example, ...] = (
    Example(
        tr("A story"),
        tr("A first line; each try continues it differently."),
        "It was the last night of the year, and the lighthouse keeper…",
        "It was the last night of the year, and the lighthouse keeper",
    ),
    Example(
        tr("Known by heart"),
        tr("A famous text: watch how certain the model is."),
        "We hold these truths to be self-evident, that all men are…",
        "We hold these truths to be self-evident, that all men are",
        temperature=0.0,
    ),
    Example(
        tr("A pattern"),
        tr("A few examples are enough to show the model what to do."),
        "hot → cold, tall → short, early → late, open →…",
        "hot → cold\ntall → short\nearly → late\nlight → dark\nopen →",
    ),
    Example(
        tr("An assistant"),
        tr("Begin a dialogue, and the model writes both sides. An assistant is built from this."),
        "Person: Why is the sky blue? Assistant:…",
        "The following is a conversation between a curious person and a friendly, learned assistant.\n\n"
        "Person: Why is the sky blue?\n\nAssistant:",
    ),
)
