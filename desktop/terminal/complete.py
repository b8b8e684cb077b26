"""`inkfall complete`: writes a continuation of a prompt to stdout as it is generated, as text or as lines of JSON."""

import argparse
import secrets
import sys

from desktop.terminal import flags, printers, records, texts
from desktop.terminal.exit_status import DONE, FAILED, INTERRUPTED
from desktop.terminal.running import Running, running
from models.engine import limits, stream_words
from models.engine.events import Ended, Event, Healed, ModelFacts, Sampled, Started
from models.engine.prefix import Piece, TextPiece
from models.engine.requests import Draws
from models.library.app_dirs import app_dirs
from models.sampling.knobs import Sampling
from resources.language import printable, tr

SUMMARY = tr("write on behind a prompt")
RANDOM = -1  # the --seed that draws one, as in llama.cpp


def add_prompt(parser: argparse.ArgumentParser) -> None:
    """Add the flags for the prompt, which `read_prompt` reads."""
    prompt = parser.add_mutually_exclusive_group()
    standard_input = flags.standard_input(tr("give the prompt behind --prompt, or - to read it from standard input"))
    help_ = tr("read the prompt from standard input")
    prompt.add_argument("stdin", nargs="?", type=standard_input, metavar="-", help=help_)
    prompt.add_argument(
        "--prompt", "-p", metavar="TEXT", help=tr("the prompt (without one the model begins by itself)")
    )
    prompt.add_argument("--prompt-file", "-f", metavar="F", help=tr("read the prompt from a file"))


def add_keep(parser: argparse.ArgumentParser) -> None:
    """Add the flag for the prompt's header."""
    parser.add_argument(
        "--keep",
        dest="n_keep",
        type=flags.within(limits.HEADER),
        default=0,
        metavar="N",
        help=tr("first tokens of the prompt that stay in sight when the context is full, half of it at most (0)"),
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_prompt(parser)
    parser.add_argument(
        "--max-tokens", "-n", type=flags.length, default=flags.DEFAULT_LENGTH, metavar="N", help=tr("-1: endless (128)")
    )
    parser.add_argument(
        "--continuations",
        type=flags.within(limits.CONTINUATIONS),
        default=None,
        metavar="N",
        help=tr("as many continuations of the prompt at once, each with draws of its own"),
    )
    add_keep(parser)
    help_ = tr("any whole number; -1 draws one anew each time (-1)")
    parser.add_argument("--seed", "-s", type=flags.whole, default=RANDOM, metavar="S", help=help_)
    flags.add_output(parser)
    flags.add_model(parser)
    flags.add_sampling(parser)


def read_prompt(options: argparse.Namespace) -> str:
    """Read the prompt from the argument, the file or stdin; empty if there is none. Raises TerminalError."""
    if options.prompt is not None:
        return texts.from_argument(options.prompt)
    name = options.prompt_file if options.prompt_file is not None else options.stdin
    return texts.from_file(name) if name is not None else ""


def run(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    prompt, sampling = read_prompt(options), flags.sampling(options)
    with running(app_dirs()) as engine:
        facts = engine.load(options.model, flags.load_options(options), app_dirs())
        return write(engine, facts, prompt, sampling, options)


def write(engine: Running, facts: ModelFacts, prompt: str, sampling: Sampling, options: argparse.Namespace) -> int:
    """Generate the continuations and print them as they come. Returns the exit status."""
    length = None if options.max_tokens == flags.ENDLESS else options.max_tokens
    seed = secrets.randbits(32) if options.seed == RANDOM else options.seed
    pieces: list[Piece] = [TextPiece(prompt)] if prompt else []
    top = options.top if options.json else 1
    n_keep = options.n_keep
    several = options.continuations
    draws = [Draws(seed, take) for take in range(several or 1)]
    job = engine.engine.generate_streams(pieces, sampling, length, draws, top, n_keep)
    settings = records.settings(sampling, seed=seed, max_tokens=length, keep=n_keep, continuations=len(draws))
    total = several is not None
    printer = printers.JsonPrinter(facts, settings, top, total) if options.json else printers.chosen(several)
    failed, tokens, grammar = False, 0, [0.0] * len(draws)  # seconds
    for event in engine.follow(job):
        warn_if_dropped(event, n_keep)
        warn_of_room(event, len(draws), length)
        tell_healed(event)
        printer.take(event)
        if isinstance(event, Sampled):
            grammar[event.stream] = event.grammar
        tokens += event.tokens if isinstance(event, Ended) else 0
        if isinstance(event, Ended) and event.sentence:
            failed = True
            sys.stderr.write(f"inkfall: {event.stream + 1}: {event.sentence}\n")
    if sum(grammar):
        _warn(tr("The grammar took {cost:.1f} ms a token.").format(cost=1_000 * sum(grammar) / max(tokens, 1)))
    return INTERRUPTED if engine.interrupted() else FAILED if failed else DONE


def warn_of_room(event: Event, continuations: int, length: int | None) -> None:
    """Warn on stderr if the context has no room for all continuations, or the model not for all at once."""
    if isinstance(event, Started):
        for sentence in stream_words.foretold(event, continuations, length):
            _warn(sentence)


def tell_healed(event: Event) -> None:
    """Say on stderr which end of the prompt the first token has to begin with."""
    if isinstance(event, Healed):
        _warn(
            tr("Healing: the first token has to begin with “{text}”.").format(
                text=printable(event.text.strip(" ") or "␣")
            )
        )


def _warn(words: str) -> None:
    sys.stderr.write(f"inkfall: {words}\n")


def warn_if_dropped(event: Event, n_keep: int = 0) -> None:
    """Warn on stderr if the prompt does not fit into the context."""
    if isinstance(event, Started) and event.dropped:
        if n_keep:
            words = tr(
                "The text is longer than the model's context: {count:,} tokens behind its beginning are not seen."
            )
        else:
            words = tr("The text is longer than the model's context: its first {count:,} tokens are not seen.")
        _warn(words.format(count=event.dropped))
