"""Actions from outside the window: another model, a killed child, a failing disk, files of a second start."""

import os
import shutil
from pathlib import Path
from random import Random

from PySide6.QtCore import QUrl

from desktop.pagefile.values import SUFFIX
from tests.monkey import words
from tests.monkey.actions import Turns, action
from tests.monkey.checks import DAMAGED
from tests.monkey.hand import Hand, mime

FAULT = "INKFALL_FAULT"  # names the file that tells faults.c what fails
MODELS = (
    "scripted:?rate=30",
    "scripted:?rate=400",
    "scripted:?rate=5000",
    "scripted:?rate=400",
    "scripted:?rate=300&die_after=40",
    "scripted:?load_seconds=1",
    "scripted:?load_seconds=0.2&rate=300",
    "scripted:?fail=1",
    "scripted:?rate=400&chat=1",
    "scripted:?layers=4&die_above=2",
    "scripted:?nonsense=1",
)


def tiny_models(home: Path) -> list[str]:
    """The tiny models of random weights that this run has, if any."""
    return [str(path) for path in sorted((home / "user").glob("tiny*.gguf"))]


@action(5, anywhere=True)
def another_model(hand: Hand, chance: Random) -> Turns:
    """A second start opens a model: one that loads, one that dies or fails, or no model at all."""
    home = hand.access.home.data.parent
    path = chance.choice((*MODELS, *tiny_models(home), *tiny_models(home), str(home / "user" / "model.gguf")))
    hand.does(f"a second start brings {path}", lambda: hand.access.program.come_forward([Path(path)]))
    yield chance.choice((0, 0, 100, 400))


@action(5, anywhere=True)
def files_come(hand: Hand, chance: Random) -> Turns:
    """Files arrive from a second start, or are dropped on the window."""
    if is_failing():
        return
    paths = [Path(one) for one in chance.sample(made_files(hand, chance), chance.choice((1, 1, 2)))]
    names = ", ".join(path.name for path in paths)
    if chance.random() < 0.5:
        hand.does(f"a second start brings {names}", lambda: hand.access.program.come_forward(paths))
    elif hand.access.page_is_free:
        window = hand.access.window
        hand.drops(window, mime(urls=[str(path) for path in paths]), window.rect().center())
    yield chance.choice((0, 0, 50, 200))


def made_files(hand: Hand, chance: Random) -> list[str]:
    """Make texts, pages, damaged pages and folders, and names without a file."""
    user = hand.access.home.data.parent / "user"
    text = user / f"text {chance.randrange(20)}.txt"
    if not text.exists():
        word = hand.new_word()
        text.write_bytes((word + chance.choice(words.HOSTILE)).encode("utf-8", "surrogatepass"))
    bytes_ = user / "bytes.txt"
    bytes_.write_bytes(bytes(range(256)) * 4)
    damaged = user / f"{DAMAGED}{SUFFIX}"
    pages = hand.access.page_files(hand.access.home.data)
    if pages and not damaged.exists():
        shutil.copy(pages[0], damaged)
        with damaged.open("r+b") as file:
            file.seek(damaged.stat().st_size // 2)
            file.write(bytes(64))
    (user / f"empty{SUFFIX}").write_bytes(b"")
    nowhere = ["/nowhere/a.txt", str(user), "/", "https:nothing"]
    return [str(text), str(bytes_), str(damaged), str(user / f"empty{SUFFIX}"), *map(str, pages[:8]), *nowhere]


@action(1, anywhere=True)
def drop_an_address(hand: Hand, chance: Random) -> Turns:
    """Drop something that is no file."""
    data = mime("words")
    data.setUrls([QUrl("https://example.org/a.gguf"), QUrl("file://host/a"), QUrl("")])
    if hand.access.page_is_free:
        hand.drops(hand.access.window, data, hand.access.window.rect().center())
    yield 0


@action(2, anywhere=True)
def kill_a_child(hand: Hand, chance: Random) -> Turns:
    """Kill the engine's process, or another child of the program."""
    children = hand.access.children()
    if children:
        hand.does("kills a child", chance.choice(children).kill)
    yield chance.choice((0, 50, 300))


@action(3, anywhere=True)
def the_disk_fails(hand: Hand, chance: Random) -> Turns:
    """The disk fails during some of the following actions."""
    fault, hand.actions_with_fault = chance.choice(("full", "half", "sync", "write")), chance.randint(1, 15)
    hand.does(f"the disk fails: {fault}", lambda: Path(os.environ[FAULT]).write_text(fault))
    yield 0


def the_disk_is_well(hand: Hand) -> Turns:
    hand.does("the disk is well again", lambda: Path(os.environ[FAULT]).unlink(missing_ok=True))
    yield 2_300  # until what failed was tried again


def is_failing() -> bool:
    return Path(os.environ[FAULT]).exists()
