"""What each item of a repository would be on this machine, before it is downloaded.

One real header is read from afar, the smallest file's; the others of the repository are the same model in other sizes,
so their weights are scaled by what the hub says of their size. Pure but for the reader that it is given.
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
    """plan: None where no header could be had, or it says that no text can be written with it (`unusable`). sentence:
    the verdict, or why there is none.
    """

    item: Downloadable
    plan: Placement | None
    sentence: str
    unusable: bool = False


def forecasts(
    repository: Repository, machine: Machine, read: Read, options: LoadOptions | None = None
) -> Iterator[Forecast]:
    """One for each item, in their order. read: the header of an item, as far_header reads it; it is called once. Raises
    UnusableError where that is no model that can write, and whatever read raises.
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
        plan = planned(resized(known, item.size, whole=example.split != "shards"), machine, options or LoadOptions())
        yield Forecast(item, plan, plan.sentence)


def resized(known: Sizes, size: int, whole: bool = True) -> Sizes:
    """The same model in a file of so many bytes. whole: whether the header that is known lists all of the tensors: a
    first shard's does not, and then the layers are taken to be alike.
    """
    weights, layers = known.weights, len(known.weights.layers)
    if whole:
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
