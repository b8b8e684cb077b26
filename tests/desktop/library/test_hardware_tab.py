"""The hardware tab: devices, load options, and the memory bar that follows them."""

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
def tab(background: Background, qtbot: QtBot) -> HardwareTab:
    tab = HardwareTab(background, lambda: MACHINE, outlook)
    qtbot.addWidget(tab)
    return tab


def test_the_devices_are_listed_and_can_be_chosen(tab: HardwareTab, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tab.machine_seen) as seen:
        tab.refresh()
    assert seen.args == [MACHINE]
    qtbot.waitUntil(lambda: len(tab.table.rows.values) == 2)
    tab.device.setCurrentIndex(tab.device.findData("Vulkan0"))
    assert tab.load_options.device == "Vulkan0"
    qtbot.waitUntil(lambda: bool(tab.message_label.text()))


def test_the_bar_follows_the_context(tab: HardwareTab, qtbot: QtBot) -> None:
    tab.context.setValue(4_096)
    qtbot.waitUntil(lambda: "cache 4.1 MB" in tab.bar.accessible_value())
    tab.context.setValue(131_072)
    qtbot.waitUntil(lambda: "cache 131 MB" in tab.bar.accessible_value())
    assert tab.bar.accessible_value().startswith("GPU: 1.2 GB of 4.0 GB free")
    tab.resize(500, 600)
    assert not tab.grab().isNull()


def test_load_options_come_back_as_they_were_put(tab: HardwareTab, qtbot: QtBot) -> None:
    choices = LoadOptions(4_096, 3, 12, "CUDA0,CUDA1", "q8_0", "on")
    tab.put(choices)
    assert tab.load_options == choices
    tab.show_where("CPU, 2 threads")
    assert tab.again.text() == "Apply and reload"
    with qtbot.waitSignal(tab.load_options_chosen) as wish:
        tab.again.click()
    assert wish.args == [choices]
    qtbot.waitUntil(lambda: bool(tab.message_label.text()))


def test_without_a_model_the_options_apply_to_the_next_load(tab: HardwareTab, qtbot: QtBot) -> None:
    tab.show_where("")
    qtbot.waitUntil(lambda: bool(tab.message_label.text()))
    assert tab.again.text() == "Apply"
    tab.layers.setValue(0)
    with qtbot.waitSignal(tab.load_options_chosen) as wish:
        tab.again.click()
    assert wish.args == [LoadOptions(gpu_layers=0)]
    assert tab.message_label.text() == "Takes effect when a model is loaded."


def test_unapplied_changes_stay_and_so_do_values_it_cannot_show(tab: HardwareTab) -> None:
    tab.put(LoadOptions(context=2**25, device="CUDA9"))
    tab.layers.setValue(7)
    tab.put(LoadOptions(context=2**25, device="CUDA9", flash_attention="off"))
    assert tab.load_options == LoadOptions(2**25, gpu_layers=7, device="CUDA9", flash_attention="off")
    tab.put(LoadOptions(context=512, device="CUDA9", gpu_layers=3))
    assert tab.load_options == LoadOptions(512, gpu_layers=3, device="CUDA9")
