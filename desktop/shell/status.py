"""The status bar: what the engine does, how full the context is, how fast it writes, which model, and where."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QStatusBar, QWidget

from desktop.accessible import FactLabel
from desktop.plain import Label, tip
from desktop.visible import lines, visible, visible_lines
from resources.language import tr, tr_count


class StatusBar(QStatusBar):
    """Shows words and numbers it is given; derives nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        self._state = self._label(tr("State"))
        self._counts = self._label(tr("Words on the page"))
        self._speed = self._label(tr("Speed"))
        self._words = self._label(tr("Context"))
        self._gauge = QProgressBar(maximum=1000, textVisible=False)
        self._gauge.setAccessibleName(tr("Tokens used of the context"))
        self._gauge.setFixedSize(72, 6)
        self._model = self._label(tr("Model"))
        self._device = self._label(tr("Device"))
        self._device.setObjectName("badge")
        self.addWidget(self._state, 1)
        for widget in (self._counts, self._speed, self._words, self._gauge, self._model, self._device):
            self.addPermanentWidget(widget)

    def _label(self, name: str) -> Label:
        return FactLabel(name)

    def show_state(self, words: str) -> None:
        self._set(self._state, words)

    def show_counts(self, words: int, characters: int, tokens: str = "") -> None:
        """tokens: their number, in words; empty where it is not known."""
        self._set(self._counts, tr_count("{count:,} word", "{count:,} words", words).format(count=words))
        said = tr_count(
            "{count:,} character, blanks and line ends among them",
            "{count:,} characters, blanks and line ends among them",
            characters,
        )
        self._counts.setToolTip(tip(lines(said.format(count=characters), tokens), several=True))

    def show_speed(self, tokens_per_second: float) -> None:
        self._set(
            self._speed,
            tr("{tokens_per_second:.1f} tokens/s").format(tokens_per_second=tokens_per_second)
            if tokens_per_second
            else "",
        )

    def show_context(self, used: int, context: int, dropped: int, page: int = 0, slide: str = "") -> None:
        """used and context in tokens; dropped: tokens of the page that the model no longer sees, of `page` in all.
        slide: when the window slides next, and what that costs."""
        self._words.setVisible(context > 0)
        self._gauge.setVisible(context > 0)
        if not context:
            return
        self._set(self._words, tr("{used:,} of {context:,} tokens").format(used=used, context=context))
        about = " ".join(filter(None, (_seen(used, context, dropped, page), slide)))
        self._words.setToolTip(tip(about))
        self._gauge.setToolTip(tip(about))
        self._gauge.setAccessibleDescription(visible(about))
        self._gauge.setValue(min(1000, round(1000 * used / context)))

    def show_model(self, name: str, details: str, device: str, why: str = "") -> None:
        """why: what the badge of the device says when the mouse rests on it."""
        width = self.fontMetrics().averageCharWidth() * 32
        self._set(self._model, self.fontMetrics().elidedText(visible(name), Qt.TextElideMode.ElideMiddle, width))
        self._model.setToolTip(tip(details, several=True))
        self._device.setVisible(bool(device))
        self._set(self._device, device)
        self._device.setToolTip(tip(why or details, several=True))
        self._device.setAccessibleDescription(visible_lines(why))

    def words(self) -> dict[str, str]:
        """What each label says, by its name (for tests and for screen readers' order)."""
        labels = (self._state, self._speed, self._words, self._model, self._device)
        return {label.accessibleName(): label.text() for label in labels}

    def _set(self, label: Label, words: str) -> None:
        if label.text() != words:
            label.setText(words)


def _seen(used: int, context: int, dropped: int, page: int) -> str:
    seen = tr("The model sees {used:,} tokens; its context holds {context:,}.").format(used=used, context=context)
    of_page = tr("The page has {count:,}.").format(count=page) if page else ""
    unseen = tr("{count:,} of them are out of its sight.").format(count=dropped) if dropped else ""
    return " ".join(filter(None, (seen, of_page, unseen)))
