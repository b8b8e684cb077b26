"""`inkfall doctor`: versions, CPU features, devices with free memory, libraries of the window, and a self-test."""

import argparse
import os
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import psutil

from desktop.terminal import flags, libraries, records
from desktop.terminal.hub import settled
from desktop.terminal.outcome import DONE, FAILED, INTERRUPTED, TerminalError
from desktop.terminal.running import Running, running
from desktop.terminal.tables import show_facts
from models.engine.messages import Ended, Sampled, TextPiece
from models.engine.probe import Probe, ProbeError, probe
from models.engine.sampling import NEUTRAL
from models.library.hub.errors import host_of
from models.library.hub.reach import proxy_in_words
from models.library.hub.token import in_words as token_in_words
from models.library.places import Places, places
from models.library.words import gigabytes

SUMMARY = "what this machine has, and a self-test"
PACKAGES = ("inkfall", "llama-cpp-python", "PySide6-Essentials", "numpy")
PROMPT = "Once upon a time"
TOKENS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object")
    flags.add_model(parser)


def run(options: argparse.Namespace) -> int:
    """Exit status: 0 where the self-test writes, else 1."""
    test = self_test(options)
    report = {**system(places()), **_probed(), "window": window(), "self_test": test}
    if options.json:
        sys.stdout.write(records.line(report))
    else:
        show_facts(in_words(report))
    return INTERRUPTED if test["interrupted"] else DONE if test["ok"] else FAILED


def system(where: Places) -> dict[str, Any]:
    """Versions, memory (bytes) and folders."""
    memory = psutil.virtual_memory()
    return {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "system": platform.platform(),
        "memory": {"total": memory.total, "available": memory.available},
        "places": {"models": str(where.models), "settings": str(where.config), "log": str(where.log)},
        "hub": hub_settings(os.environ),
    }


def hub_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """How the hub would be reached; contacts nothing, and tells no letter of the token."""
    to = settled(environment)
    return {
        "endpoint": host_of(to.endpoint),
        "token": bool(to.token),
        "proxy": proxy_in_words(to.proxy, environment),
        "offline": to.offline,
    }


def version(package: str) -> str | None:
    """The installed version, None where there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _probed() -> dict[str, Any]:
    try:
        return in_record(probe())
    except ProbeError as error:
        return {
            "llama": None,
            "cpu": {"features": [], "cores": None},
            "devices": [],
            "backends": [],
            "problem": str(error),
        }


def in_record(found: Probe) -> dict[str, Any]:
    """What llama.cpp said, sizes in bytes."""
    devices = [
        {
            "name": one.name,
            "backend": one.backend,
            "description": one.description,
            "graphics": one.graphics,
            "free": one.free,
            "total": one.total,
        }
        for one in found.devices
    ]
    cpu = {"features": list(found.features), "cores": found.cores}
    backends = [
        {"family": one.family, "used": one.works, "file": one.file, "words": one.words} for one in found.backends
    ]
    return {"llama": found.llama, "cpu": cpu, "devices": devices, "backends": backends, "problem": None}


def window() -> dict[str, Any]:
    """What a window lacks here: system libraries, the Debian packages that bring them, a font."""
    lacking = libraries.missing(libraries.for_display(os.environ))
    return {
        "missing": [library.file for library in lacking],
        "packages": list(libraries.packages(lacking)),
        "font": libraries.has_font(),
    }


def self_test(options: argparse.Namespace) -> dict[str, Any]:
    """Let the usual model write a few tokens."""
    result: dict[str, Any] = {"ok": False, "interrupted": False, "model": None, "device": None, "problem": None}
    result |= {"tokens": 0, "tokens_per_second": None, "text": ""}
    try:
        with running(places()) as engine:
            _write(engine, options, result)
            result["interrupted"] = engine.interrupted()
    except TerminalError as error:
        result["problem"] = str(error)
    return result


def _write(engine: Running, options: argparse.Namespace, result: dict[str, Any]) -> None:
    facts = engine.load(options.model, flags.load_options(options), places())
    result |= {"model": facts.name, "device": facts.device}
    job = engine.engine.generate([TextPiece(PROMPT)], NEUTRAL, TOKENS, seed=0, top=1)
    for event in engine.follow(job):
        if isinstance(event, Sampled):
            result["text"] += "".join(span.text for span in event.spans)
        elif isinstance(event, Ended):
            rate = records.number(records.speed(event))
            result |= {"ok": event.tokens > 0, "tokens": event.tokens, "tokens_per_second": rate}


def in_words(report: dict[str, Any]) -> list[tuple[str, str]]:
    """The report as lines for a person."""
    versions = ", ".join(f"{name} {number or 'missing'}" for name, number in report["versions"].items())
    lines = [
        ("versions", versions),
        ("system", report["system"]),
        ("memory", f"{gigabytes(report['memory']['available'])} free of {gigabytes(report['memory']['total'])}"),
        ("models in", report["places"]["models"]),
        ("hub", _hub_in_words(report["hub"])),
        ("llama.cpp", report["problem"] or f"{report['llama']}; CPU features: {' '.join(report['cpu']['features'])}"),
    ]
    lines += [("backend", backend["words"]) for backend in report["backends"]]
    for device in report["devices"]:
        free = f"{gigabytes(device['free'])} free of {gigabytes(device['total'])}"
        lines.append(("device", f"{device['name']}: {device['description']} ({device['backend']}), {free}"))
    return [*lines, ("window", _window_in_words(report["window"])), ("self-test", _test_in_words(report["self_test"]))]


def _hub_in_words(found: dict[str, Any]) -> str:
    token = token_in_words(found["token"])
    return f"{found['endpoint']}, {token}, proxy: {found['proxy']}{', offline' if found['offline'] else ''}"


def _window_in_words(found: dict[str, Any]) -> str:
    if found["missing"]:
        return f"libraries are missing; on Debian: apt-get install {' '.join(found['packages'])}"
    return (
        "all libraries are here" if found["font"] else "no font was found; on Debian: apt-get install fonts-dejavu-core"
    )


def _test_in_words(test: dict[str, Any]) -> str:
    if not test["ok"]:
        return f"FAILED: {test['problem'] or 'nothing was written'}"
    rate = test["tokens_per_second"]
    speed = f", {rate:.0f} tokens/s" if rate else ""
    return f"passed: {test['model']} on {test['device']} wrote {test['tokens']} tokens{speed}: {PROMPT}{test['text']!r}"
