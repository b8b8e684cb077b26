"""Every sentence of the code is in every language's list, and the lists are complete."""

import ast
import builtins
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from resources import LANGUAGES
from resources.language import SOURCE, languages, printable
from tests.conftest import ROOT

SPEAKING = ("desktop", "models", "resources")  # folders whose sentences are translated
WORDS = ("tr", "tr_count")
KEYWORDS = parse_keywords(["tr:1,1t", "tr:1,2c,2t", "tr_count:1,2"])  # as in the Makefile
OTHERS = [language for language in languages() if language != SOURCE]
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
Key = tuple[str, str | None]


def modules() -> list[Path]:
    return sorted(path for folder in SPEAKING for path in (ROOT / folder).rglob("*.py"))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls of tr and tr_count."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORDS:
            yield node


def said_in(path: Path) -> Iterator[ast.Call]:
    return calls(ast.parse(path.read_text(encoding="utf-8")))


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def text_of(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def keys_of_code() -> set[Key]:
    """Each sentence with its context."""
    found: set[Key] = set()
    for call in (call for path in modules() for call in said_in(path)):
        context = call.args[1:2] if _name(call) == "tr" else []
        found.add((text_of(call.args[0]), text_of(context[0]) if context else None))
    return found


def key_of(message: Message) -> Key:
    return (message.id if isinstance(message.id, str) else message.id[0], message.context)


def forms_of(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def list_of(language: str) -> Catalog:
    with (LANGUAGES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def sentences_of(language: str) -> list[Message]:
    return [message for message in list_of(language) if message.id]


# ------------------------------------------------------------------------------------------------ the code


def test_a_sentence_is_a_literal_in_the_code() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{call.lineno} {ast.unparse(call)}"
        for path in modules()
        for call in said_in(path)
        if call.keywords or not all(map(text_of, call.args if _name(call) == "tr" else call.args[:2]))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_sentence_is_an_f_string() -> None:
    """There it is not found."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr) and list(calls(node))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_call_of_tr_is_found() -> None:
    found: set[Key] = set()
    for folder in SPEAKING:
        for _file, _line, message, _comments, context in extract_from_dir(ROOT / folder, keywords=KEYWORDS):
            found.add((message if isinstance(message, str) else str(message[0]), context))
    assert found == keys_of_code()


SENTENCE = re.compile(r"[A-Z“][^\n]* [^\n]*[.…?!:]")
NO_WORDS_OF_THE_WINDOW = {  # sentences that stay English
    "desktop/crash/reporter.py",  # a report: for who mends it
    "desktop/shell/examples.py",  # beginnings of pages, in the languages that models know
}
SQL = re.compile(r"(SELECT|INSERT|UPDATE|DELETE|VACUUM|CREATE|ALTER|PRAGMA|WHERE)\b")


def test_no_sentence_goes_past_tr() -> None:
    """Every literal that looks like a sentence uses tr, except docstrings and assertions."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path in modules()
        if str(path.relative_to(ROOT)) not in NO_WORDS_OF_THE_WINDOW
        for line, text in _unsaid(ast.parse(path.read_text(encoding="utf-8")))
        if SENTENCE.fullmatch(text) and not SQL.match(text)
    ]
    assert not wrong, "\n".join(wrong)


def _unsaid(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts of the code outside tr, docstrings and assertions; what is put into one is shown as {}."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Assert | ast.Raise) and not _for_a_person(node):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(text_of(part) if isinstance(part, ast.Constant) else "{}" for part in node.values),
            )
        elif isinstance(node, ast.expr) and text_of(node):
            yield node.lineno, text_of(node)
        elif not (isinstance(node, ast.Call) and _name(node) in WORDS):
            waiting += ast.iter_child_nodes(node)


def _for_a_person(node: ast.Assert | ast.Raise) -> bool:
    """Whether it raises one of our own errors, whose text is a sentence; a built-in one tells of a bug of ours."""
    raised = node.exc.func if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) else None
    return isinstance(raised, ast.Name) and raised.id not in dir(builtins)


# ------------------------------------------------------------------------------------------------ the lists


@pytest.mark.parametrize("language", OTHERS)
def test_the_list_has_every_sentence_and_no_other(language: str) -> None:
    listed, spoken = {key_of(message) for message in sentences_of(language)}, keys_of_code()
    assert not spoken - listed, f"make translations, then translate: {sorted(map(str, spoken - listed))}"
    assert not listed - spoken, f"make translations: {sorted(map(str, listed - spoken))}"


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language: str) -> None:
    for message in sentences_of(language):
        forms = forms_of(message)
        assert forms and all(forms) and not message.fuzzy, message.id


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_same_placeholders(language: str) -> None:
    for message in sentences_of(language):
        one, *_ = ids = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = {place for text in ids for place in PLACEHOLDER.findall(text)}
        for form in forms_of(message):
            assert set(PLACEHOLDER.findall(form)) == wanted, one
            assert form.count("\n") == one.count("\n"), one


@pytest.mark.parametrize("language", OTHERS)
def test_a_menu_keeps_its_mnemonic(language: str) -> None:
    for message in sentences_of(language):
        if isinstance(message.id, str) and re.search(r"&\w", message.id) and isinstance(message.string, str):
            assert message.string.count("&") == message.id.count("&"), message.id


@pytest.mark.parametrize("language", OTHERS)
def test_compiled_translations_match_the_list(language: str) -> None:
    made = io.BytesIO()
    write_mo(made, list_of(language))
    assert (LANGUAGES / f"{language}.mo").read_bytes() == made.getvalue(), "make translations"


def test_what_is_quoted_cannot_disturb_a_sentence() -> None:
    assert printable("Par's “é” 한글 😀 \\") == "Par's “é” 한글 😀 \\"
    assert printable("a\n\x1b[31m\u202eb\ud800") == "a\\n\\x1b[31m\\u202eb\\ud800"
