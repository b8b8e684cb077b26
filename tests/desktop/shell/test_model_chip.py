"""The model's chip shows name and device, whatever characters the name has."""

from dataclasses import replace

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.generation.state import details, where
from desktop.shell.model_chip import ModelChip
from tests.desktop.conftest import FACTS


def test_name_device_and_why(qtbot: QtBot) -> None:
    chip = ModelChip()
    qtbot.addWidget(chip)
    assert chip.text() == "No model"
    chip.show_model("Gemma", "details", "CPU, 2 threads", "It runs on the CPU because no layer fits.")
    assert chip.text() == "Gemma · CPU, 2 threads"
    assert chip.toolTip().splitlines() == ["Gemma", "details", "It runs on the CPU because no layer fits."]
    assert chip.accessibleName() == "Model: Gemma, CPU, 2 threads"
    assert "no layer fits" in chip.accessibleDescription()
    chip.set_narrow(True)
    assert chip.text() == "Gemma"
    chip.set_narrow(False)
    assert chip.text() == "Gemma · CPU, 2 threads"


def test_its_tooltip_says_why_fewer_layers_run_on_the_device(qtbot: QtBot) -> None:
    why = "25 of 25 layers did not run on CUDA0: it has not enough memory."
    facts = replace(FACTS, offloaded=12, device="CUDA0: 12 of 25 layers", why=why)
    chip = ModelChip()
    qtbot.addWidget(chip)
    chip.show_model(facts.name, details(facts), facts.device, where(facts))
    assert chip.device == facts.device
    assert why in chip.toolTip()


def test_a_long_name_is_elided_and_has_no_mnemonic(qtbot: QtBot) -> None:
    chip = ModelChip()
    qtbot.addWidget(chip)
    chip.show_model("a-very-long-name-of-a-model-" * 8, "", "CPU")
    wide = chip.sizeHint().width()
    assert wide < 600 and "…" in chip.text()
    chip.set_narrow(True)
    assert chip.sizeHint().width() < wide / 2
    chip.show_model("R&D\nmodel", "", "")
    assert "\n" not in chip.text() and chip.text().startswith("R&&D")
    QApplication.processEvents()


def test_two_models_have_room_for_both_names(qtbot: QtBot) -> None:
    chip = ModelChip()
    qtbot.addWidget(chip)
    chip.show_model("Gemma", "details", "CPU, 2 threads", "No layer fits.")
    chip.show_second("Qwen & more", "other details")
    assert chip.text() == "Gemma ⇄ Qwen && more"
    assert chip.accessibleName() == "Model: Gemma, CPU, 2 threads; second model: Qwen & more"
    assert chip.toolTip().splitlines() == ["Gemma", "details", "No layer fits.", "Qwen & more", "other details"]
    chip.show_model("a-very-long-name-of-a-model-" * 8, "", "CPU")
    chip.show_second("b-very-long-name-of-a-model-" * 8)
    wide = chip.sizeHint().width()
    assert wide < 600 and chip.text().count("…") == 2
    chip.set_narrow(True)
    assert chip.sizeHint().width() < wide
    chip.show_second("")
    assert "⇄" not in chip.text() and "second" not in chip.accessibleName()
