"""Checks that the contents of a file are possible: the tree is a tree, and numbers are numbers.

Damaged or forged contents are found before code that walks them could loop forever. Imports no SQLite.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from desktop.page.contents import Contents
from desktop.page.edit import Edit
from desktop.page.forks import Content, Fork
from desktop.page.token_table import are_whole
from desktop.pagefile.budget import Budget
from desktop.pagefile.encoding import BlobError
from resources.language import tr

LARGEST = 2**62  # far above any real number; one more still fits into a 64-bit column
_NUMBERS = ("root", "serial", "revision", "next id", "sources", "alternatives")
_PERHAPS = ("written", "touched", "growing")


def check_meta(meta: Mapping[str, object], budget: Budget) -> None:
    """Check the file's meta values. Raises BlobError where one is not a number in range."""
    numbers = [meta[name] for name in _NUMBERS]
    numbers += [value for name in _PERHAPS if (value := meta[name]) is not None]
    if not all(isinstance(number, int) and 0 <= number < LARGEST for number in numbers):
        raise BlobError(tr("a number is none"))
    if not isinstance(meta["writer"], str):
        raise BlobError(tr("a field is of another kind"))
    alternatives = meta["alternatives"]
    if isinstance(alternatives, int) and alternatives > budget.readings:
        raise BlobError(tr("more readings than there can be"))


def check_content(content: Content) -> None:
    """Check the run of tokens that reaches across the content's start. Raises BlobError."""
    if not are_whole(content.straddling, -(len(content.before) >> 1), len(content.chunks)):
        raise BlobError(tr("a reading stands beside its text"))


def check_tree(contents: Contents, every: Iterable[Content], every_fork: Iterable[Fork]) -> None:
    """Check that each chunk, fork and content has exactly one place, so that a walk from the page into its branches
    ends. every, every_fork: all contents and forks in the file, those of undone steps too. Raises BlobError."""
    every, every_fork = list(every), list(every_fork)
    forks = [fork for content in every for fork in content.forks]
    _once([chunk for content in every for chunk in content.chunks.parts])
    _once(forks)
    operations = [operation for step in (*contents.undo, *contents.redo) for operation in step.operations]
    edits = [operation for operation in operations if isinstance(operation, Edit)]
    passages = [edit.passage for edit in edits if edit.passage is not None]
    tails = [branch.tail for fork in every_fork for branch in fork.branches if branch.tail is not None]
    _once([contents.path, *passages, *tails])
    for content in every:
        _check_places(content)
    if any(passage.forks for passage in passages):
        raise BlobError(tr("a fork stands beside the page"))
    for fork in every_fork:
        _check_branches(fork)
    if any(fork.id >= contents.next_id for fork in every_fork):
        raise BlobError(tr("a fork has a number that is still to come"))


def _once(parts: Iterable[object]) -> None:
    seen: set[int] = set()
    for part in parts:
        if id(part) in seen:
            raise BlobError(tr("a part of the page stands in two places"))
        seen.add(id(part))


def _check_places(content: Content) -> None:
    places = [0, *(fork.position for fork in content.forks), len(content.chunks)]
    if any(after < before for before, after in pairwise(places)):
        raise BlobError(tr("a fork stands beside the page"))


def _check_branches(fork: Fork) -> None:
    """Check that the active branch, and no other, has no tail: its text is the page's."""
    if any((branch.tail is None) != (branch.id == fork.active) for branch in fork.branches):
        raise BlobError(tr("a branch has no text, or two"))
