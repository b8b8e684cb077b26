"""`inkfall odds`: prints what may come next behind a prompt, and how likely given strings are there."""

import argparse
import base64
import math
import operator
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from desktop.terminal import complete, flags, records, texts
from desktop.terminal.exit_status import DONE, INTERRUPTED, TerminalError
from desktop.terminal.running import Running, running
from desktop.terminal.tables import known, show_table
from models.engine.events import Distributed, Ended, Event, Healed, ModelFacts, Started, StringOdds
from models.engine.prefix import Piece, TextPiece
from models.library.app_dirs import app_dirs
from models.sampling.knobs import Sampling
from models.sampling.readings import ChainEffect
from resources.language import tr

SUMMARY = tr("what may come next behind a prompt, and the odds of strings there")
MOST_ROWS = 1 << 24  # more than any vocabulary has tokens
NOT_UTF8 = tr("A string is not valid UTF-8 text.")
EMPTY_STRING = tr("An empty string has no odds: give --string at least one character.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    complete.add_prompt(parser)
    help_ = tr("a text whose odds are wanted behind the prompt. May be repeated.")
    parser.add_argument("--string", dest="strings", action="append", default=[], metavar="S", help=help_)
    complete.add_keep(parser)
    flags.add_output(parser, flags.bounded(int, 0, MOST_ROWS), tr("rows, the most likely token first (10)"))
    flags.add_model(parser)
    flags.add_sampling(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    prompt = complete.read_prompt(options)
    strings = [texts.from_argument(text, NOT_UTF8) for text in options.strings]
    if not all(strings):
        raise TerminalError(EMPTY_STRING)
    sampling = flags.sampling(options)
    with running(app_dirs()) as engine:
        facts = engine.load(options.model, flags.load_options(options), app_dirs())
        return ask(engine, facts, prompt, sampling, strings, options)


def ask(
    engine: Running,
    facts: ModelFacts,
    prompt: str,
    sampling: Sampling,
    strings: Sequence[str],
    options: argparse.Namespace,
) -> int:
    """Ask for the odds and print them. Returns the exit status."""
    pieces: list[Piece] = [TextPiece(prompt)] if prompt else []
    job = engine.engine.distribution(pieces, sampling, strings, options.top, options.n_keep)
    for event in engine.follow(job):
        complete.warn_if_dropped(event, options.n_keep)
        complete.tell_healed(event)
        if options.json:
            for record in _records(facts, event, records.settings(sampling, keep=options.n_keep)):
                sys.stdout.write(records.line(record))
            sys.stdout.flush()
        elif isinstance(event, Distributed):
            print_tables(event)
    return INTERRUPTED if engine.interrupted() else DONE


# ------------------------------------------------------------------------------------------------ JSON


def _records(facts: ModelFacts, event: Event, settings: records.Record) -> Iterator[records.Record]:
    if isinstance(event, Started):
        yield records.start(facts, event, settings)
    elif isinstance(event, Healed):
        yield records.healed(event)
    elif isinstance(event, Distributed):
        yield from rows(event)
        if event.effect:
            yield {"type": "chain", **records.chain(event.effect)}
        yield from map(string, event.strings)
    elif isinstance(event, Ended):
        yield records.end(event)


def rows(found: Distributed) -> Iterator[records.Record]:
    """One record for each token whose bytes were asked for. Tokens of equal probability share the best rank."""
    rank, before = 1, 0
    for index, data in zip(found.listed or range(len(found.texts)), found.texts, strict=True):
        if found.raw[index] < found.raw[before]:
            rank = 1 + bisect_left(found.raw, -found.raw[index], before, index, key=operator.neg)
        before = index
        yield {
            "type": "odds",
            "rank": None if math.isnan(found.raw[index]) else rank,
            "id": records.known(found.ids[index]),
            "text": data.decode("utf-8", errors="replace"),
            "bytes": base64.b64encode(data).decode("ascii"),
            "logprob": records.number(found.raw[index]),
            "final": records.number(found.final[index]),
            "cut": records.stage(found.cut[index]),
        }


def string(found: StringOdds) -> records.Record:
    """The record of a string: its log-probability in nats, its bits, and each of its tokens given those before it.
    `begins`: of all tokens together that begin with it; null for none, or not known."""
    return {
        "type": "string",
        "text": found.text,
        "logprob": records.number(found.nats),
        "bits": records.number(found.bits),
        "rank": found.rank or None,
        "begins": records.number(found.begins),
        "tokens": [
            {"id": records.known(token), "text": data.decode("utf-8", errors="replace"), "logprob": records.number(raw)}
            for token, data, raw in zip(found.ids, found.texts, found.raw, strict=True)
        ],
    }


# ------------------------------------------------------------------------------------------------ tables


def print_tables(found: Distributed) -> None:
    """Print the first rows of the distribution, and a row for each string. A cell is empty where nothing is known."""
    if found.texts:
        head = (tr("rank"), tr("token"), "id", tr("probability"), tr("final"), tr("bits"), tr("cut by"))
        show_table(head, map(_cells, rows(found)))
        if found.effect:
            sys.stdout.write("\n")
            head = (tr("tokens left"), tr("their probability"), tr("bits from the model's odds"))
            show_table(head, [_effect_cells(found.effect)])
    if found.strings:
        sys.stdout.write("\n" if found.texts else "")
        head = (
            tr("text"),
            tr("tokens"),
            tr("log-probability"),
            tr("bits"),
            tr("rank of the first"),
            tr("tokens that begin with it"),
        )
        show_table(head, map(_string_cells, found.strings))


def _cells(row: records.Record) -> tuple[str, ...]:
    final = row["final"]
    return (
        _integer(row["rank"]),
        repr(row["text"]),
        "" if row["id"] is None else str(row["id"]),
        "" if row["rank"] is None else _share(row["logprob"]),
        "" if final is None else _share(final),
        "" if row["logprob"] is None else f"{abs(row['logprob']) / math.log(2):.2f}",
        row["cut"] or "",
    )


def _effect_cells(effect: ChainEffect) -> tuple[str, ...]:
    return (f"{effect.left:,}", f"{effect.held:.4%}", f"{effect.divergence:.4f}")


def _share(nats: float | None) -> str:
    return f"{0.0 if nats is None else math.exp(nats):.4%}"


def _integer(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _string_cells(found: StringOdds) -> tuple[str, ...]:
    shown = " ".join(repr(data.decode("utf-8", errors="replace")) for data in found.texts)
    odds = known("{:.4f}", found.nats), known("{:.2f}", found.bits)
    begins = "" if math.isnan(found.begins) else _share(found.begins)
    return (repr(found.text), shown, *odds, _integer(found.rank or None), begins)
