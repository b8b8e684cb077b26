"""A report says what went wrong, and contains none of the user's text."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desktop.crash.report import LARGEST, of_error, signature, without_home, written

PAGE = "The lighthouse keeper had a secret, and nobody knew of sorrow."


def caught(error: BaseException) -> BaseException:
    try:
        raise error
    except type(error) as found:
        return found


def test_the_traceback_names_place_and_error() -> None:
    body = of_error(caught(ZeroDivisionError("division by zero")), PAGE)
    assert "test_report.py" in body
    assert "in caught" in body
    assert body.endswith("ZeroDivisionError: division by zero\n")


def test_causes_come_first() -> None:
    try:
        try:
            raise OSError("the disk")
        except OSError as error:
            raise RuntimeError("the page") from error
    except RuntimeError as error:
        body = of_error(error, "")
    assert body.index("OSError: the disk") < body.index("RuntimeError: the page")


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("'Page' object has no attribute 'wordz'", "'Page' object has no attribute 'wordz'"),
        ("cannot use 'secret'", "cannot use '…'"),  # a name, but a word of the page too
        ("invalid literal for int() with base 10: 'my diary of May'", "invalid literal for int() with base 10: '…'"),
        ("no file: '/home/me/pages/My divorce.inkfall'", "no file: '…'"),
        (f"bad text: {PAGE}", "(its message is left out: it holds words of the page)"),
        ("stopped at lighthouse keeper had a s", "(its message is left out: it holds words of the page)"),
        ('“etwas Eigenes” and "two words"', "'…' and '…'"),
    ],
)
def test_quotations_are_left_out_of_messages(message: str, shown: str) -> None:
    assert of_error(caught(ValueError(message)), PAGE).endswith(f"ValueError: {shown}\n")


def test_notes_are_treated_as_messages() -> None:
    error = ValueError("x")
    error.add_note(f"while reading {PAGE}")
    assert "lighthouse" not in of_error(caught(error), PAGE)


def test_an_error_whose_str_fails() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert "MuteError: (no message: RuntimeError)" in of_error(caught(MuteError()), "")


def test_a_cycle_of_causes_ends() -> None:
    one, other = caught(ValueError("one")), caught(KeyError("other"))
    one.__cause__, other.__cause__ = other, one
    assert of_error(one, "").count("ValueError") == 4


def test_signatures_differ_by_line() -> None:
    first, second = caught(ValueError("a")), caught(ValueError("b"))
    assert signature(first) == signature(second)
    try:
        raise ValueError("elsewhere")
    except ValueError as elsewhere:
        assert signature(elsewhere) != signature(first)


def test_the_users_folder_is_shortened() -> None:
    assert without_home("/home/some one/x and /home/some one/y", Path("/home/some one")) == "~/x and ~/y"
    assert without_home("/usr/lib", Path("/")) == "/usr/lib"


def test_the_whole_report() -> None:
    when = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    report = written("A mistake.", when, [("Inkfall", "1.2"), ("Model", "none")], "trace /h/me/x", Path("/h/me"))
    assert report.startswith("A mistake.\n2026-11-23T")
    assert "Inkfall:    1.2\nModel:      none\n" in report
    assert report.endswith("trace ~/x\n")
    assert len(written("x", when, [], "y" * 2 * LARGEST)) == LARGEST
