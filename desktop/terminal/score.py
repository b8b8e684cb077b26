"""`inkfall score`: prints the readings of every token of a text, and the text's totals."""

import argparse
import math
import sys
from collections.abc import Sequence

from desktop.terminal import flags, records, texts
from desktop.terminal.complete import warn_if_dropped
from desktop.terminal.exit_status import DONE, INTERRUPTED, TerminalError
from desktop.terminal.running import Running, running
from desktop.terminal.tables import known, show_table
from models.engine.events import Ended, ModelFacts, Scored, Span, Started
from models.engine.prefix import TextPiece
from models.library.app_dirs import app_dirs
from models.sampling.knobs import NEUTRAL
from resources.language import tr

SUMMARY = tr("the odds of every token of a text, in bits")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    standard_input = flags.standard_input(tr("give the text in a file, --file, or - to read it from standard input"))
    help_ = tr("read the text from standard input")
    source.add_argument("stdin", nargs="?", type=standard_input, metavar="-", help=help_)
    source.add_argument("--file", "-f", metavar="F", help=tr("read the text from a file"))
    flags.add_output(parser)
    flags.add_model(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    text = texts.from_file(options.file if options.file is not None else options.stdin)
    if not text:
        raise TerminalError(tr("The text is empty: there is nothing to score."))
    with running(app_dirs()) as engine:
        facts = engine.load(options.model, flags.load_options(options), app_dirs())
        return score(engine, facts, text, options)


def score(engine: Running, facts: ModelFacts, text: str, options: argparse.Namespace) -> int:
    """Score the text and print its readings, as they come (JSON) or in a table. Returns the exit status."""
    job = engine.engine.score([TextPiece(text)], top=options.top if options.json else 1)
    spans: list[Span] = []
    for event in engine.follow(job):
        warn_if_dropped(event)
        if isinstance(event, Scored):
            spans += event.spans
        if options.json:
            _print_json(facts, event, spans, options.top)
    if not options.json:
        print_table(spans)
    return INTERRUPTED if engine.interrupted() else DONE


def _print_json(facts: ModelFacts, event: object, spans: Sequence[Span], top: int) -> None:
    if isinstance(event, Started):
        _print(records.start(facts, event, records.settings(NEUTRAL)))
    elif isinstance(event, Scored):
        for span in event.spans:
            for record in records.tokens(span, top):
                _print(record)
    elif isinstance(event, Ended):
        readings = [reading for span in spans for reading in span.readings]
        _print({**records.end(event), **records.totals(readings)})


def _print(record: records.Record) -> None:
    sys.stdout.write(records.line(record))
    sys.stdout.flush()


def print_table(spans: Sequence[Span]) -> None:
    """Print one row a token, then the totals. A cell is empty where its number is not known."""
    readings = [reading for span in spans for reading in span.readings]
    rows = [
        (
            repr(reading.bytes.decode("utf-8", errors="replace")),
            str(reading.token) if reading.token >= 0 else "",
            known("{:.4%}", math.exp(reading.raw)),
            known("{:.2f}", -reading.raw / math.log(2)),
            f"{reading.rank:,}" if reading.rank else "",
            known("{:.2f}", reading.entropy),
        )
        for reading in readings
    ]
    show_table((tr("token"), "id", tr("probability"), tr("bits"), tr("rank"), tr("entropy")), rows)
    sums = records.totals(readings)
    words = tr("{tokens:,} tokens, {bytes:,} bytes")
    if sums["unknown"]:
        words = tr(
            "{tokens:,} tokens, {bytes:,} bytes; the total of bits is not known (tokens without odds: {unknown:,})"
        )
    elif all(value is not None for value in sums.values()):
        words = tr(
            "{tokens:,} tokens, {bytes:,} bytes, {bits:,.1f} bits, {bits_per_byte:.3f} bits per byte, "
            "perplexity {perplexity:,.2f}"
        )
    sys.stdout.write(words.format(**sums) + "\n")
