"""A forecast of the fit in words: short for a cell, with its parts for a tooltip. No Qt."""

from dataclasses import dataclass

from desktop.library import words
from models.library.fit import Plan
from models.library.forecast import Forecast
from models.library.memory import Need


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an item would be on this machine, before it is here. words: short; why: the parts, for a tooltip."""

    words: str
    why: str


def verdict_of(forecast: Forecast) -> Verdict:
    plan = forecast.plan
    if plan is None:
        return Verdict("not known", forecast.sentence)
    return Verdict(_short(plan), "\n".join((forecast.sentence, *_parts(plan))))


def _short(plan: Plan) -> str:
    match plan.where:
        case "gpu":
            return "fits on the GPU"
        case "partly":
            return f"partly: {plan.layers} of {plan.all_layers} layers on the GPU"
        case "cpu":
            return f"runs on the CPU, {words.size(plan.total)}"
        case _:
            return f"too large: {words.size(plan.total)}"


def _parts(plan: Plan) -> list[str]:
    parts = [("On the GPU", plan.device), ("In memory", plan.host)]
    lines = [f"{where}: {_need(need)}" for where, need in parts if need.total]
    return [*lines, f"With a context of {plan.context:,} tokens."]


def _need(need: Need) -> str:
    weights, cache, working = (words.size(part) or "0" for part in (need.weights, need.cache, need.working))
    return f"weights {weights}, cache {cache}, working {working}"
