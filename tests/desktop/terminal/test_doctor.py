"""`inkfall doctor`: the report, and the process that asks llama.cpp."""

import json
import os
from collections.abc import Callable
from typing import Any

from desktop.terminal import doctor
from desktop.terminal.tables import columns
from models.launch import device_probe
from models.library.app_dirs import app_dirs

Inkfall = Callable[..., Any]


def test_the_report_as_json(inkfall: Inkfall) -> None:
    answer = inkfall("doctor", "--json", "--model", "scripted:")
    assert answer.status == 0, answer.errors
    (report,) = answer.records
    assert set(report) == {
        *("versions", "system", "memory", "places", "hub"),
        *("llama", "cpu", "devices", "backends", "problem"),
        *("window", "self_test"),
    }
    assert report["versions"]["llama-cpp-python"] and report["versions"]["python"]
    assert report["llama"] and report["problem"] is None and report["cpu"]["cores"] >= 1
    assert any(device["name"] == "CPU" and 0 < device["free"] <= device["total"] for device in report["devices"])
    assert report["self_test"]["ok"] and report["self_test"]["tokens"] == 8 and report["self_test"]["text"]
    assert isinstance(report["window"]["missing"], list)


def test_the_report_for_people(inkfall: Inkfall) -> None:
    answer = inkfall("doctor", "--model", "scripted:")
    assert answer.status == 0
    for name in ("versions", "memory", "hub", "llama.cpp", "device", "window", "self-test"):
        assert f"\n{name}" in f"\n{answer.text}"
    assert "passed" in answer.text


def test_limits_of_a_container_are_reported() -> None:
    report: dict[str, Any] = {**doctor.system(app_dirs()), "window": doctor.window()}
    report |= {"llama": "1", "problem": None, "devices": [], "backends": [], "self_test": {"ok": False, "problem": "x"}}
    report["memory"] = {"total": 2_000_000_000, "available": 1_500_000_000, "installed": 64_000_000_000}
    report["cpu"] = {"features": [], "cores": 1, "quota": 1.5}
    report_lines = dict(doctor.in_words(report))
    assert report_lines["memory"] == "1.5 GB free of 2.0 GB (limited; the computer has 64.0 GB)"
    assert report_lines["cores"] == "1 (CPU quota: 1.5)"


def test_a_failed_self_test_is_reported(inkfall: Inkfall) -> None:
    answer = inkfall("doctor", "--json", "--model", "scripted:?fail=1")
    assert answer.status == 1
    test = json.loads(answer.text)["self_test"]
    assert test["ok"] is False and test["problem"].endswith(".")


def test_the_hub_is_reported_without_secrets_or_contact() -> None:
    given = {"HF_ENDPOINT": "https://me:pass@hub.example", "HF_TOKEN": "hf_x", "HTTPS_PROXY": "http://me:pass@proxy:1"}
    found = doctor.hub_settings({**given, "INKFALL_HOME": os.environ["INKFALL_HOME"]})
    assert found == {"endpoint": "hub.example", "token": True, "proxy": "proxy:1 (by HTTPS_PROXY)", "offline": False}


def test_features_are_those_that_are_on() -> None:
    info = "CPU : SSE3 = 1 | AVX512 = 0 | AVX2 = 1 | OPENMP = 1 | "
    assert device_probe.features(info) == ("SSE3", "AVX2", "OPENMP")
    assert device_probe.features("") == ()


def test_the_probe_asks_in_a_process_of_its_own() -> None:
    found = device_probe.probe()
    assert found.llama and found.cores >= 1 and found.devices


def test_the_report_in_another_language(inkfall: Inkfall) -> None:
    answer = inkfall("doctor", "--model", "scripted:", INKFALL_LANGUAGE="ko")
    assert answer.status == 0, answer.errors
    for name in ("버전", "메모리", "허브", "llama.cpp", "장치", "창", "자체 점검"):
        assert f"\n{name}" in f"\n{answer.text}"
    assert "통과: " in answer.text
    values = {display_column(line) for line in answer.text.splitlines()}
    assert len(values) == 1  # a letter of Korean takes two columns


def display_column(line: str) -> int:
    """The column in which a line's value begins."""
    value = line.partition("  ")[2]
    return columns(line.removesuffix(value.lstrip()))


def test_a_script_reads_the_same_in_every_language(inkfall: Inkfall) -> None:
    first, second = (
        inkfall("doctor", "--json", "--model", "scripted:?fail=1", INKFALL_LANGUAGE=language).records[0]
        for language in ("en", "ko")
    )
    changing = {"memory", "devices"}  # what is free at the moment
    assert {key: first[key] for key in first.keys() - changing} == {
        key: second[key] for key in second.keys() - changing
    }
