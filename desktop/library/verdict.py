"""A forecast of the fit in words: short for a cell, with its parts for a tooltip. No Qt."""

from dataclasses import dataclass

from desktop.library import words
from desktop.visible import lines
from models.library.fit import Plan
from models.library.forecast import Forecast
from models.library.memory import Need
from resources.language import tr


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an item would be on this machine, before it is here. words: short; why: the parts, for a tooltip."""

    words: str
    why: str


def verdict_of(forecast: Forecast) -> Verdict:
    plan = forecast.plan
    if forecast.unusable:
        return Verdict(tr("can't write"), forecast.sentence)
    if plan is None:
        return Verdict(tr("not known"), forecast.sentence)
    return Verdict(_short(plan), lines(forecast.sentence, *_parts(plan)))


def _short(plan: Plan) -> str:
    match plan.where:
        case "gpu":
            return tr("fits on the GPU")
        case "partly":
            return tr("partly: {layers} of {all} layers on the GPU").format(layers=plan.layers, all=plan.all_layers)
        case "cpu":
            return tr("runs on the CPU, {size}").format(size=words.size(plan.total))
        case _:
            return tr("too large: {size}").format(size=words.size(plan.total))


def _parts(plan: Plan) -> list[str]:
    parts = [(tr("On the GPU"), plan.device), (tr("In memory"), plan.host)]
    needs = [tr("{place}: {need}").format(place=where, need=_need(need)) for where, need in parts if need.total]
    if plan.host.recurrent:
        return [*needs, tr("It keeps a small state, of the same size for a text of any length.")]
    return [*needs, tr("With a context of {context:,} tokens.").format(context=plan.context)]


def _need(need: Need) -> str:
    weights, cache, working = (words.size(part) or "0" for part in (need.weights, need.cache, need.working))
    said = (
        tr("weights {weights}, state {cache}, working {working}")
        if need.recurrent
        else tr("weights {weights}, cache {cache}, working {working}")
    )
    return said.format(weights=weights, cache=cache, working=working)
