"""Whether a model fits on this machine, in words: short for a table cell, in detail for its tooltip. No Qt."""

from dataclasses import dataclass

from desktop.library import words
from desktop.qt.visible import lines
from models.library.fit import Machine, Placement
from models.library.forecast import Forecast
from models.library.memory import Need
from resources.language import tr

MORE, BESIDE = 1.15, 300_000_000  # factor of the weights, and bytes: the cache and buffers of a usual context


@dataclass(frozen=True, slots=True)
class FitSummary:
    """How a model would run on this machine. words: short, for a cell. why: the memory it needs, for a tooltip."""

    words: str
    why: str


def fit_summary_of(forecast: Forecast) -> FitSummary:
    plan = forecast.plan
    if forecast.unusable:
        return FitSummary(tr("can't write"), forecast.sentence)
    if plan is None:
        return FitSummary(tr("not known"), forecast.sentence)
    return FitSummary(_short(plan), lines(forecast.sentence, *_parts(plan)))


def rough_fit(size: int, machine: Machine) -> FitSummary:
    """Estimate the fit from the size of the weights alone. size: in bytes."""
    need = round(size * MORE) + BESIDE
    own = sum(device.usable for device in machine.devices if not device.shared)
    shares = any(device.shared for device in machine.devices)  # then a GPU works in the computer's memory
    if need <= own or (shares and need <= machine.memory.usable):
        template = tr("GPU, about {size}")
    elif own and need <= own + machine.memory.usable:
        template = tr("partly GPU, about {size}")
    elif need <= machine.memory.usable:
        template = tr("CPU, about {size}")
    else:
        template = tr("too large, about {size}")
    return FitSummary(
        template.format(size=words.size(need)),
        tr("Estimated from the size alone. “Show its files” asks for the exact need."),
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
    weights, cache, working = (words.size(part) or "0" for part in (need.weights, need.cache, need.working_and_kept))
    template = (
        tr("weights {weights}, state {cache}, working {working}")
        if need.recurrent
        else tr("weights {weights}, cache {cache}, working {working}")
    )
    return template.format(weights=weights, cache=cache, working=working)
