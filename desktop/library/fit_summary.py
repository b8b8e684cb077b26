"""A forecast of the fit in words: short for a cell, with its parts for a tooltip. No Qt."""

from dataclasses import dataclass

from desktop.library import words
from desktop.qt.visible import lines
from models.library.fit import Machine, Placement
from models.library.forecast import Forecast
from models.library.memory import Need
from resources.language import tr

MORE, BESIDE = 1.15, 300_000_000  # cache and buffers of a usual context, beside the weights


@dataclass(frozen=True, slots=True)
class FitSummary:
    """What an item would be on this machine, before it is here. words: short; why: the parts, for a tooltip."""

    words: str
    why: str


def verdict_of(forecast: Forecast) -> FitSummary:
    plan = forecast.plan
    if forecast.unusable:
        return FitSummary(tr("can't write"), forecast.sentence)
    if plan is None:
        return FitSummary(tr("not known"), forecast.sentence)
    return FitSummary(_short(plan), lines(forecast.sentence, *_parts(plan)))


def rough(size: int, machine: Machine) -> FitSummary:
    """What a model with so many bytes of weights would be, before anything else is known of it."""
    need = round(size * MORE) + BESIDE
    told = words.size(need)
    own = sum(device.usable for device in machine.devices if not device.shared)
    shares = any(device.shared for device in machine.devices)  # then a GPU works in the computer's memory
    if need <= own or (shares and need <= machine.memory.usable):
        said = tr("GPU, about {size}")
    elif own and need <= own + machine.memory.usable:
        said = tr("partly GPU, about {size}")
    elif need <= machine.memory.usable:
        said = tr("CPU, about {size}")
    else:
        said = tr("too large, about {size}")
    return FitSummary(
        said.format(size=told), tr("Estimated from the size alone. “Show its files” asks for the exact need.")
    )


def _short(plan: Placement) -> str:
    match plan.where:
        case "gpu":
            return tr("fits on the GPU")
        case "partly":
            return tr("partly: {layers} of {all} layers on the GPU").format(layers=plan.layers, all=plan.all_layers)
        case "cpu":
            return tr("runs on the CPU, {size}").format(size=words.size(plan.total))
        case _:
            return tr("too large: {size}").format(size=words.size(plan.total))


def _parts(plan: Placement) -> list[str]:
    parts = [(tr("On the GPU"), plan.device), (tr("In memory"), plan.host)]
    needs = [tr("{place}: {need}").format(place=where, need=_need(need)) for where, need in parts if need.total]
    if plan.host.recurrent:
        return [*needs, tr("It keeps a small state, of the same size for a text of any length.")]
    return [*needs, tr("With a context of {context:,} tokens.").format(context=plan.context)]


def _need(need: Need) -> str:
    weights, cache, working = (
        words.size(part) or "0" for part in (need.weights, need.cache, need.working_and_snapshots)
    )
    said = (
        tr("weights {weights}, state {cache}, working {working}")
        if need.recurrent
        else tr("weights {weights}, cache {cache}, working {working}")
    )
    return said.format(weights=weights, cache=cache, working=working)
