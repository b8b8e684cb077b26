"""The flags that subcommands share. Those of sampling are made from the fields of Sampling, with llama.cpp's names."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields, replace
from typing import Any, cast

from desktop.settings.file import SettingsFile
from desktop.terminal import texts
from desktop.terminal.exit_status import TerminalError
from models.engine import limits
from models.launch import grammar_check
from models.library.app_dirs import app_dirs
from models.library.load_options import LoadOptions
from models.sampling import presets
from models.sampling.knobs import NEUTRAL, TEXTS, Sampling
from resources.language import printable, tr

ENDLESS = -1
DEFAULT_LENGTH = 128
NO_TEXTS = "none"  # as in llama.cpp: in place of texts that a flag has by default


def _number(kind: type[int] | type[float], text: str) -> int | float:
    try:
        return kind(text)
    except ValueError as error:
        words = tr("“{text}” is no whole number") if kind is int else tr("“{text}” is no number")
        raise argparse.ArgumentTypeError(words.format(text=printable(text))) from error


def whole(text: str) -> int:
    """Any whole number."""
    return int(_number(int, text))


def standard_input(otherwise: str) -> Callable[[str], str]:
    """Return a parser that takes "-" alone. otherwise: the words of its error, behind what was given."""

    def parse(text: str) -> str:
        if text != "-":
            raise argparse.ArgumentTypeError(f"“{printable(text)}”: {otherwise}")
        return text

    return parse


def bounded(kind: type[int] | type[float], low: float, high: float) -> Callable[[str], int | float]:
    """Return a parser of numbers in [low, high] for argparse. Its error names the bounds. NaN is refused."""

    def parse(text: str) -> int | float:
        value = _number(kind, text)
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


def _add_knob(group: argparse._ArgumentGroup, name: str, default: Any, info: Mapping[str, Any]) -> None:  # pyright: ignore[reportPrivateUsage]
    flag, words = f"--{info['flag']}", str(info["help"]).replace("%", "%%")
    if isinstance(default, str):
        group.add_argument(flag, dest=name, default=None, metavar="TEXT", help=words)
    elif isinstance(default, bool):
        group.add_argument(flag, dest=name, action="store_true", default=None, help=words)
    elif isinstance(default, tuple):
        group.add_argument(
            flag,
            dest=name,
            action="append",
            default=None,
            metavar="S",
            help=_repeated(words, cast("tuple[str, ...]", default)),
        )
    else:
        parse = bounded(int if isinstance(default, int) else float, info["low"], info["high"])
        group.add_argument(flag, dest=name, type=parse, default=None, metavar="N", help=f"{words} ({default})")


def _repeated(words: str, default: tuple[str, ...]) -> str:
    if not default:
        return tr("{help} May be repeated.").format(help=words)
    several = tr("{help} May be repeated, and replaces the usual ones ({default}); “none” for none.")
    return several.format(help=words, default=" ".join(default).replace("\n", "\\n"))


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """Add one flag for each field of Sampling. A switch that the window shows inverted has the field's sense here."""
    group = parser.add_argument_group(tr("the coin (neutral by default)"))
    help_ = tr("begin with the settings of a preset: {names}, or one that was saved in the window")
    names = ", ".join(preset.key for preset in presets.BUILT_IN)
    group.add_argument("--preset", default="", metavar="NAME", help=help_.format(names=names))
    for field in fields(Sampling):
        _add_knob(group, field.name, field.default, _info(field))

    help_ = tr("the same, read from a file")
    group.add_argument("--grammar-file", default=None, metavar="F", help=help_)


def _info(field: Field[Any]) -> Mapping[str, Any]:
    info = dict(field.metadata)
    if field.name == "allow_control":
        info["help"] = tr("Lets control and unused tokens be drawn, which are masked otherwise.")
    elif field.name == "no_healing":
        info["help"] = tr("Keeps the prompt's last token, even where it is the beginning of another one.")
    return info


def sampling(options: argparse.Namespace) -> Sampling:
    """The sampling that the flags ask for, the others as the preset has them. Raises TerminalError."""
    asked: dict[str, Any] = {field.name: getattr(options, field.name) for field in fields(Sampling)}
    asked = {name: value for name, value in asked.items() if value is not None}
    if (rules := _grammar(options)) is not None:
        asked["grammar"] = rules
    given = {name: _texts(name, value) if name in TEXTS else value for name, value in asked.items()}
    try:
        return replace(_preset(options.preset), **given).checked()
    except ValueError as error:
        raise TerminalError(str(error)) from error


def _grammar(options: argparse.Namespace) -> str | None:
    """The grammar that the flags give, checked in a process of its own; None without one. Raises TerminalError."""
    if options.grammar is not None and options.grammar_file is not None:
        raise TerminalError(tr("Give --grammar or --grammar-file, not both."))
    if options.grammar_file is not None:
        text = texts.from_file(options.grammar_file)
    elif options.grammar is not None:
        text = texts.from_argument(options.grammar, tr("The grammar is not valid UTF-8 text."))
    else:
        return None
    if told := grammar_check.check(text).told:
        raise TerminalError(f"{told} (--grammar)")
    return text


def _texts(name: str, given: Sequence[str]) -> tuple[str, ...]:
    """The texts of a flag that may be repeated."""
    has_usual_ones = bool(getattr(NEUTRAL, name))
    return () if has_usual_ones and list(given) == [NO_TEXTS] else tuple(given)


def _preset(name: str) -> Sampling:
    """The settings of a built-in preset, or of one that was saved in the window. Raises TerminalError."""
    if not name:
        return NEUTRAL
    saved = SettingsFile(app_dirs().config / "settings.json").read().settings.presets
    if preset := presets.found(name, saved):
        return preset.applied(NEUTRAL)
    names = ", ".join(one.name for one in (*presets.BUILT_IN, *presets.own(saved)))
    raise TerminalError(tr("There is no preset “{name}”. There are: {names}.").format(name=name, names=names))


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the flags for the model and its load options."""
    group = parser.add_argument_group(tr("the model"))
    help_ = tr("a GGUF file or the name of an installed model (the last used one, else the starter)")
    group.add_argument("--model", "-m", default="", metavar="M", help=help_)
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
    """The load options that the flags ask for. Raises TerminalError."""
    cache = options.cache_type_k or options.cache_type_v or "f16"
    if options.cache_type_v not in ("", cache):
        raise TerminalError(tr("Both halves of the cache are of one type: give --cache-type-k alone."))
    return LoadOptions(options.ctx_size, options.threads, options.gpu_layers, options.device, cache, options.flash_attn)


def add_output(
    parser: argparse.ArgumentParser, rows: Callable[[str], int | float] | None = None, words: str = ""
) -> None:
    """Add the flags for what is printed. rows, words: the type of --top and its help, where it is not about the
    alternatives of every token.
    """
    parser.add_argument(
        "--top",
        type=rows or within(limits.ALTERNATIVES),
        default=10,
        metavar="N",
        help=words or tr("alternatives of a token (10)"),
    )
    parser.add_argument("--json", action="store_true", help=tr("one JSON object a line"))
