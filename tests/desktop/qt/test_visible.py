"""Names on one line, with control characters made visible."""

import pytest

from desktop.qt.visible import lines, visible, visible_lines


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain — näme.gguf", "plain — näme.gguf"),
        ("a\nb\r\tc\x00\x1b[2J\x7f", "a↵b<U+000D>⇥c<U+0000><U+001B>[2J<U+007F>"),
        ("a\x85b\x9bc", "a<U+0085>b<U+009B>c"),
        ("a\u2028b\u2029c", "a<U+2028>b<U+2029>c"),
        ("a\u202efugg\u202c\u2066x\u2069", "a<U+202E>fugg<U+202C><U+2066>x<U+2069>"),
        ("\u200fשלום\u200e \u0646\u200c\u0647 👩\u200d🚀", "\u200fשלום\u200e \u0646\u200c\u0647 👩\u200d🚀"),
        ("a\udcff\ud800b", "a<0xFF><U+D800>b"),
    ],
)
def test_invisible_characters_become_signs(name: str, shown: str) -> None:
    assert visible(name) == shown


def test_a_name_cannot_begin_a_line() -> None:
    assert lines("a\nb", "", "c") == "a↵b\nc"
    assert visible_lines("a\x1bb\nc\u202ed") == "a<U+001B>b\nc<U+202E>d"
