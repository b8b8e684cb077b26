"""The whole program ending in the middle: kill -9 of the process that downloads, and a disk that is really full."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from models.library.app_dirs import under
from models.library.download.fetch import fetch
from models.library.download.layout import final_path, is_complete
from models.library.download.progress import PausedError
from models.library.installed import installed
from tests.models.library.download.conftest import MEGABYTE, Shop

SIZE = 12 * MEGABYTE
CHILD = """
import sys
from pathlib import Path
from models.library.download.fetch import fetch
from models.library.hub.connection import Connection
from models.library.downloadable import Downloadable, RemoteFile
endpoint, folder, commit, name, size, sha256 = sys.argv[1:]
item = Downloadable("owner/name", commit, "", (RemoteFile(name, int(size), sha256),))
for value in fetch(item, Path(folder), Connection(endpoint=endpoint)):
    print(value.phase, value.done, flush=True)
"""


def test_ten_kills_never_cost_a_new_beginning(shop: Shop, tmp_path: Path, make_model: Callable[[int], bytes]) -> None:
    chance = random.Random(3)
    content = make_model(SIZE)
    item = shop.offer(content=content)
    shop.hub.speed = 10 * MEGABYTE
    part = final_path(item, shop.folder).with_name(f"{item.name}.part")
    file = item.files[0]
    command = [sys.executable, "-c", CHILD, shop.hub.endpoint, str(shop.folder), item.commit, file.name, str(file.size)]
    points = sorted(chance.sample(range(100_000, SIZE - 4 * MEGABYTE), 10))
    for point in points:
        child = subprocess.Popen([*command, file.sha256], stdout=subprocess.DEVNULL)
        while (part.stat().st_size if part.exists() else 0) < point and child.poll() is None:
            time.sleep(0.002)
        child.kill()
        assert child.wait() < 0
        have = part.stat().st_size
        assert point <= have < SIZE and not installed(under(tmp_path))
    shop.hub.speed = 0
    shop.values(item)
    starts = [int(span.removeprefix("bytes=").removesuffix("-") or 0) for span in shop.hub.ranges()]
    assert starts[0] == 0 and all(start >= point for start, point in zip(starts[1:], points, strict=True))
    assert final_path(item, shop.folder).read_bytes() == content and shop.left() == [item.name]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB, where this user may make one."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_fills_up_pauses_the_download_which_then_goes_on(small_disk: Path, shop: Shop) -> None:
    shop.folder = small_disk / "models"
    item = shop.offer()
    ballast = small_disk / "ballast"
    values = fetch(item, shop.folder, shop.connection(), shop.conditions)
    next(values)
    ballast.write_bytes(bytes(3 << 20))
    with pytest.raises(PausedError, match=r"disk is full: a-Q4_K_M.gguf needs \d.\d MB more and 0 bytes are free"):
        list(values)
    assert not installed(under(small_disk)) and final_path(item, shop.folder).with_name(f"{item.name}.part").exists()
    ballast.unlink()
    shop.conditions = type(shop.conditions)(spare=0)
    shop.values(item)
    assert is_complete(item, shop.folder) and shop.hub.ranges()[-1] != ""


def test_memory_does_not_grow_with_the_file(shop: Shop, make_model: Callable[[int], bytes]) -> None:
    shop.values(shop.offer())
    item = shop.offer(name="b.gguf", content=make_model(60 * MEGABYTE))
    process = psutil.Process()
    before = most = process.memory_info().rss
    for _ in fetch(item, shop.folder, shop.connection(), shop.conditions):
        most = max(most, process.memory_info().rss)
    assert most - before < 20 * MEGABYTE
