"""Short distinct names for files in several folders: as much of each path as makes it distinct."""

from collections import Counter
from collections.abc import Sequence


def labels(paths: Sequence[str]) -> list[str]:
    """A name for each path (with slashes): the fewest of its last parts that no other path has. Equal paths have equal
    names.
    """
    parts = [tuple(path.split("/")) for path in paths]
    depth = [1] * len(paths)
    while True:
        names = [found[-count:] for found, count in zip(parts, depth, strict=True)]
        taken = Counter(set(zip(names, parts, strict=True)))
        shared = Counter(name for name, _ in taken)
        more = [index for index, name in enumerate(names) if shared[name] > 1 and depth[index] < len(parts[index])]
        if not more:
            return ["/".join(name) for name in names]
        for index in more:
            depth[index] += 1
