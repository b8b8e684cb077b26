"""Where models run: devices, choices, the bar of memory that follows them."""

import pytest
from pytestqt.qtbot import QtBot

from desktop.library.hardware_tab import HardwareTab, Outlook
from desktop.qt.background import Background
from models.library.fit import Machine, MemoryPool, Placement
from models.library.load_options import LoadOptions
from models.library.memory import Need

MACHINE = Machine(
    MemoryPool("CPU", "CPU", 8 * 10**9, 16 * 10**9),
    (MemoryPool("Vulkan0", "Vulkan", 4 * 10**9, 6 * 10**9, description="A card"),),
)


def outlook(choices: LoadOptions) -> Outlook | None:
    """A cache of a kilobyte a token."""
    context = choices.context or 8_192
    device, host = Need(10**9, context * 1_000, 10**8, context), Need(10**8, 0, 10**8, context)
    return Outlook("some.gguf", Placement("gpu", 9, 9, context, device, host, "All of it fits."), MACHINE)


@pytest.fixture
def page(background: Background, qtbot: QtBot) -> HardwareTab:
    page = HardwareTab(background, lambda: MACHINE, outlook)
    qtbot.addWidget(page)
    return page


def test_the_devices_are_listed_and_can_be_chosen(page: HardwareTab, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.machine_seen) as seen:
        page.refresh()
    assert seen.args == [MACHINE]
    qtbot.waitUntil(lambda: len(page.table.rows.values) == 2)
    page.device.setCurrentIndex(page.device.findData("Vulkan0"))
    assert page.choices.device == "Vulkan0"
    qtbot.waitUntil(lambda: bool(page.said.text()))


def test_the_bar_follows_the_context(page: HardwareTab, qtbot: QtBot) -> None:
    page.context.setValue(4_096)
    qtbot.waitUntil(lambda: "cache 4.1 MB" in page.bar.told_value())
    page.context.setValue(131_072)
    qtbot.waitUntil(lambda: "cache 131 MB" in page.bar.told_value())
    assert page.bar.told_value().startswith("GPU: 1.2 GB of 4.0 GB free")
    page.resize(500, 600)
    assert not page.grab().isNull()


def test_choices_come_back_as_they_were_put(page: HardwareTab, qtbot: QtBot) -> None:
    choices = LoadOptions(4_096, 3, 12, "CUDA0,CUDA1", "q8_0", "on")
    page.put(choices)
    assert page.choices == choices
    page.show_where("CPU, 2 threads")
    assert page.again.text() == "Apply and reload"
    with qtbot.waitSignal(page.choices_made) as wish:
        page.again.click()
    assert wish.args == [choices]
    qtbot.waitUntil(lambda: bool(page.said.text()))


def test_without_a_model_the_choices_are_kept_for_the_next(page: HardwareTab, qtbot: QtBot) -> None:
    page.show_where("")
    qtbot.waitUntil(lambda: bool(page.said.text()))
    assert page.again.text() == "Apply"
    page.layers.setValue(0)
    with qtbot.waitSignal(page.choices_made) as wish:
        page.again.click()
    assert wish.args == [LoadOptions(gpu_layers=0)]
    assert page.said.text() == "Takes effect when a model is loaded."


def test_what_is_half_chosen_stays_and_what_it_cannot_show_too(page: HardwareTab) -> None:
    page.put(LoadOptions(context=2**25, device="CUDA9"))
    page.layers.setValue(7)
    page.put(LoadOptions(context=2**25, device="CUDA9", flash_attention="off"))
    assert page.choices == LoadOptions(2**25, gpu_layers=7, device="CUDA9", flash_attention="off")
    page.put(LoadOptions(context=512, device="CUDA9", gpu_layers=3))
    assert page.choices == LoadOptions(512, gpu_layers=3, device="CUDA9")
