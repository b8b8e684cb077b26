"""The load options, made from the settings."""

from dataclasses import asdict

from desktop.presenters.from_settings import load_options
from desktop.settings.fields import Settings


def test_load_options_are_those_of_the_settings() -> None:
    options = {"context": 512, "threads": 3, "gpu_layers": 7, "device": "cpu", "cache_type": "q8_0"}
    options["flash_attention"] = "on"
    assert asdict(load_options(Settings(**options))) == options
