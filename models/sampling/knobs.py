"""The sampling settings, each declared once with label, help, bounds and flag, and the order of the chain's stages.

The defaults are neutral: temperature 1, nothing cut, nothing penalised; the mask of control tokens is on and counts as
neutral. chain.py applies the settings; desktop/generation draws their controls.
"""

from dataclasses import dataclass, field, fields
from typing import Any

from models.sampling.grammar import gbnf
from models.sampling.knob_checks import complaint
from resources.language import tr

LONGEST_WINDOW = 8_192  # tokens that penalties and DRY look back at most

# The stages that cut tokens, in the chain's order (llama.cpp's own default order) up to mirostat. Mirostat replaces the
# truncation stages, top-n-sigma to xtc; bias, penalties, DRY and temperature stay.
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
    "bias",  # runs first after the control mask
    "banned",  # a banned string began with the token here; runs with the bias
    "healing",  # runs after bias, for the first token behind typed text only
    "grammar",  # runs after bias
)

_NAMED = {
    "control": tr("control"),
    "bias": tr("bias"),
    "banned": tr("banned string"),
    "healing": tr("healing"),
    "grammar": tr("grammar"),
    "penalties": tr("penalties"),
    "typical": tr("typical"),
    "temperature": tr("temperature"),
}


def stage_name(cut: int) -> str:
    """The translated name of the stage in an entry of `Alternatives.cut`; "" if no stage cut the token, or a stage of a
    later version did.
    """
    stage = STAGES[cut - 1] if 0 < cut <= len(STAGES) else ""
    return _NAMED.get(stage, stage)


SHAPE, CUT, REPETITION = tr("Shape"), tr("Cut"), tr("Repetition")
STEERING, TOKENS = tr("Steering"), tr("Tokens")


def knob(default: Any, label: str, help: str, *, low: float, high: float, step: float, flag: str, group: str) -> Any:  # noqa: A002
    """Declare one numeric setting. default: the neutral value, which is shown as “off” where it is the lowest one; low,
    high: bounds, both allowed; help: its effect on the distribution; flag: its name on the command line.
    """
    metadata = {"label": label, "help": help, "low": low, "high": high, "step": step, "flag": flag, "group": group}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Sampling:
    """The settings of the sampler chain. Every default is neutral; the metadata of each field describes it."""

    temperature: float = knob(
        1.0,
        tr("Temperature"),
        tr("Below 1 favours likely tokens, above 1 evens them out; 0 always takes the most likely token."),
        low=0.0,
        high=5.0,
        step=0.05,
        flag="temperature",
        group=SHAPE,
    )
    temperature_range: float = knob(
        0.0,
        tr("Temperature range"),
        tr("Dynamic temperature: lower by up to this where the model is sure, higher where it is not; 0 is off."),
        low=0.0,
        high=5.0,
        step=0.05,
        flag="dynatemp-range",
        group=SHAPE,
    )
    temperature_exponent: float = knob(
        1.0,
        tr("Temperature exponent"),
        tr("How dynamic temperature follows the entropy: above 1 it stays low longer, below 1 it rises sooner."),
        low=0.0,
        high=10.0,
        step=0.1,
        flag="dynatemp-exp",
        group=SHAPE,
    )
    top_k: int = knob(
        0,
        tr("Top-k"),
        tr("Cuts every token but the k most likely; 0 cuts none."),
        low=0,
        high=1_000,
        step=1,
        flag="top-k",
        group=CUT,
    )
    top_p: float = knob(
        1.0,
        tr("Top-p"),
        tr("Keeps the most likely tokens until their probabilities add up to p, and cuts the rest; 1 cuts none."),
        low=0.0,
        high=1.0,
        step=0.01,
        flag="top-p",
        group=CUT,
    )
    min_p: float = knob(
        0.0,
        tr("Min-p"),
        tr("Cuts every token less likely than this share of the most likely one; 0 cuts none."),
        low=0.0,
        high=1.0,
        step=0.01,
        flag="min-p",
        group=CUT,
    )
    typical: float = knob(
        1.0,
        tr("Typical"),
        tr("Keeps the tokens whose surprise is nearest to the expected one, up to this probability; 1 cuts none."),
        low=0.0,
        high=1.0,
        step=0.01,
        flag="typical",
        group=CUT,
    )
    top_n_sigma: float = knob(
        0.0,
        tr("Top-n-sigma"),
        tr("Cuts every token whose logit lies more than n standard deviations below the highest; 0 cuts none."),
        low=0.0,
        high=10.0,
        step=0.1,
        flag="top-n-sigma",
        group=CUT,
    )
    xtc_probability: float = knob(
        0.0,
        tr("XTC probability"),
        tr("How often the most likely tokens are cut so that a less likely one is chosen; 0 never."),
        low=0.0,
        high=1.0,
        step=0.05,
        flag="xtc-probability",
        group=CUT,
    )
    xtc_threshold: float = knob(
        0.1,
        tr("XTC threshold"),
        tr("When XTC is applied, all tokens above this probability are cut except the least likely of them."),
        low=0.0,
        high=0.5,
        step=0.01,
        flag="xtc-threshold",
        group=CUT,
    )
    repeat_penalty: float = knob(
        1.0,
        tr("Repetition penalty"),
        tr("Divides the logit of recent tokens, so that they are repeated less; 1 changes nothing."),
        low=0.5,
        high=3.0,
        step=0.05,
        flag="repeat-penalty",
        group=REPETITION,
    )
    presence_penalty: float = knob(
        0.0,
        tr("Presence penalty"),
        tr("Subtracts this from the logit of every recent token, once; 0 changes nothing."),
        low=-2.0,
        high=2.0,
        step=0.1,
        flag="presence-penalty",
        group=REPETITION,
    )
    frequency_penalty: float = knob(
        0.0,
        tr("Frequency penalty"),
        tr("Subtracts this from the logit of a token for each recent occurrence; 0 changes nothing."),
        low=-2.0,
        high=2.0,
        step=0.1,
        flag="frequency-penalty",
        group=REPETITION,
    )
    repeat_last_n: int = knob(
        64,
        tr("Penalty window"),
        tr("How many of the last tokens the three penalties look at."),
        low=0,
        high=LONGEST_WINDOW,
        step=16,
        flag="repeat-last-n",
        group=REPETITION,
    )
    dry_multiplier: float = knob(
        0.0,
        tr("DRY multiplier"),
        tr("Weakens tokens that would continue a passage already written; 0 is off."),
        low=0.0,
        high=5.0,
        step=0.1,
        flag="dry-multiplier",
        group=REPETITION,
    )
    dry_base: float = knob(
        1.75,
        tr("DRY base"),
        tr("How fast DRY's penalty grows with the length of the repeated passage."),
        low=1.0,
        high=4.0,
        step=0.05,
        flag="dry-base",
        group=REPETITION,
    )
    dry_allowed_length: int = knob(
        2,
        tr("DRY allowed length"),
        tr("DRY does not penalise repeated passages up to this many tokens."),
        low=0,
        high=100,
        step=1,
        flag="dry-allowed-length",
        group=REPETITION,
    )
    dry_last_n: int = knob(
        1_024,
        tr("DRY window"),
        tr("How many of the last tokens DRY searches for repeated passages."),
        low=0,
        high=LONGEST_WINDOW,
        step=64,
        flag="dry-penalty-last-n",
        group=REPETITION,
    )
    dry_breakers: tuple[str, ...] = field(
        default=("\n", ":", '"', "*"),
        metadata={
            "label": tr("DRY breakers"),
            "flag": "dry-sequence-breaker",
            "group": REPETITION,
            "most": 100,
            "high": 40,  # llama.cpp reads no more bytes of one
            "help": tr("Texts at which a repeated passage ends for DRY."),
        },
    )
    mirostat: int = knob(
        0,
        tr("Mirostat"),
        tr("1 or 2 steers the surprise of the text towards a target instead of cutting; 0 is off."),
        low=0,
        high=2,
        step=1,
        flag="mirostat",
        group=STEERING,
    )
    mirostat_tau: float = knob(
        5.0,
        tr("Mirostat target"),
        tr("The surprise, in bits a token, that mirostat steers towards."),
        low=0.0,
        high=20.0,
        step=0.1,
        flag="mirostat-ent",
        group=STEERING,
    )
    mirostat_eta: float = knob(
        0.1,
        tr("Mirostat rate"),
        tr("How fast mirostat adapts to the surprise of the tokens it drew."),
        low=0.001,
        high=1.0,
        step=0.01,
        flag="mirostat-lr",
        group=STEERING,
    )
    adaptive_target: float = knob(
        -1.0,
        tr("Adaptive-p target"),
        tr(
            "Favours tokens whose probability is near this, so that their average comes to it; below 0 is off. Cut the "
            "unlikely tokens as well, as with min-p 0.05: there are so many that one of them would come nearly always."
        ),
        low=-1.0,
        high=1.0,
        step=0.05,
        flag="adaptive-target",
        group=STEERING,
    )
    adaptive_decay: float = knob(
        0.9,
        tr("Adaptive-p decay"),
        tr("How long adaptive-p remembers the tokens it drew: about 1 / (1 - decay) of them."),
        low=0.0,
        high=0.99,
        step=0.01,
        flag="adaptive-decay",
        group=STEERING,
    )
    allow_control: bool = field(
        default=False,
        metadata={
            "label": tr("No control tokens"),
            "flag": "allow-control",
            "group": TOKENS,
            "inverted": True,
            "help": tr("Keeps control and unused tokens from being drawn. End of text is never masked."),
        },
    )
    no_healing: bool = field(
        default=False,
        metadata={
            "label": tr("Healing"),
            "flag": "no-healing",
            "group": TOKENS,
            "inverted": True,
            "help": tr("Where your text ends inside a word, the first token is one that begins with that end."),
        },
    )
    ignore_eos: bool = field(
        default=False,
        metadata={
            "label": tr("Ignore end of text"),
            "flag": "ignore-eos",
            "group": TOKENS,
            "help": tr("Continues after an end-of-text token, which is shown on the page, instead of stopping."),
        },
    )
    stop: tuple[str, ...] = field(
        default=(),
        metadata={
            "label": tr("Stop strings"),
            "flag": "stop",
            "group": TOKENS,
            "help": tr("Writing ends just before any of these strings would appear."),
        },
    )
    bias: tuple[str, ...] = field(
        default=(),
        metadata={
            "label": tr("Bias"),
            "flag": "bias",
            "group": TOKENS,
            "help": tr("Adds nats to the logit of a token, which favours or disfavours it, or bans it."),
        },
    )
    banned: tuple[str, ...] = field(
        default=(),
        metadata={
            "label": tr("Banned strings"),
            "flag": "ban",
            "group": TOKENS,
            "high": 200,  # a copy of the odds is held for each token of what may become one
            "help": tr(
                "Never written, in capitals or small letters: where one would be complete, its tokens are taken back "
                "and another first token is drawn."
            ),
        },
    )

    grammar: str = field(
        default="",
        metadata={
            "label": tr("Grammar"),
            "flag": "grammar",
            "group": TOKENS,
            "high": gbnf.LONGEST,
            "help": tr("Only text that these rules (GBNF) allow is written; the text ends where they are complete."),
        },
    )

    @property
    def neutral(self) -> bool:
        """Whether no setting changes the model's own distribution."""
        return not self.off_neutral()

    @property
    def heals(self) -> bool:
        """Whether the end of a typed text may be taken back. A grammar begins with the first token, not inside one."""
        return not (self.no_healing or self.grammar)

    @property
    def ends(self) -> bool:
        """Whether an end-of-text token ends the text. With a grammar it comes only where nothing else may."""
        return not self.ignore_eos or bool(self.grammar)

    @property
    def adapts(self) -> bool:
        """Whether adaptive-p is on. As in llama.cpp, mirostat takes its place."""
        return self.adaptive_target >= 0 and not self.mirostat

    def off_neutral(self) -> tuple[str, ...]:
        """The names of the fields that change the distribution. Windows, rates and stop strings alone do not."""
        companions = {"xtc_threshold", "repeat_last_n", "mirostat_tau", "mirostat_eta", "ignore_eos", "stop"}
        companions |= {"dry_base", "dry_allowed_length", "dry_last_n", "dry_breakers"}
        companions |= {"temperature_exponent", "adaptive_decay"} | ({"adaptive_target"} if not self.adapts else set())
        return tuple(f.name for f in fields(self) if f.name not in companions and getattr(self, f.name) != f.default)

    def checked(self) -> "Sampling":
        """Return self. Raises ValueError with one sentence on the first field whose value is not allowed."""
        for knob in fields(self):
            value = getattr(self, knob.name)
            if words := complaint(knob, value):
                name, flag, low, high = (knob.metadata.get(key) for key in ("label", "flag", "low", "high"))
                raise ValueError(words.format(name=name, flag=flag, low=low, high=high, value=value))
        return self


NEUTRAL = Sampling()
TEXTS = tuple(knob.name for knob in fields(Sampling) if isinstance(knob.default, tuple))  # knobs that are several texts
