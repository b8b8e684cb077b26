"""What llama.cpp's own benchmarks are built from. Nothing is built here."""

from importlib.metadata import distribution

import pytest

from tests.performance.llama_tools import PACKAGE, ROOT, build_defines, lock_entry


def test_the_source_is_that_of_the_installed_package() -> None:
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    lines = lock_entry(locked, distribution(PACKAGE).version).splitlines()
    assert lines[0].startswith(PACKAGE) and len(lines) > 1
    assert all("--hash=sha256:" in line for line in lines[1:])
    assert not lines[-1].endswith("\\")


def test_a_lock_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match=r"does not name llama-cpp-python 9\.9"):
        lock_entry("llama-cpp-python==9.8 \\\n    --hash=sha256:00\n", "9.9")


def test_the_options_are_those_of_the_installed_library() -> None:
    assert build_defines(distribution(PACKAGE))["LLAVA_BUILD"] == "OFF"
