"""Why a backend is not used: stored in English, shown in the language of the interface."""

import re

import pytest

from models.llamacpp import ggml
from models.llamacpp.backend_messages import ENGLISH, translated
from tests.resources.in_korean import run_in_korean

FIELDS = re.compile(r"\{\w+\}")
FILLED = {name: FIELDS.sub("x", template) for name, template in ENGLISH.items()}
SHOWN = "import sys; from models.llamacpp.backend_messages import translated; print(translated(sys.argv[1]))"


def test_in_english_all_stay_as_stored() -> None:
    for stored in (*FILLED.values(), "Vulkan0", "libcuda.so.1: wrong ELF class"):
        assert translated(stored) == stored


def test_each_has_a_korean_translation() -> None:
    imports = "import sys; from models.llamacpp.backend_messages import translated"
    program = f"{imports}\nfor message in sys.argv[1:]: print(translated(message))"
    output = run_in_korean(program, *FILLED.values()).splitlines()
    assert len(output) == len(FILLED)
    assert all(any("가" <= letter <= "힣" for letter in one) for one in output), output


def test_a_reason_within_a_reason_is_translated_too() -> None:
    stored = ENGLISH["last words"].format(why=ENGLISH["died"].format(code=-6), words="GGML_ASSERT(a) (b) failed")
    assert (
        run_in_korean(SHOWN, stored) == "시험하던 프로세스가 코드 -6로 종료됨 (마지막 출력: GGML_ASSERT(a) (b) failed)"
    )


@pytest.mark.parametrize("fault", [ggml.NO_MEMORY, ggml.NO_RESULT, ggml.WRONG_RESULT])
def test_a_fault_of_a_device_is_one_of_them(fault: str) -> None:
    output = run_in_korean(SHOWN, f"Vulkan0 {fault}")
    assert output.startswith("Vulkan0") and fault not in output
