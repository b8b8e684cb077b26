"""Forecasts whether each item of a repository fits on this machine, before it is downloaded.

Only the header of the smallest file is read, from the hub; the other items are the same model in other sizes, so their
weights are scaled by the sizes that the hub lists.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from models.library.downloadable import Downloadable, Repository
from models.library.fit import Machine, Placement, planned
from models.library.header import Header, HeaderError, UnusableError
from models.library.hub.errors import HubError
from models.library.load_options import LoadOptions
from models.library.memory import Sizes, Weights, sizes

Read = Callable[[Downloadable], Header]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where an item would go. plan: None if no header could be read, or the model cannot write (`unusable`). sentence:
    the plan's, or why there is none.
    """

    item: Downloadable
    plan: Placement | None
    sentence: str
    unusable: bool = False


def forecasts(
    repository: Repository, machine: Machine, read: Read, options: LoadOptions | None = None
) -> Iterator[Forecast]:
    """One forecast for each item, in order. read: returns an item's header; called once. HubError and HeaderError of
    `read` become the forecasts' sentences.
    """
    if not repository.items:
        return
    example = min(repository.items, key=lambda item: (item.split == "shards", item.size))
    try:
        header = read(example)
        if header.obstacle:
            raise UnusableError(header.obstacle)
        known = sizes(header)
    except UnusableError as error:
        yield from (Forecast(item, None, str(error), unusable=True) for item in repository.items)
        return
    except (HubError, HeaderError) as error:
        yield from (Forecast(item, None, str(error)) for item in repository.items)
        return
    for item in repository.items:
        plan = planned(
            resized(known, item.size, lists_all=example.split != "shards"), machine, options or LoadOptions()
        )
        yield Forecast(item, plan, plan.sentence)


def resized(known: Sizes, size: int, lists_all: bool = True) -> Sizes:
    """The sizes of the same model in a file of `size` bytes. lists_all: whether the known header lists all tensors; a
    first shard's does not, and then all layers are assumed equal.
    """
    weights, layers = known.weights, len(known.weights.layers)
    if lists_all:
        scale = size / max(weights.total, 1)
        resized = Weights(
            layers=tuple(round(layer * scale) for layer in weights.layers),
            inputs=round(weights.inputs * scale),
            output=round(weights.output * scale),
            tied=round(weights.tied * scale),
        )
    else:
        rest = max(0, size - weights.inputs - weights.output)
        resized = replace(weights, layers=(rest // max(layers, 1),) * layers)
    return replace(known, weights=resized)
