"""What the settings say of loading, to the engine and to the library alike."""

from dataclasses import asdict

from desktop.presenters.from_settings import load_options
from desktop.settings.fields import Settings


def test_the_library_and_the_engine_are_told_what_the_settings_say() -> None:
    said = {"context": 512, "threads": 3, "gpu_layers": 7, "device": "cpu", "cache_type": "q8_0"}
    said["flash_attention"] = "on"
    assert asdict(load_options(Settings(**said))) == said
