"""The language the program speaks. Every sentence that a person reads goes through `tr`.

It is chosen once, when a process starts, and handed down to child processes in the environment; so a sentence may be
made while a module is imported. Knows nothing of where it was chosen (desktop/start/language_choice.py), nor of Qt.

What varies in a sentence is named and put in afterwards, so that a translator can move it:
`tr("Loading {name}…").format(name=name)`.
"""

import gettext
import os

from resources import LANGUAGES

CHOICE = "INKFALL_LANGUAGE"
SOURCE = "en"  # what the sentences in the code are in
PSEUDO = "pseudo"  # English in brackets: a test sees which sentences never went through `tr`


class _Bracketed(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002, gettext's own signature
        return self.gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def languages() -> tuple[str, ...]:
    """The languages there are, as in `ko`; English first."""
    return (SOURCE, *sorted(file.stem for file in LANGUAGES.glob("*.mo")))


def _sentences(language: str) -> gettext.NullTranslations:
    if language == PSEUDO:
        return _Bracketed()
    try:
        with (LANGUAGES / f"{language}.mo").open("rb") as file:
            return gettext.GNUTranslations(file)
    except FileNotFoundError:
        return gettext.NullTranslations()


SPOKEN = os.environ.get(CHOICE) or SOURCE
_SENTENCES = _sentences(SPOKEN)


def tr(sentence: str, context: str = "") -> str:
    """That sentence in the language spoken. context: what tells two meanings of the same English words apart."""
    return _SENTENCES.pgettext(context, sentence) if context else _SENTENCES.gettext(sentence)


def tr_count(one: str, many: str, count: int) -> str:
    """The sentence for that count, in the language spoken; the count itself is put in by `format`."""
    return _SENTENCES.ngettext(one, many, count)
