"""A graphics device for the tests: the machine's own, or Vulkan in software, which llama.cpp uses only if it is
named. These tests need no Qt, so tests/conftest.py is none of theirs (pytest.ini).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.engine.engine import Engine
from models.launch import launcher
from models.launch.device_probe import SeenDevice, probe
from resources.language import CHOICE, SOURCE
from tests.isolation import nothing_left_behind as nothing_left_behind
from tests.isolation import own_home as own_home
from tests.models.library import shapes

# Many layers with a small cache each: no tensor may be larger than 128 MB where Vulkan runs in software.
FEW = shapes.Shape("llama", key_heads=2, context=1 << 20)  # and few layers with a large one each
SHAPE = shapes.Shape("llama", layers=24, key_heads=2, inner=768, context=1 << 19)


@pytest.fixture(scope="session", autouse=True)
def software_device() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CHOICE, SOURCE)  # whatever the system speaks
        if not any(Path("/dev/dri").glob("renderD*")):
            patch.setenv("GGML_VK_VISIBLE_DEVICES", "0")
        yield


@pytest.fixture(scope="session")
def device(software_device: None) -> SeenDevice:
    """The first graphics device. There must be one: these tests run nowhere else."""
    return next(one for one in probe().devices if one.graphics)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = shapes.make(tmp_path_factory.mktemp("gpu") / "llama.gguf", SHAPE)
    yield path
    path.unlink()


@pytest.fixture(scope="session")
def model_of_few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = shapes.make(tmp_path_factory.mktemp("gpu") / "few.gguf", FEW)
    yield path
    path.unlink()


@pytest.fixture
def engine(tmp_path: Path, device: SeenDevice) -> Iterator[Engine]:
    made = launcher.engine(tmp_path / "engine.log", tmp_path / "notes.json")
    yield made
    made.close()
