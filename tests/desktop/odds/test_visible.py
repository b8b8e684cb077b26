"""Every character of a token is visible."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.odds.visible import LONGEST, hexadecimal, visible


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        (b" sea", "␣sea"),
        (b"\t\r\n", "⇥␍↵"),
        (b"\x00\x1b", "␀␛"),
        (b" " * 31, "␣×31"),
        (b"\xe2\x96", "<0xE2><0x96>"),
        (b"a\xff", "a<0xFF>"),
        ("\u200b".encode(), "<U+200B>"),
        ("\u202eabc".encode(), "<U+202E>abc"),
        ("\u00a0".encode(), "⍽"),
        ("\u0301".encode(), "◌\u0301"),
        ("안녕".encode(), "안녕"),
        ("שלום".encode(), "שלום"),
        ("👩\u200d🚀".encode(), "👩\u200d🚀"),
        ("\u200d".encode(), "<U+200D>"),
        ("❤\ufe0f".encode(), "❤\ufe0f"),
        (b"", ""),
    ],
)
def test_invisible_characters_are_shown(token: bytes, shown: str) -> None:
    assert visible(token) == shown


def test_very_long_tokens_end_in_an_ellipsis() -> None:
    shown = visible(b"ab" * 5000)
    assert len(shown) == LONGEST
    assert shown.endswith("…")


def test_bytes_are_shown_as_hexadecimal_pairs() -> None:
    assert hexadecimal(b"\xe2\x96\x81") == "e2 96 81"
    assert hexadecimal(bytes(100)).endswith(" …")


@given(st.binary(max_size=40))
def test_nothing_invisible_is_left_and_nothing_is_dropped(token: bytes) -> None:
    shown = visible(token)
    hidden = {"Cc", "Cs", "Zs", "Zl", "Zp"}
    assert not [one for one in shown if unicodedata.category(one) in hidden]
    assert bool(shown) == bool(token)
