"""The sampler chain in one line above the odds, editable in place, so that cause and effect are seen together.

Shows and changes the recipe of the sampling panel, which has the other samplers."""

from dataclasses import fields, replace

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QHBoxLayout, QSpinBox, QToolButton, QWidget

from desktop.generation.controls import OFF, IntegerBox, NumberBox
from desktop.generation.recipe import Recipe
from desktop.generation.sampling_panel import SamplingPanel
from desktop.qt.plain_text import Label, tip
from models.sampling.knobs import Sampling
from resources.language import tr, tr_count

PARTS = {"temperature": tr("T", "temperature"), "top_k": "top-k", "top_p": "top-p"}  # fields, and their short names
WIDEST = {"temperature": "1.25", "top_k": "1000", "top_p": "0.95"}


class ChainLine(QWidget):
    """`more_requested`: show the sampling panel, with the samplers that are not in the line."""

    more_requested = Signal()

    def __init__(self, panel: SamplingPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panel = panel
        self.setAccessibleName(tr("Sampler chain"))
        self.boxes = {one.name: self._box(one.name) for one in fields(Sampling) if one.name in PARTS}
        self.more = QToolButton(autoRaise=True)
        self.more.clicked.connect(self.more_requested)
        self.reset = QToolButton(autoRaise=True)
        self.reset.setText("↺")
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.reset.setAccessibleName(tr("Reset"))
        self.reset.setToolTip(tip(tr("Turns all samplers off.")))
        self.reset.clicked.connect(panel.reset)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 6, 2)
        row.setSpacing(2)
        for name, box in self.boxes.items():
            if name != "temperature":
                row.addWidget(_separator())
            row.addWidget(box)
        row.addWidget(self.more)
        row.addStretch(1)
        row.addWidget(self.reset)
        panel.recipe_changed.connect(self._show)
        self._show(panel.recipe)

    def _box(self, name: str) -> QSpinBox | QDoubleSpinBox:
        about = next(one for one in fields(Sampling) if one.name == name).metadata
        box: QSpinBox | QDoubleSpinBox
        if name == "top_k":
            box = IntegerBox(minimum=int(about["low"]), maximum=int(about["high"]), singleStep=int(about["step"]))
            box.setSpecialValueText(f"{PARTS[name]} {OFF}")
        else:
            box = NumberBox(minimum=about["low"], maximum=about["high"], singleStep=about["step"], decimals=3)
        box.setObjectName("part")
        box.setPrefix(f"{PARTS[name]} ")
        box.setLocale(QLocale.c())
        box.setFrame(False)
        box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        box.setAlignment(Qt.AlignmentFlag.AlignLeading)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.setAccessibleName(about["label"])
        box.setAccessibleDescription(about["help"])
        box.setToolTip(tip(f"{about['label']}: {about['help']}"))
        box.setFixedWidth(self.fontMetrics().horizontalAdvance(f"{PARTS[name]} {WIDEST[name]}") + 10)
        box.valueChanged.connect(lambda value: self._choose(name, value))
        return box

    def _choose(self, name: str, value: float) -> None:
        recipe = self._panel.recipe
        self._panel.set_recipe(replace(recipe, sampling=replace(recipe.sampling, **{name: value})))

    def _show(self, recipe: Recipe) -> None:
        for name, box in self.boxes.items():
            value = getattr(recipe.sampling, name)
            if box.value() != value:
                with QSignalBlocker(box):
                    box.setValue(value)
        others = len(set(recipe.sampling.off_neutral()) - set(PARTS))
        self.more.setVisible(others > 0)
        self.more.setText(f"› +{others}")
        more = tr_count("{count} more sampler is on", "{count} more samplers are on", others).format(count=others)
        self.more.setAccessibleName(more)
        self.more.setToolTip(tip(tr("{said}: shows the Sampling tab.").format(said=more)))
        self.reset.setEnabled(recipe != recipe.neutral())


def _separator() -> Label:
    sign = Label("›")
    sign.setObjectName("quiet")
    return sign
