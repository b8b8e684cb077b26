"""The decisions of the set-up script: which backend, which packages, when it is done. Nothing is installed here."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "bootstrap.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["bootstrap"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def machine(*things: str) -> dict[str, Callable[[str], bool]]:
    """A machine that has these programs, libraries and files, and nothing else."""
    return dict.fromkeys(("finds", "loads", "exists"), lambda name: name in things)


@pytest.mark.parametrize(
    ("things", "platform", "expected"),
    [
        ((), "linux", "off"),
        (("nvcc",), "linux", "off"),  # a compiler without a driver
        (("libcuda.so.1",), "linux", "off"),  # a driver without a compiler
        (("nvcc", "libcuda.so.1"), "linux", "cuda"),
        (("usr/local/cuda/bin/nvcc", "libcuda.so.1"), "linux", "cuda"),
        (("glslc", "usr/include/vulkan/vulkan.h"), "linux", "off"),
        (("glslc", "usr/include/vulkan/vulkan.h", "dev/dri/renderD*"), "linux", "vulkan"),
        (("nvcc", "nvcuda.dll"), "win32", "cuda"),
        ((), "darwin", "metal"),
    ],
)
def test_the_backend_is_one_the_machine_can_build_and_run(
    bootstrap: ModuleType, things: tuple[str, ...], platform: str, expected: str
) -> None:
    assert bootstrap.detect_gpu(platform, **machine(*things)) == expected


def test_the_plain_build_has_one_setting_only(bootstrap: ModuleType) -> None:
    assert bootstrap.build_settings("off", "darwin") == [
        "--config-settings-package",
        "llama-cpp-python:cmake.define.LLAVA_BUILD=OFF",
    ]
    assert "llama-cpp-python:cmake.define.GGML_CUDA=ON" in bootstrap.build_settings("cuda")
    assert "llama-cpp-python:cmake.define.GGML_VULKAN=ON" in bootstrap.build_settings("vulkan")
    assert str(ROOT / "resources" / "build") in bootstrap.build_environment("vulkan")["CPLUS_INCLUDE_PATH"]


@pytest.mark.parametrize("gpu", ["off", "cuda", "vulkan", "portable"])
def test_no_build_of_gcc_has_code_for_amx_tiles(bootstrap: ModuleType, gpu: str) -> None:
    """GCC 12 miscompiles it: on a processor with AMX the engine died at its first matrix."""
    settings = bootstrap.build_settings(gpu, "linux")
    for language in ("C", "CXX"):
        flags = [each for each in settings if f"define.CMAKE_{language}_FLAGS=" in each]
        assert len(flags) == 1
        assert flags[0].endswith("-U__AMX_INT8__")


def test_another_way_to_compile_is_another_environment(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bootstrap.lock_hash()
    monkeypatch.setattr(bootstrap, "NO_TILES", "")
    assert bootstrap.lock_hash() != before


def test_keep_reuses_the_former_choice(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "detect_gpu", lambda: "off")
    old = bootstrap.Stamp("/", "hash", "vulkan", "vulkan")
    assert bootstrap.resolve("keep", old) == "vulkan"
    assert bootstrap.resolve("keep", None) == "auto:off"
    assert bootstrap.resolve("auto", old) == "auto:off"
    assert bootstrap.resolve("cuda", old) == "cuda"
    assert bootstrap.resolve("keep", bootstrap.Stamp("/", "hash", "auto:cuda", "off")) == "auto:off"


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_display(bootstrap: ModuleType, environment: dict[str, str], platform: str, expected: bool) -> None:
    assert bootstrap.has_display(environment, platform) is expected


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no users of this kind here")
def test_who_is_not_root_gets_the_exact_command(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert bootstrap.install_packages([]) is True
    assert bootstrap.install_packages(["libegl1", "xvfb"]) is False
    output = capsys.readouterr().out
    assert "sudo apt-get install -y --no-install-recommends libegl1 xvfb\n" in output


def test_a_stamp_that_cannot_be_read_counts_as_none(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp.json")
    assert bootstrap.read_stamp() is None
    for content in ("", "[]", "{}", '{"root": "x", "surprise": 1}', "\x00"):
        (tmp_path / "stamp.json").write_text(content)
        assert bootstrap.read_stamp() is None
    stamp = bootstrap.Stamp("/ünï cødé", "hash", "auto:off", "off")
    bootstrap.write_stamp(stamp)
    assert bootstrap.read_stamp() == stamp


def test_a_guess_that_does_not_build_falls_back_to_the_cpu(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def install(_uv: Path, gpu: str) -> None:
        if gpu != "off":
            raise bootstrap.SetupError("no")

    monkeypatch.setattr(bootstrap, "install_requirements", install)
    monkeypatch.setattr(bootstrap, "remove_other_build", lambda _uv, _gpu: None)
    guessed = bootstrap.Stamp("/", "hash", "auto:cuda", "cuda")
    assert bootstrap._install_or_fall_back(Path("uv"), guessed) == "off"
    assert "building it for the CPU instead" in capsys.readouterr().out
    with pytest.raises(bootstrap.SetupError):
        bootstrap._install_or_fall_back(Path("uv"), bootstrap.Stamp("/", "hash", "cuda", "cuda"))


@pytest.mark.parametrize("name", ["tools.lock", "build.lock", "requirements.lock"])
def test_locks_have_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text and "index-url" not in text and "find-links" not in text
    pins = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]
    assert pins
    assert text.count("--hash=sha256:") >= len(pins)


def test_the_vulkan_build_names_the_packages_that_it_lacks(bootstrap: ModuleType) -> None:
    here = {"usr/bin/glslc", "usr/share/vulkan/icd.d/*.json"}
    assert bootstrap.missing_vulkan_packages("linux", here.__contains__) == ["libvulkan-dev", "spirv-headers"]
    assert bootstrap.missing_vulkan_packages("darwin", set[str]().__contains__) == []


@pytest.mark.parametrize(
    ("found", "built"), [("off", "vulkan"), ("vulkan", "vulkan"), ("cuda", "cuda"), ("metal", "metal")]
)
def test_tests_on_a_device_are_built_for_the_machines_own_else_in_software(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, found: str, built: str
) -> None:
    asked: list[tuple[str, bool]] = []
    monkeypatch.setattr(bootstrap, "detect_gpu", lambda: found)
    monkeypatch.setattr(bootstrap, "missing_vulkan_packages", list[str])
    monkeypatch.setattr(bootstrap, "setup", lambda choice, for_tests: asked.append((choice, for_tests)))
    bootstrap.setup_gpu()
    assert asked == [(built, True)]


def test_shipped_builds_cover_every_processor_and_graphics_device(bootstrap: ModuleType) -> None:
    settings = bootstrap.build_settings("portable", "linux")
    for define in ("GGML_NATIVE=OFF", "GGML_BACKEND_DL=ON", "GGML_CPU_ALL_VARIANTS=ON", "GGML_VULKAN=ON"):
        assert f"llama-cpp-python:cmake.define.{define}" in settings
    assert not any("GGML_PORTABLE" in setting for setting in settings)
    assert str(ROOT / "resources" / "build") in bootstrap.build_environment("portable")["CPLUS_INCLUDE_PATH"]


def test_the_packers_that_are_missing_are_named(bootstrap: ModuleType) -> None:
    assert bootstrap.missing_tools("linux", lambda name: name != "xz") == ["xz-utils"]
    assert bootstrap.missing_tools("win32", lambda _name: False) == []


@pytest.mark.parametrize(
    ("platform", "there", "absent"),
    [
        ("win32", {"GGML_VULKAN=ON", "GGML_OPENMP=OFF"}, {"GGML_METAL=ON"}),
        ("darwin", {"GGML_METAL=ON", "GGML_METAL_EMBED_LIBRARY=ON"}, {"GGML_VULKAN=ON"}),
    ],
)
def test_shipped_builds_elsewhere_have_that_systems_graphics(
    bootstrap: ModuleType, platform: str, there: set[str], absent: set[str]
) -> None:
    defines = {setting.rpartition("define.")[2] for setting in bootstrap.build_settings("portable", platform)}
    assert there | set(bootstrap.LOADABLE) <= defines
    assert not defines & absent
    assert not any("-include" in define for define in defines)  # GCC's spelling, and a header of old Debian's


def test_windows_needs_the_vulkan_sdk_for_shipped_builds(bootstrap: ModuleType) -> None:
    assert "VULKAN_SDK" in bootstrap.missing_sdk("win32", {})
    assert bootstrap.missing_sdk("win32", {"VULKAN_SDK": "C:/VulkanSDK/1"}) == ""
    assert bootstrap.missing_sdk("linux", {}) == ""


def test_the_fonts_of_the_tests_are_named(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(
        bootstrap.libraries, "found_font", lambda name, *_: None if name.startswith("NotoSerif") else name
    )
    wanted = bootstrap.missing_packages(for_tests=True, compiler=False)
    assert "fonts-noto-core" in wanted
    assert "fonts-dejavu-core" not in wanted
    assert "fonts-noto-core" not in bootstrap.missing_packages(for_tests=False, compiler=False)


def test_the_sample_is_the_starters(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample uses the starter, whichever model was used last, and a sentence before it says so."""
    started: list[list[str]] = []

    def run(command: list[str], **_how: Any) -> subprocess.CompletedProcess[bytes]:
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    assert bootstrap.complete_sample(["inkfall"]) == 0
    (command,) = started
    assert command[:4] == ["inkfall", "complete", "--model", "starter"]
