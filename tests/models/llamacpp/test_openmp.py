"""llama.cpp's threads are used where they are certainly those of the passes' own OpenMP."""

import pytest

from models.llamacpp import openmp
from models.sampling import passes

MAPS = """\
7f0000000000-7f0000001000 r--p 00000000 08:01 1  /usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0
7f0000001000-7f0000002000 r-xp 00001000 08:01 1  /usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0
7f0000003000-7f0000004000 r--p 00000000 08:01 2  /opt/a folder/libllama.so
7f0000005000-7f0000006000 rw-p 00000000 00:00 0
7f0000005000-7f0000006000 rw-p 00000000 00:00 0  [heap]
"""


def test_a_library_is_counted_once() -> None:
    assert openmp.runtimes(MAPS.splitlines()) == {"/usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0"}


@pytest.mark.parametrize(
    "second", ["/opt/a folder/numpy.libs/libgomp-24e2ab19.so.1", "/usr/lib/libomp.so.5", "/x/libiomp5.so"]
)
def test_another_one_beside_it_is_seen(second: str) -> None:
    maps = [*MAPS.splitlines(), f"7f0000007000-7f0000008000 r--p 00000000 08:01 3  {second}"]
    assert len(openmp.runtimes(maps)) == 2


def test_a_build_here_shares_its_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    assert openmp.is_shared.__wrapped__()
    monkeypatch.setattr(openmp, "runtimes", lambda _maps: {"one", "other"})
    assert not openmp.is_shared.__wrapped__()
    monkeypatch.undo()
    monkeypatch.setattr(passes, "compiled", lambda: None)
    assert not openmp.is_shared.__wrapped__()
