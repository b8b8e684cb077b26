"""The tab of devices and load options: where models run, how they are loaded, and a bar of the memory that takes.

The bar is computed off the GUI thread, by a function passed in. The options take effect through a signal.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop.library import words
from desktop.library.table import Column, Table
from desktop.qt.background import Background
from desktop.qt.form import Form
from desktop.qt.plain_text import Label, tip
from desktop.qt.visible import visible
from models.engine.limits import CACHE_TYPES, CONTEXT, FLASH_ATTENTION, GPU_LAYERS, THREADS
from models.library.fit import Machine, MemoryPool, Placement
from models.library.load_options import LoadOptions
from resources.language import tr

LANE, DEVICES = "memory bar", "devices"
REST = 150  # milliseconds after the last change until the bar is computed again
ATTENTION = dict(zip(FLASH_ATTENTION, (tr("auto"), tr("on"), tr("off")), strict=True))

COLUMNS: tuple[Column[MemoryPool], ...] = (
    Column(tr("Device"), lambda pool: pool.name),
    Column(tr("Backend"), lambda pool: pool.backend),
    Column(tr("What it is"), lambda pool: pool.description, wide=True),
    Column(tr("Free"), lambda pool: words.size(pool.free), number=True),
    Column(tr("Total"), lambda pool: words.size(pool.total), number=True),
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The memory that the loaded model would take with other load options. name: of the model."""

    name: str
    plan: Placement
    machine: Machine


class HardwareTab(QWidget):
    """Devices, load options and the memory bar.

    `load_options_chosen` carries LoadOptions: they are to be saved, and the loaded model, if any, loaded again.
    `machine_seen` carries the Machine with its free memory as it is now."""

    load_options_chosen = Signal(object)
    machine_seen = Signal(object)

    def __init__(
        self,
        background: Background,
        machine: Callable[[], Machine],
        outlook: Callable[[LoadOptions], Outlook | None],
        parent: QWidget | None = None,
    ) -> None:
        """machine, outlook (returns None while no model is loaded): called off the GUI thread."""
        super().__init__(parent)
        self._background, self._machine, self._outlook = background, machine, outlook
        self.placement = Label(several=True, wordWrap=True)
        self.table: Table[MemoryPool] = Table(tr("Devices"), COLUMNS)
        self.table.setMaximumHeight(150)
        self.context = QSpinBox(minimum=CONTEXT.low, maximum=CONTEXT.high, singleStep=512)
        self.context.setSpecialValueText(tr("Model's default"))
        self.context.setGroupSeparatorShown(True)
        self.threads = QSpinBox(minimum=THREADS.low, maximum=THREADS.high)
        self.threads.setSpecialValueText(tr("Fastest"))
        self.layers = QSpinBox(minimum=GPU_LAYERS.low, maximum=GPU_LAYERS.high)
        self.layers.setSpecialValueText(tr("Automatic"))
        self.device, self.cache, self.attention = QComboBox(), QComboBox(), QComboBox()
        self.device.addItem(tr("all graphics devices"), "")
        self.device.addItem(tr("CPU only"), "cpu")
        self.cache.addItems(CACHE_TYPES)
        for choice, name in ATTENTION.items():
            self.attention.addItem(name, choice)
        self.bar = MemoryBar()
        self.message_label = Label(wordWrap=True)
        self.message_label.setObjectName("quiet")
        self.message_label.setMinimumWidth(1)  # a long name in one word does not make the window wider
        self.again = QPushButton()
        self._loaded = False
        self._choices, self._form = LoadOptions(), Form()
        self._soon = QTimer(self, interval=REST, singleShot=True)
        self._connect()
        self._lay_out()

    def _connect(self) -> None:
        form = self._form
        form.add("context", self.context.value, self.context.setValue)
        form.add("threads", self.threads.value, self.threads.setValue)
        form.add("gpu_layers", self.layers.value, self.layers.setValue)
        form.add("device", self.device.currentData, self._show_device)
        form.add("cache_type", self.cache.currentText, self.cache.setCurrentText)
        form.add("flash_attention", self.attention.currentData, lambda one: _show(self.attention, one))
        form.follow(asdict(self._choices))
        self._soon.timeout.connect(self._compute)
        for box in (self.context, self.layers):
            box.valueChanged.connect(lambda _value: self._soon.start())
        for combo in (self.device, self.cache, self.attention):
            combo.currentIndexChanged.connect(lambda _index: self._soon.start())
        self.again.clicked.connect(self._choose)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        for title, widget, help_ in (
            (tr("Device"), self.device, tr("Which devices the model's layers may use.")),
            (
                tr("Layers on the device"),
                self.layers,
                tr("How many of the model's layers run on the device; 0 for none."),
            ),
            (tr("Context"), self.context, tr("The tokens that the model sees at once. More take more memory.")),
            (tr("Threads"), self.threads, tr("The processor cores that the model works on.")),
            (tr("Cache type"), self.cache, tr("The numbers in the cache: q8_0 takes about half the memory of f16.")),
            (
                tr("Flash attention"),
                self.attention,
                tr(
                    "A faster way to calculate attention, where the device supports it. "
                    "Automatic turns it off for a cache of f32, which it would round to 16 bits."
                ),
            ),
        ):
            widget.setToolTip(tip(help_))
            widget.setAccessibleName(title)
            form.addRow(title, widget)
        row = QHBoxLayout()
        row.addWidget(self.again)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        for widget in (self.placement, self.table):
            column.addWidget(widget)
        column.addLayout(form)
        column.addWidget(self.bar)
        column.addWidget(self.message_label)
        column.addLayout(row)
        column.addStretch()

    @property
    def load_options(self) -> LoadOptions:
        """How models are loaded, with the changes made on this tab."""
        return replace(self._choices, **self._form.changes)

    def put(self, choices: LoadOptions) -> None:
        """Show how models are loaded now; changes made on this tab and not applied yet stay."""
        before, now = asdict(self._choices), asdict(choices)
        self._choices = choices
        self._form.follow(now, {name for name in now if now[name] != before[name]})

    def _show_device(self, device: str) -> None:
        if self.device.findData(device) < 0:
            self.device.addItem(visible(device), device)
        _show(self.device, device)

    def show_where(self, sentence: str) -> None:
        """Show where the loaded model runs, and why; empty while none is loaded."""
        self.placement.setText(sentence or tr("No model is loaded."))
        self.again.setText(tr("Apply and reload") if sentence else tr("Apply"))
        self._loaded = bool(sentence)
        self._soon.start()

    def refresh(self) -> None:
        """Ask for the devices and their free memory again."""
        self._background.run(DEVICES, self._machine, self._show_devices)

    def _show_devices(self, machine: Machine) -> None:
        self.machine_seen.emit(machine)
        self.table.put((machine.memory, *machine.devices))
        for pool in machine.devices:
            if self.device.findData(pool.name) < 0:
                self.device.addItem(visible(f"{pool.name}: {pool.description}"), pool.name)
        self._soon.start()

    def _choose(self) -> None:
        self.load_options_chosen.emit(self.load_options)
        if not self._loaded:
            self._soon.stop()
            self._background.cancel(LANE)
            self.message_label.setText(tr("Takes effect when a model is loaded."))

    def _compute(self) -> None:
        choices = self.load_options
        self._background.run(LANE, lambda: self._outlook(choices), self._show_outlook, self.message_label.setText)

    def _show_outlook(self, outlook: Outlook | None) -> None:
        self.bar.put(outlook)
        self.message_label.setText(f"{outlook.name}: {outlook.plan.sentence}" if outlook else "")


def _show(box: QComboBox, value: str) -> None:
    box.setCurrentIndex(box.findData(value))


class MemoryBar(QWidget):
    """A bar for the GPU and one for the memory: weights, cache and working memory out of what is free, in bytes."""

    accessible_role = QAccessible.Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: list[tuple[str, int, list[int]]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Memory"))

    def put(self, outlook: Outlook | None) -> None:
        """Show the memory that is needed; None: no model is loaded."""
        self._bars = []
        if outlook is not None:
            plan, machine = outlook.plan, outlook.machine
            bars = [(tr("GPU"), sum(device.free for device in machine.devices), plan.device)] if machine.devices else []
            for name, free, need in (*bars, (tr("Memory"), machine.memory.free, plan.host)):
                self._bars.append((name, free, [need.weights, need.cache, need.working_and_kept]))
        self.setToolTip(tip(self.accessible_value()))
        self.updateGeometry()
        self.update()

    def accessible_name(self) -> str:
        return self.accessibleName()

    def accessible_value(self) -> str:
        return "; ".join(_bar_text(*bar) for bar in self._bars) or tr("No model is loaded.")

    def sizeHint(self) -> QSize:
        return QSize(400, (len(self._bars) or 1) * 2 * self.fontMetrics().height() + 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, line = 0.0, float(self.fontMetrics().height())
        for name, free, parts in self._bars:
            painter.setPen(self.palette().text().color())
            painter.drawText(
                QRectF(0, top, self.width(), line), Qt.AlignmentFlag.AlignLeft, _bar_text(name, free, parts)
            )
            self._paint_bar(painter, QRectF(0, top + line + 2, self.width(), line / 2), free, parts)
            top += 2 * line
        painter.end()

    def _paint_bar(self, painter: QPainter, room: QRectF, free: int, parts: Sequence[int]) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().mid())
        painter.drawRoundedRect(room, 3, 3)
        total, left = max(free, sum(parts), 1), room.left()
        accent = QColor(self.palette().accent().color())
        for part, opacity in zip(parts, (1.0, 0.65, 0.4), strict=True):
            accent.setAlphaF(opacity)
            painter.setBrush(accent)
            width = room.width() * part / total
            begin = room.left() + room.right() - left - width if self.isRightToLeft() else left
            painter.drawRect(QRectF(begin, room.top(), width, room.height()))
            left += width


def _bar_text(name: str, free: int, parts: Sequence[int]) -> str:
    weights, cache, working = (words.size(part) or "0" for part in parts)
    total = words.size(sum(parts)) or "0"
    return tr("{place}: {total} of {free} free (weights {weights}, cache {cache}, working {working})").format(
        place=name, total=total, free=words.size(free), weights=weights, cache=cache, working=working
    )
