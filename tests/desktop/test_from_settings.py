"""What the settings say of loading, to the engine and to the library alike."""

from dataclasses import asdict

from desktop.from_settings import choices_of, load_options
from desktop.settings.fields import Settings
from models.engine.requests import LoadOptions


def test_the_library_and_the_engine_are_told_the_same() -> None:
    said = {"context": 512, "threads": 3, "gpu_layers": 7, "device": "cpu", "cache_type": "q8_0"}
    settings = Settings(**said, flash_attention="on")
    assert asdict(choices_of(settings)) == {**said, "flash_attention": "on"}
    assert load_options(settings) == LoadOptions(**asdict(choices_of(settings)))
