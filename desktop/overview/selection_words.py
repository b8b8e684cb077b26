"""Words the statistics of a selection: rows for the panel, a text and a CSV to copy. No Qt."""

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.page.statistics import BARS, Report, Statistics
from resources.language import tr
from resources.numbers import power_of_ten

UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class _Row:
    """key: in a CSV. title: for people. number: of some statistics. places: decimals."""

    key: str
    title: str
    number: Callable[[Statistics], float]
    places: int = 0


ROWS = (
    _Row("tokens", tr("Tokens with odds"), lambda found: found.tokens),
    _Row("outdated", tr("Outdated"), lambda found: found.stale),
    _Row("bits", tr("Bits"), lambda found: found.bits, 1),
    _Row("bits_per_token", tr("Bits a token"), lambda found: found.bits_per_token, 2),
    _Row("bits_per_byte", tr("Bits a byte"), lambda found: found.bits_per_byte, 3),
    _Row("perplexity", tr("Perplexity"), lambda found: found.perplexity, 2),
    _Row("mean_rank", tr("Mean rank"), lambda found: found.mean_rank, 1),
    _Row("longest_confident_run", tr("Longest confident run"), lambda found: found.longest),
)
LONGEST = len(ROWS) - 1  # the row of that title
HELP = (
    tr("Tokens whose probability is known."),
    tr("Of these, tokens that were read before the text before them was edited. They count with the odds they had."),
    tr("The surprisal of all tokens together."),
    tr("The mean surprisal."),
    tr("Surprisal for each byte of the text in UTF-8; comparable between models with different tokens."),
    tr("2 to the bits a token: as uncertain as choosing among this many equally likely tokens."),
    tr("1 is the most likely token."),
    tr("The most tokens in a row that each have at least half of the probability."),
)
HEADINGS = tr("All"), tr("Model"), tr("Yours")


def number(value: float, places: int = 0) -> str:
    """A number of the table."""
    if math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "∞"
    if value >= 10 ** (9 - places):
        digits, exponent = f"{value:.2e}".split("e")
        return f"{digits} × {power_of_ten(int(exponent))}"
    return f"{value:,.{places}f}"


def cells(report: Report) -> list[tuple[str, str, str]]:
    """The numbers of each of ROWS: of all, of the model's words, of one's own."""
    groups = report.all, report.model, report.own
    return [tuple(number(row.number(one), row.places) for one in groups) for row in ROWS]  # pyright: ignore[reportReturnType]


def as_text(report: Report, what: str, classes: Sequence[int]) -> str:
    """The statistics as lines of text in columns. what: the heading. classes: of ranks, ascending."""
    table = [("", *HEADINGS), *((row.title, *found) for row, found in zip(ROWS, cells(report), strict=True))]
    for title, names, groups in _histograms(report, classes):
        table += [(), (title, *HEADINGS)]
        table += [(name, *(f"{count:,}" for count in counts)) for name, *counts in zip(names, *groups, strict=True)]
    widths = [max(len(line[column]) for line in table if line) for column in range(4)]
    lines = [
        "  ".join((line[0].ljust(widths[0]), *(line[at].rjust(widths[at]) for at in (1, 2, 3)))).rstrip()
        if line
        else ""
        for line in table
    ]
    return "\n".join([what, "", *lines, ""])


def as_csv(report: Report, classes: Sequence[int]) -> str:
    """The statistics as comma-separated values for programs: English names, whole precision, empty where not known."""
    groups = report.all, report.model, report.own
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(("statistic", "all", "model", "own"))
    for row in ROWS:
        table.writerow((row.key, *(_plain(row.number(one)) for one in groups)))
    names = (rank_names(classes, "rank_1", "rank_to_{rank}", "rank_above"), _tenths("fraction_from_{low:.1f}"))
    entropies = [f"entropy_from_{bits}" for bits in range(BARS)]
    counts = [(one.ranks, one.fractions, one.entropies) for one in groups]
    for place, keys in enumerate((*names, entropies)):
        for key, *found in zip(keys, *(one[place] for one in counts), strict=True):
            table.writerow((key, *found))
    return written.getvalue()


def _plain(value: float) -> str:
    return "" if math.isnan(value) else repr(value)


def rank_names(classes: Sequence[object], first: str, to: str, above: str) -> list[str]:
    """A name for each class of ranks. classes: the highest ranks, ascending. to: with a place for one of them."""
    return [first, *(to.format(rank=rank) for rank in classes), above]


def _tenths(name: str) -> list[str]:
    return [name.format(low=tenth / BARS, high=(tenth + 1) / BARS) for tenth in range(BARS)]


_Histogram = tuple[str, list[str], tuple[tuple[int, ...], ...]]


def _histograms(report: Report, classes: Sequence[int]) -> list[_Histogram]:
    """Title, names of the classes, and the counts of all, the model's and one's own."""
    groups = report.all, report.model, report.own
    ranks = rank_names([f"{one:,}" for one in classes], "1", tr("up to {rank}"), tr("beyond"))
    entropies = [*(tr("{low} to {high} bits").format(low=bits, high=bits + 1) for bits in range(BARS - 1))]
    entropies.append(tr("{low} bits and more").format(low=BARS - 1))
    return [
        (tr("Rank"), ranks, tuple(one.ranks for one in groups)),
        (tr("p / p of the most likely"), _tenths("{low:.1f}–{high:.1f}"), tuple(one.fractions for one in groups)),
        (tr("Entropy"), entropies, tuple(one.entropies for one in groups)),
    ]


def histograms(report: Report, classes: Sequence[int]) -> list[tuple[str, list[str], tuple[int, ...], tuple[int, ...]]]:
    """Title, names of the classes, the counts of the model's words and of one's own."""
    return [(title, names, model, own) for title, names, (_, model, own) in _histograms(report, classes)]
