"""The interface's language: `tr` translates every sentence that a user reads.

The language is set once, when a process starts (desktop/start/language_choice.py), and passed to child processes in the
environment, so a sentence may be translated while a module is imported.

Variable parts are named placeholders, so that a translator can move them: `tr("Loading {name}…").format(name=name)`.
"""

import gettext
import os

from resources import LANGUAGES

CHOICE = "INKFALL_LANGUAGE"
SOURCE = "en"  # the language of the sentences in the code
PSEUDO = "pseudo"  # English in brackets: shows a test which sentences did not go through `tr`


class _Bracketed(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002, gettext's own signature
        return self.gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def languages() -> tuple[str, ...]:
    """The codes of the available languages, as in `ko`; English first."""
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
    """The sentence in the interface's language. context: distinguishes two meanings of the same English words."""
    return _SENTENCES.pgettext(context, sentence) if context else _SENTENCES.gettext(sentence)


def tr_count(one: str, many: str, count: int) -> str:
    """The sentence for that count, in the interface's language; `format` then inserts the count."""
    return _SENTENCES.ngettext(one, many, count)


def printable(text: str) -> str:
    """A text from outside as a sentence quotes it: control characters and direction marks are escaped."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
