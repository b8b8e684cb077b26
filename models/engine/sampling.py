"""The sampling settings: every knob said once, and the stages of the chain in the order in which they run.

Neutral is the default: temperature 1, nothing cut, nothing penalised; the mask of control tokens is on and counts as
neutral. Knows nothing of how a stage is computed (chain.py) nor how a control looks (desktop/generation).
"""

from dataclasses import Field, dataclass, field, fields
from typing import Any, cast

# The stages that cut tokens, in the chain's order (llama.cpp's own default order). Mirostat replaces the truncation
# stages, top-n-sigma to xtc; penalties, DRY and temperature stay.
# `Alternatives.cut` holds 1 + an index into this tuple, also in files: only ever append.
STAGES: tuple[str, ...] = (
    "control",
    "penalties",
    "dry",
    "top-n-sigma",
    "top-k",
    "typical",
    "top-p",
    "min-p",
    "xtc",
    "temperature",
    "mirostat",
)


def knob(default: Any, label: str, help: str, *, low: float, high: float, step: float, flag: str, group: str) -> Any:  # noqa: A002
    """One number of the chain: default is neutral, [low, high] its bounds, `help` what it does to the coin, `flag` its
    spelling in the terminal.
    """
    about = {"label": label, "help": help, "low": low, "high": high, "step": step, "flag": flag, "group": group}
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the probability vector becomes a coin. Every field is neutral by default; see each one's metadata."""

    temperature: float = knob(
        1.0,
        "Temperature",
        "Sharpens the coin below 1 and flattens it above; 0 always takes the most likely token.",
        low=0.0,
        high=5.0,
        step=0.05,
        flag="temperature",
        group="Shape",
    )
    top_k: int = knob(
        0,
        "Top-k",
        "Cuts every token but the k most likely; 0 cuts none.",
        low=0,
        high=1_000,
        step=1,
        flag="top-k",
        group="Cut",
    )
    top_p: float = knob(
        1.0,
        "Top-p",
        "Keeps the most likely tokens until their probabilities add up to p, and cuts the rest; 1 cuts none.",
        low=0.0,
        high=1.0,
        step=0.01,
        flag="top-p",
        group="Cut",
    )
    min_p: float = knob(
        0.0,
        "Min-p",
        "Cuts every token less likely than this share of the most likely one; 0 cuts none.",
        low=0.0,
        high=1.0,
        step=0.01,
        flag="min-p",
        group="Cut",
    )
    typical: float = knob(
        1.0,
        "Typical",
        "Keeps the tokens whose surprise is nearest to the expected one, up to this probability; 1 cuts none.",
        low=0.0,
        high=1.0,
        step=0.01,
        flag="typical",
        group="Cut",
    )
    top_n_sigma: float = knob(
        0.0,
        "Top-n-sigma",
        "Cuts every token whose logit lies more than n standard deviations below the highest; 0 cuts none.",
        low=0.0,
        high=10.0,
        step=0.1,
        flag="top-n-sigma",
        group="Cut",
    )
    xtc_probability: float = knob(
        0.0,
        "XTC probability",
        "How often the most likely tokens are cut so that a less likely one is chosen; 0 never.",
        low=0.0,
        high=1.0,
        step=0.05,
        flag="xtc-probability",
        group="Cut",
    )
    xtc_threshold: float = knob(
        0.1,
        "XTC threshold",
        "When XTC strikes, all tokens above this probability are cut but the least likely of them.",
        low=0.0,
        high=0.5,
        step=0.01,
        flag="xtc-threshold",
        group="Cut",
    )
    repeat_penalty: float = knob(
        1.0,
        "Repetition penalty",
        "Divides the logit of tokens seen lately, so that they come up less; 1 leaves them alone.",
        low=0.5,
        high=3.0,
        step=0.05,
        flag="repeat-penalty",
        group="Repetition",
    )
    presence_penalty: float = knob(
        0.0,
        "Presence penalty",
        "Takes this much off the logit of every token seen lately, once; 0 takes nothing.",
        low=-2.0,
        high=2.0,
        step=0.1,
        flag="presence-penalty",
        group="Repetition",
    )
    frequency_penalty: float = knob(
        0.0,
        "Frequency penalty",
        "Takes this much off the logit of a token for each time it was seen lately; 0 takes nothing.",
        low=-2.0,
        high=2.0,
        step=0.1,
        flag="frequency-penalty",
        group="Repetition",
    )
    repeat_last_n: int = knob(
        64,
        "Penalty window",
        "How many of the last tokens the three penalties look at.",
        low=0,
        high=8_192,
        step=16,
        flag="repeat-last-n",
        group="Repetition",
    )
    dry_multiplier: float = knob(
        0.0,
        "DRY multiplier",
        "Weakens tokens that would continue a passage already written; 0 is off.",
        low=0.0,
        high=5.0,
        step=0.1,
        flag="dry-multiplier",
        group="Repetition",
    )
    dry_base: float = knob(
        1.75,
        "DRY base",
        "How fast DRY's penalty grows with the length of the repeated passage.",
        low=1.0,
        high=4.0,
        step=0.05,
        flag="dry-base",
        group="Repetition",
    )
    dry_allowed_length: int = knob(
        2,
        "DRY allowed length",
        "Repeated passages up to this many tokens are left alone by DRY.",
        low=0,
        high=100,
        step=1,
        flag="dry-allowed-length",
        group="Repetition",
    )
    dry_last_n: int = knob(
        1_024,
        "DRY window",
        "How many of the last tokens DRY searches for repeated passages.",
        low=0,
        high=8_192,
        step=64,
        flag="dry-penalty-last-n",
        group="Repetition",
    )
    mirostat: int = knob(
        0,
        "Mirostat",
        "1 or 2 steers the surprise of the text towards a target instead of cutting; 0 is off.",
        low=0,
        high=2,
        step=1,
        flag="mirostat",
        group="Mirostat",
    )
    mirostat_tau: float = knob(
        5.0,
        "Mirostat target",
        "The surprise, in bits a token, that mirostat steers towards.",
        low=0.0,
        high=20.0,
        step=0.1,
        flag="mirostat-ent",
        group="Mirostat",
    )
    mirostat_eta: float = knob(
        0.1,
        "Mirostat rate",
        "How fast mirostat learns from the surprise of what it drew.",
        low=0.001,
        high=1.0,
        step=0.01,
        flag="mirostat-lr",
        group="Mirostat",
    )
    allow_control: bool = field(
        default=False,
        metadata={
            "label": "No control tokens",
            "flag": "allow-control",
            "group": "Tokens",
            "inverted": True,
            "help": "Keeps control and unused tokens from being drawn. End of text is never masked.",
        },
    )
    ignore_eos: bool = field(
        default=False,
        metadata={
            "label": "Ignore end of text",
            "flag": "ignore-eos",
            "group": "Tokens",
            "help": "Goes on writing behind an end-of-text token, which is shown on the page, "
            "instead of stopping there.",
        },
    )
    stop: tuple[str, ...] = field(
        default=(),
        metadata={
            "label": "Stop strings",
            "flag": "stop",
            "group": "Tokens",
            "help": "Writing ends just before any of these strings would appear.",
        },
    )

    @property
    def neutral(self) -> bool:
        """True where no stage changes what the model believes (the coin is the model's own)."""
        return not self.off_neutral()

    def off_neutral(self) -> tuple[str, ...]:
        """The fields that change the coin, by name. Windows, rates and stop strings alone change nothing."""
        companions = {"xtc_threshold", "repeat_last_n", "mirostat_tau", "mirostat_eta", "ignore_eos", "stop"}
        companions |= {"dry_base", "dry_allowed_length", "dry_last_n"}
        return tuple(f.name for f in fields(self) if f.name not in companions and getattr(self, f.name) != f.default)

    def checked(self) -> "Sampling":
        """Itself, if every field may be what it is; else ValueError with one sentence that names the first that may
        not.
        """
        for knob in fields(self):
            complaint = _complaint(knob, getattr(self, knob.name))
            if complaint:
                raise ValueError(f"{knob.metadata['label']} {complaint} (--{knob.metadata['flag']}).")
        return self


NEUTRAL = Sampling()


def _complaint(knob: Field[Any], value: object) -> str:
    """What is wrong with that value of a field, as the end of a sentence; empty where nothing is."""
    if "low" not in knob.metadata:
        return _kind_complaint(knob, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"must be a number, not {value!r}"
    if isinstance(knob.default, int) and not isinstance(value, int):
        return f"must be a whole number, not {value:g}"
    low, high = knob.metadata["low"], knob.metadata["high"]
    return "" if low <= value <= high else f"must lie between {low:g} and {high:g}, not {value:g}"


def _kind_complaint(knob: Field[Any], value: object) -> str:
    if isinstance(knob.default, bool):
        return "" if isinstance(value, bool) else f"must be true or false, not {value!r}"
    texts = isinstance(value, tuple) and all(isinstance(text, str) for text in cast("tuple[object, ...]", value))
    return "" if texts else f"must be a tuple of texts, not {value!r}"
