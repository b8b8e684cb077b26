"""Tables and facts without a terminal: one row a line, with any names."""

import pytest

from desktop.terminal.tables import show_facts, show_table


def test_a_cell_never_breaks_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("name", "size"), [("two\nlines\tand a tab", "1"), ("\x1b[31mred\u202e", "2"), ("plain  name", "3")])
    assert capsys.readouterr().out.split("\n") == [
        "name\tsize",
        "two lines and a tab\t1",
        "\\x1b[31mred\\u202e\t2",
        "plain  name\t3",
        "",
    ]


def test_facts_are_printed_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    show_facts([("kind", "base"), ("parameters", "\x07one")])
    assert capsys.readouterr().out == "kind        base\nparameters  \\x07one\n"
