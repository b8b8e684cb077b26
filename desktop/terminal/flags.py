"""The flags of the subcommands: the sampling ones derive from Sampling's own fields, spelled as llama.cpp spells them.

Knows what a flag is called, its bounds and its help; nothing of what is done with it.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import Field, fields
from typing import Any

from desktop.terminal.exit_status import TerminalError
from models.engine import limits
from models.library.load_options import LoadOptions
from models.sampling.knobs import Sampling
from resources.language import tr

ENDLESS = -1
DEFAULT_LENGTH = 128


def bounded(kind: type[int] | type[float], low: float, high: float) -> Callable[[str], int | float]:
    """A number in [low, high], for argparse: its complaint names the bounds. NaN lies in no bounds."""

    def parse(text: str) -> int | float:
        try:
            value = kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(
                tr("{text!r} is not a number of the right kind").format(text=text)
            ) from error
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                tr("{text} is not between {low} and {high}").format(text=text, low=_plain(low), high=_plain(high))
            )
        return value

    return parse


def _plain(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"


def within(bounds: limits.Bounds) -> Callable[[str], int | float]:
    return bounded(int, bounds.low, bounds.high)


def length(text: str) -> int:
    """A number of tokens, or -1 for endless."""
    value = bounded(int, ENDLESS, limits.LENGTH.high)(text)
    if value == 0:
        raise argparse.ArgumentTypeError(tr("give at least 1, or -1 for endless"))
    return int(value)


def _add_knob(group: argparse._ArgumentGroup, name: str, default: Any, about: Mapping[str, Any]) -> None:  # pyright: ignore[reportPrivateUsage]
    flag, words = f"--{about['flag']}", str(about["help"]).replace("%", "%%")
    if isinstance(default, bool):
        group.add_argument(flag, dest=name, action="store_true", default=default, help=words)
    elif isinstance(default, tuple):
        group.add_argument(
            flag,
            dest=name,
            action="append",
            default=[],
            metavar="S",
            help=tr("{help} May be repeated.").format(help=words),
        )
    else:
        parse = bounded(int if isinstance(default, int) else float, about["low"], about["high"])
        group.add_argument(flag, dest=name, type=parse, default=default, metavar="N", help=f"{words} ({default})")


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """One flag for every field of Sampling; a switch that the window shows inverted keeps its field's sense here."""
    group = parser.add_argument_group(tr("the coin (neutral by default)"))
    for field in fields(Sampling):
        _add_knob(group, field.name, field.default, _about(field))


def _about(field: Field[Any]) -> Mapping[str, Any]:
    about = dict(field.metadata)
    if field.name == "allow_control":
        about["help"] = tr("Lets control and unused tokens be drawn, which are masked otherwise.")
    return about


def sampling(options: argparse.Namespace) -> Sampling:
    """The settings that were given. Stop strings become a tuple."""
    given: dict[str, Any] = {field.name: getattr(options, field.name) for field in fields(Sampling)}
    given["stop"] = tuple(options.stop)
    return Sampling(**given)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which model, and how it is loaded."""
    group = parser.add_argument_group(tr("the model"))
    about = tr("a GGUF file or the name of an installed model (the last used one, else the starter)")
    group.add_argument("--model", "-m", default="", metavar="M", help=about)
    group.add_argument(
        "--ctx-size", type=within(limits.CONTEXT), default=0, metavar="N", help=tr("context in tokens (0: chosen)")
    )
    group.add_argument("--threads", type=within(limits.THREADS), default=0, metavar="N", help=tr("threads (0: chosen)"))
    group.add_argument(
        "--gpu-layers",
        type=within(limits.GPU_LAYERS),
        default=-1,
        metavar="N",
        help=tr("layers on a GPU (-1: all that fit)"),
    )
    group.add_argument(
        "--device",
        default="",
        metavar="NAME",
        help=tr("run on these devices alone, commas between (see inkfall doctor)"),
    )
    group.add_argument("--cache-type-k", choices=limits.CACHE_TYPES, default="", help=tr("numbers of the cache (f16)"))
    group.add_argument(
        "--cache-type-v", choices=limits.CACHE_TYPES, default="", help=tr("the same: both are always of one type")
    )
    group.add_argument(
        "--flash-attn", choices=limits.FLASH_ATTENTION, default="auto", help=tr("flash attention (auto); q8_0 needs it")
    )


def load_options(options: argparse.Namespace) -> LoadOptions:
    """How the model is to be loaded."""
    cache = options.cache_type_k or options.cache_type_v or "f16"
    if options.cache_type_v not in ("", cache):
        raise TerminalError(tr("Both halves of the cache are of one type: give --cache-type-k alone."))
    return LoadOptions(options.ctx_size, options.threads, options.gpu_layers, options.device, cache, options.flash_attn)


def add_output(parser: argparse.ArgumentParser) -> None:
    """What is told of every token."""
    parser.add_argument(
        "--top",
        type=within(limits.ALTERNATIVES),
        default=10,
        metavar="N",
        help=tr("alternatives of a token (10)"),
    )
    parser.add_argument("--json", action="store_true", help=tr("one JSON object a line"))
