"""A page as one self-contained HTML file: its text, coloured by a measure, and the reading of the token at the mouse or
the keys.

The file loads nothing, and a content security policy forbids it to; without a script it is still readable. Styles and
script are in resources/export.html.
"""

import html
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import resources
from desktop.exporting.export_facts import ExportFacts, date, settings
from desktop.exporting.html_grounds import Grounds
from desktop.exporting.tokens import Text, Token, parts
from desktop.page import utf16
from desktop.page.contents import Contents
from desktop.page.measures import Measure
from desktop.qt.visible import visible
from models.sampling.knobs import stage_name
from resources.colours import DARK, LIGHT, as_styles
from resources.language import SPOKEN, tr

ALL_ALTERNATIVES = 20_000  # tokens of a page up to which every alternative is exported
SOME_ALTERNATIVES = 100_000  # up to which _SOME alternatives and the readings are; of a longer page, colours only
_SOME = 4
_IMPOSSIBLE = -9999.0  # nats, for -inf, which JSON lacks: e to that power is 0
_GROUP = 500  # runs whose readings are in one piece of JSON, parsed when one of them is pointed at


def blocks(contents: Contents, facts: ExportFacts, tokens: int, measure: Measure | None = None) -> Iterator[bytes]:
    """The file, block by block. tokens: their number on the page, which decides how much is exported of each. measure:
    what colours the text; None: surprisal."""
    grounds = Grounds.of(measure, contents)
    head, foot = resources.EXPORT_PAGE.read_text(encoding="utf-8").split("<!-- the page -->")
    title = _escaped(visible(facts.title) or tr("A page"))
    head = head.replace("/* shades */", grounds.rules())
    for mark, colours in (("/* light */", LIGHT), ("/* dark */", DARK)):
        head = head.replace(mark, as_styles(colours, grounds.colour))
    yield head.replace("<!-- title -->", title).encode()
    if facts.title:
        yield f"<h1>{title}</h1>\n".encode()
    name = _escaped(tr("The page"))
    yield f'<main id="page" tabindex="0" aria-label="{name}">'.encode()
    many = tokens > SOME_ALTERNATIVES
    for block in _coloured(contents, grounds) if many else _with_readings(contents, tokens, grounds):
        yield block.encode()
    yield b"</main>\n"
    yield _foot(foot, grounds).replace("<!-- about -->", _about(contents, facts, tokens)).encode()


# ------------------------------------------------------------------------------------------------ the text


@dataclass(frozen=True, slots=True)
class _Run:
    """A text, or the tokens of a run together. start: units from the beginning of the page."""

    start: int
    parts: Sequence[Text | Token]

    @property
    def tokens(self) -> list[Token]:
        return [part for part in self.parts if isinstance(part, Token)]

    @property
    def text(self) -> str:
        return self.parts[-1].text


def _runs(contents: Contents) -> Iterator[_Run]:
    start, run = 0, list[Text | Token]()
    for part in parts(contents):
        run.append(part)
        if part.text:
            yield _Run(start, run)
            start, run = start + utf16.length(part.text), []


def _coloured(contents: Contents, grounds: Grounds) -> Iterator[str]:
    """The text; neighbours of one colour are one element."""
    for css_class, runs in groupby(_runs(contents), lambda run: _class(run, grounds)):
        text = _escaped("".join(run.text for run in runs))
        yield f'<i class="{css_class}">{text}</i>' if css_class else text


def _with_readings(contents: Contents, tokens: int, grounds: Grounds) -> Iterator[str]:
    """The text in groups, each followed by the readings for the script."""
    most = None if tokens <= ALL_ALTERNATIVES else _SOME
    group: list[str] = []
    readings: list[list[Any]] = []
    for run in _runs(contents):
        css_class, text = _class(run, grounds), _escaped(run.text)
        group.append(f'<i class="{css_class}">{text}</i>' if css_class else text)
        if tokens_of_run := run.tokens:
            readings.append([_reading(one, most) for one in tokens_of_run])
        if len(readings) == _GROUP:
            yield _group(group, readings)
            group, readings = [], []
    yield _group(group, readings)


def _group(group: list[str], readings: list[list[Any]]) -> str:
    text = "".join(group)
    if not readings:
        return text
    return f'<span class="g">{text}</span><script type="application/json">{_json(readings)}</script>'


def _class(run: _Run, grounds: Grounds) -> str:
    """The CSS classes of a run: m the model's, t with readings, s stale, h1 … the colours; empty: the writer's."""
    first = run.parts[0]
    if isinstance(first, Text):
        return "m" if first.generated else ""
    generated = first.source.kind != "read"
    names = ["t m"] if generated else ["t"]
    if number := grounds.number([token.reading for token in run.tokens], generated, run.start):
        names.append(f"h{number}")
    if first.stale:
        names.append("s")
    return " ".join(names)


# ------------------------------------------------------------------------------------------------ the readings


def _reading(token: Token, most: int | None) -> list[Any]:
    """The data of a token for the script: text, raw, rank, entropy, final, stale, alternatives; each of these as text,
    raw, final, the stage that cut it, and 1 where it was chosen. None (null): not known. most: number of alternatives;
    None: all."""
    one, found, chosen = token.reading, token.reading.alternatives, token.reading.chosen
    alternatives = [
        [
            _bytes(found.texts[i]),
            _nats(found.raw[i]),
            _nats(found.final[i]),
            stage_name(found.cut[i]),
            int(i == chosen),
        ]
        for i in range(len(found.ids))
        if most is None or i < most or i == chosen
    ]
    values = [_bytes(one.bytes), _nats(one.raw), one.rank or None, _digits(one.entropy), _nats(one.final)]
    return [*values, int(token.stale), alternatives]


def _digits(number: float) -> float | None:
    """The number to four significant digits; None (null) where it is not finite."""
    return float(f"{number:.4g}") if math.isfinite(number) else None


def _nats(number: float) -> float | None:
    """A log-probability as _digits gives it, but _IMPOSSIBLE for -inf."""
    return _IMPOSSIBLE if number == -math.inf else _digits(number)


def _bytes(data: bytes) -> str:
    return _shown(data.decode("utf-8", errors="replace"))


def _json(value: object) -> str:
    """JSON for a script element: nothing in it ends the element."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


# ------------------------------------------------------------------------------------------------ words


def _escaped(text: str) -> str:
    return html.escape(_shown(text), quote=True)


_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {
    0x7F: 0x2421,
    **dict.fromkeys(range(128, 160), 65533),
    0xFDD0: 0xFFFD,
    0xFDD1: 0xFFFD,
    0xFFFE: 0xFFFD,
    0xFFFF: 0xFFFD,
}


def _shown(text: str) -> str:
    """The text with control characters, which HTML forbids or drops, as their pictures (␀)."""
    return utf16.whole(text).translate(_PICTURES)


_HOW_TO_READ = (
    tr("Blue: what the model wrote."),
    tr("Point at a token, or choose one with the arrow keys, to see its odds."),
    tr("Written with Inkfall."),
)
_OF_THE_SCRIPT = {  # {} is a number that the script puts in
    "odds": tr("Odds"),
    "model": tr("the model: {}"),
    "coin": tr("after sampling: {}"),
    "cut": tr("cut by {}"),
    "rank": tr("rank {}"),
    "entropy": tr("entropy {} bits"),
    "surprise": tr("{} bits of surprise"),
    "on_the_coin": tr("after sampling: {}"),
    "unknown": tr("not known"),
    "stale": tr("Outdated: earlier text was edited."),
}


def _foot(foot: str, grounds: Grounds) -> str:
    """The foot and the script with their words filled in."""
    foot = foot.replace("<!-- language -->", SPOKEN)
    foot = foot.replace(
        "<!-- how to read -->", _escaped("\n".join((_HOW_TO_READ[0], grounds.words(), *_HOW_TO_READ[1:])))
    )
    return foot.replace("<!-- odds -->", _escaped(_OF_THE_SCRIPT["odds"])).replace("/* words */", _json(_OF_THE_SCRIPT))


def _about(contents: Contents, facts: ExportFacts, tokens: int) -> str:
    """The foot: model, settings and dates, and what was left out."""
    sources = (contents.sources[number] for number in range(len(contents.sources)))
    worded = dict.fromkeys(settings(source) for source in sources if source.kind == "generated")
    rows = [
        (tr("Model"), visible(facts.model)),
        (tr("Sampling"), "; ".join([*worded][:12]) + ("; …" if len(worded) > 12 else "")),
        (tr("Tokens"), f"{tokens:,}" if tokens else ""),
        (tr("Started"), date(facts.created)),
        (tr("Last changed"), date(facts.modified)),
    ]
    list_items = "".join(f"<dt>{_escaped(name)}</dt><dd>{_escaped(words)}</dd>" for name, words in rows if words)
    left_out = ""
    if tokens > SOME_ALTERNATIVES:
        left_out = tr("The page is too long to show the odds of every token here: it has their colours only.")
    elif tokens > ALL_ALTERNATIVES:
        left_out = tr("The page is long: of each token’s alternatives the {count} most likely are kept.")
    left_out = left_out and f"<p>{_escaped(left_out.format(count=_SOME))}</p>"
    return f"<dl>{list_items}</dl>{left_out}"
