"""The check of the processor, before a library that it might crash is loaded."""

import pytest

from models.llamacpp import processor


def test_this_processor_suffices() -> None:
    assert processor.lacking() == ""


def test_a_processor_that_lacks_something_is_one_sentence() -> None:
    words = processor.sentence(["SSE4.2", "POPCNT"])
    assert words.startswith("This processor lacks SSE4.2, POPCNT:") and words.endswith(".")


def test_features_are_those_that_numpy_sees_too() -> None:
    umath = pytest.importorskip("numpy._core._multiarray_umath")
    known = umath.__cpu_features__
    for name, numpys in (("AVX", "AVX"), ("FMA", "FMA3"), ("AVX2", "AVX2"), ("F16C", "F16C"), ("AVX-512", "AVX512F")):
        feature = next(one for one in processor.MORE if one.name == name)
        if numpys in known and processor.has(feature) is not None:
            assert processor.has(feature) == known[numpys], name


def test_another_kind_of_processor_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert processor.lacking() == "" and processor.features() == ()


def test_a_system_that_cannot_say_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert processor.has(processor.NEEDED[0]) is None and processor.lacking() == ""


def test_its_name_identifies_it() -> None:
    assert processor.name() and all(feature in processor.name() for feature in processor.features())
