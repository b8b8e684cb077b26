"""`inkfall doctor`: prints versions, CPU features, devices, the window's libraries, and the result of a self-test."""

import argparse
import os
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from desktop.terminal import flags, libraries, records
from desktop.terminal.exit_status import DONE, FAILED, INTERRUPTED, TerminalError
from desktop.terminal.hub import connection_for
from desktop.terminal.running import Running, running
from desktop.terminal.tables import show_facts
from models.engine.events import Ended, Sampled
from models.engine.prefix import TextPiece
from models.launch.device_probe import Probe, ProbeError, probe
from models.library import machine
from models.library.app_dirs import AppDirs, app_dirs
from models.library.cgroups import cpu_quota
from models.library.hub.connection_settings import NO_PROXY, proxy_in_words
from models.library.hub.errors import host_of
from models.library.hub.token import in_words as token_in_words
from models.library.hub.variables import own
from models.library.words import size
from models.llamacpp.ggml_backends import status_words
from models.sampling.knobs import NEUTRAL
from resources.language import tr

SUMMARY = tr("what this machine has, and a self-test")
PACKAGES = ("inkfall", "llama-cpp-python", "PySide6-Essentials", "numpy")
PROMPT = "Once upon a time"
TOKENS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=tr("one JSON object"))
    flags.add_model(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command; return the exit status: 0 if the self-test writes tokens, else 1."""
    test = self_test(options)
    report = {**system(app_dirs()), **_probed(), "window": window(), "self_test": test}
    if options.json:
        sys.stdout.write(records.line(report))
    else:
        show_facts(in_words(report))
    return INTERRUPTED if test["interrupted"] else DONE if test["ok"] else FAILED


def system(where: AppDirs) -> dict[str, Any]:
    """Versions, memory in bytes, and folders."""
    memory = machine.memory()
    return {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "system": platform.platform(),
        "memory": {"total": memory.total, "available": memory.available, "installed": memory.installed},
        "places": {"models": str(where.models), "settings": str(where.config), "log": str(where.log)},
        "hub": hub_settings(own()),
    }


def hub_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """How the hub would be reached. Contacts nothing, and does not contain the token."""
    to = connection_for(environment)
    return {
        "endpoint": host_of(to.endpoint),
        "token": bool(to.token),
        "proxy": proxy_in_words(to.proxy, environment),
        "offline": to.offline,
    }


def version(package: str) -> str | None:
    """The installed version of a package; None if it is not installed."""
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
            "cpu": {"features": [], "cores": machine.physical_cores(), "quota": cpu_quota()},
            "devices": [],
            "backends": [],
            "problem": str(error),
        }


def in_record(found: Probe) -> dict[str, Any]:
    """The answer of llama.cpp as a record: sizes in bytes, the quota in CPUs (None: no quota)."""
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
    cpu = {"features": list(found.features), "cores": found.cores, "quota": cpu_quota()}
    backends = [
        {"family": one.family, "used": one.works, "file": one.file, "words": status_words(one)}
        for one in found.backends
    ]
    return {"llama": found.llama, "cpu": cpu, "devices": devices, "backends": backends, "problem": None}


def window() -> dict[str, Any]:
    """The missing needs of the window: system libraries, the Debian packages that hold them, a font."""
    lacking = libraries.missing(libraries.for_display(os.environ))
    return {
        "missing": [library.file for library in lacking],
        "packages": list(libraries.packages(lacking)),
        "font": libraries.has_font(),
    }


def self_test(options: argparse.Namespace) -> dict[str, Any]:
    """Have the model write a few tokens; return the result as a record."""
    result: dict[str, Any] = {"ok": False, "interrupted": False, "model": None, "device": None, "problem": None}
    result |= {"tokens": 0, "tokens_per_second": None, "text": ""}
    try:
        with running(app_dirs()) as engine:
            _write(engine, options, result)
            result["interrupted"] = engine.interrupted()
    except TerminalError as error:
        result["problem"] = str(error)
    return result


def _write(engine: Running, options: argparse.Namespace, result: dict[str, Any]) -> None:
    facts = engine.load(options.model, flags.load_options(options), app_dirs())
    result |= {"model": facts.name, "device": facts.device}
    job = engine.engine.generate([TextPiece(PROMPT)], NEUTRAL, TOKENS, seed=0, top=1)
    for event in engine.follow(job):
        if isinstance(event, Sampled):
            result["text"] += "".join(span.text for span in event.spans)
        elif isinstance(event, Ended):
            rate = records.number(records.speed(event))
            result |= {"ok": event.tokens > 0, "tokens": event.tokens, "tokens_per_second": rate}


def in_words(report: dict[str, Any]) -> list[tuple[str, str]]:
    """The report as pairs of name and text."""
    missing = tr("missing")
    versions = ", ".join(f"{name} {number or missing}" for name, number in report["versions"].items())
    lines = [
        (tr("versions"), versions),
        (tr("system"), report["system"]),
        (tr("cores"), _cores_in_words(report["cpu"])),
        (tr("memory"), _memory_in_words(report["memory"])),
        (tr("models in"), report["places"]["models"]),
        (tr("hub"), _hub_in_words(report["hub"])),
        ("llama.cpp", report["problem"] or _llama_in_words(report)),
    ]
    lines += [(tr("backend"), backend["words"]) for backend in report["backends"]]
    for device in report["devices"]:
        words = tr("{name}: {description} ({backend}), {free}").format(
            name=device["name"],
            description=device["description"],
            backend=device["backend"],
            free=_free(device["free"], device["total"]),
        )
        lines.append((tr("device"), words))
    return [
        *lines,
        (tr("window"), _window_in_words(report["window"])),
        (tr("self-test"), _test_in_words(report["self_test"])),
    ]


def _free(free: int, total: int) -> str:
    return tr("{free} free of {total}").format(free=size(free), total=size(total))


def _cores_in_words(found: dict[str, Any]) -> str:
    if found["quota"] is None:
        return str(found["cores"])
    return tr("{cores} (CPU quota: {quota:g})").format(**found)


def _memory_in_words(found: dict[str, int]) -> str:
    words = _free(found["available"], found["total"])
    if found["total"] == found["installed"]:
        return words
    return tr("{free} (limited; the computer has {all})").format(free=words, all=size(found["installed"]))


def _llama_in_words(report: dict[str, Any]) -> str:
    features = " ".join(report["cpu"]["features"])
    return tr("{version}; CPU features: {features}").format(version=report["llama"], features=features)


def _hub_in_words(found: dict[str, Any]) -> str:
    if found["offline"]:
        words = tr("{host}, {token}, proxy: {proxy}, offline")
    else:
        words = tr("{host}, {token}, proxy: {proxy}")
    proxy = _proxy_in_words(found["proxy"])
    return words.format(host=found["endpoint"], token=token_in_words(found["token"]), proxy=proxy)


def _proxy_in_words(found: str) -> str:
    if found == NO_PROXY:
        return tr("none", "proxy")
    host, _, variable = found.rstrip(")").partition(" (by ")
    return tr("{host} (by {variable})").format(host=host, variable=variable) if variable else host


def _window_in_words(found: dict[str, Any]) -> str:
    if found["missing"]:
        packages = " ".join(found["packages"])
        return tr("libraries are missing; on Debian: apt-get install {packages}").format(packages=packages)
    if found["font"]:
        return tr("all libraries are here")
    return tr("no font was found; on Debian: apt-get install fonts-dejavu-core")


def _test_in_words(test: dict[str, Any]) -> str:
    if not test["ok"]:
        return tr("FAILED: {problem}").format(problem=test["problem"] or tr("nothing was written"))
    if test["tokens_per_second"]:
        words = tr("passed: {model} on {device} wrote {count} tokens, {rate:.0f} tokens/s: {text}")
    else:
        words = tr("passed: {model} on {device} wrote {count} tokens: {text}")
    return words.format(
        model=test["model"],
        device=test["device"],
        count=test["tokens"],
        rate=test["tokens_per_second"],
        text=f"{PROMPT}{test['text']!r}",
    )
