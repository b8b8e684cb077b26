"""The statistics in words: the table, the text and the CSV."""

import csv
import io
import math

import pytest

from desktop.overview.selection_words import HEADINGS, HELP, ROWS, as_csv, as_text, cells, histograms, number
from desktop.page.statistics import BARS, Report, Statistics

CLASSES = (10, 100, 1_000)
MODEL = Statistics(
    1_500, 3_000.0, 6_000, 1_500, 4_500, 12, 0, 40, (700, 500, 200, 90, 10), (150,) * BARS, (150,) * BARS, 40
)
REPORT = Report(MODEL, MODEL, Statistics())


@pytest.mark.parametrize(
    ("value", "places", "words"),
    [
        (1_234.56, 1, "1,234.6"),
        (0, 0, "0"),
        (math.nan, 2, "–"),
        (math.inf, 2, "∞"),
        (1e30, 2, "1.00 × 10³⁰"),
        (999_999.0, 0, "999,999"),
    ],
)
def test_numbers(value: float, places: int, words: str) -> None:
    assert number(value, places) == words


def test_every_row_has_a_number_and_help() -> None:
    found = dict(zip((row.key for row in ROWS), cells(REPORT), strict=True))
    assert found["bits_per_token"] == ("2.00", "2.00", "–") and found["perplexity"] == ("4.00", "4.00", "–")
    assert found["tokens"] == ("1,500", "1,500", "0") and found["bits_per_byte"][0] == "0.500"
    assert found["mean_rank"][0] == "3.0" and found["outdated"] == ("40", "40", "0")
    assert found["longest_confident_run"] == ("12", "12", "0")
    assert len(HELP) == len(ROWS) and len(HEADINGS) == 3


def test_the_csv_holds_every_number_whole() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(REPORT, CLASSES))))
    assert rows[0] == ["statistic", "all", "model", "own"] and all(len(row) == 4 for row in rows)
    found = {key: numbers for key, *numbers in rows[1:]}
    assert len(found) == len(rows) - 1 == len(ROWS) + 5 + 2 * BARS
    assert found["perplexity"] == ["4.0", "4.0", ""] and found["bits"] == ["3000.0", "3000.0", "0.0"]
    assert [found[key][1] for key in ("rank_1", "rank_to_10", "rank_to_1000", "rank_above")] == [
        "700",
        "500",
        "90",
        "10",
    ]
    assert found["fraction_from_0.9"] == ["150", "150", "0"] and found["entropy_from_9"] == ["150", "150", "0"]


def test_the_text_is_in_columns() -> None:
    lines = as_text(REPORT, "Whole page", CLASSES).splitlines()
    assert lines[0] == "Whole page"
    table = [line for line in lines[2:] if line]
    assert len({len(line) for line in table}) == 1
    assert any(line.split() == ["Perplexity", "4.00", "4.00", "–"] for line in table)
    assert any(line.split() == ["up", "to", "1,000", "90", "90", "0"] for line in table)


def test_histograms_have_a_name_for_each_class() -> None:
    for _, names, model, own in histograms(REPORT, (2, 3, 4)):
        assert len(names) == len(set(names)) == len(model) == len(own)
        assert sum(model) == 1_500 and not sum(own)
