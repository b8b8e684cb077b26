"""The window: the page in the middle, panels docked beside it, a toolbar, a notice and a status bar.

Holds rooms; knows none.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDockWidget,
    QMainWindow,
    QMenu,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.qt.accessible import FactLabel
from desktop.qt.plain_text import caption, tip, window_title
from desktop.qt.window_geometry import WindowGeometry, restore
from desktop.shell.actions import Actions
from desktop.shell.floating import Floating, Pill
from desktop.shell.home import Home
from desktop.shell.model_chip import ModelChip
from desktop.shell.notice import Notice
from desktop.shell.panels import Panels
from desktop.shell.parts import Parts
from desktop.shell.status import StatusBar
from desktop.shell.toolbar import ToolBar
from resources.language import tr

LEAST = 480, 320  # pixels of the window
LEAST_PAGE = 112  # pixels of the page that stay in view whatever stands around it
# what the pill says, and what a click on it does
WRITING_BELOW = tr("Writing below ↓"), tr("Goes to the end of the page and follows the writing (Ctrl+End).")
ENDED_BELOW = tr("Ended below ↓"), tr("Goes to the end of the page, where the model ended (Ctrl+End).")


class Window(QMainWindow):
    """`files_dropped` is a wish: someone let go of files over the window."""

    files_dropped = Signal(object)  # tuple of Path
    model_chosen = Signal(str)  # a wish: the path of a recent model
    closing = Signal()

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Inkfall")
        self.setAcceptDrops(True)
        self.may_close: Callable[[], bool] = lambda: True  # asked before `closing` is told
        self.layers: tuple[Callable[[], bool], ...] = ()  # Esc puts away the first of them that is there
        self.setDockNestingEnabled(True)
        self.resize(1280, 800)
        self.arrangement = WindowGeometry(self)
        self.parts = Parts()
        self.actions_ = Actions(self)
        self._recent = self.actions_.submenu_behind("open_starter", tr("Re&cent models"))
        self.notice = Notice()
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.continuation = FactLabel(tr("Continuation"))
        self.chip = self._chip()
        self.bar = self._toolbar()
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(page, 1)
        self._column, self._page = column, page
        self.setCentralWidget(middle)
        self.below = Pill(*WRITING_BELOW)
        self.floating = Floating(page)
        self.floating.add(self.notice)
        self.notice.left.connect(page.setFocus)
        self.floating.add(self.below, leaves_end=True)
        self.panels = Panels(self, middle, self.bar)
        self.setMinimumSize(*LEAST)  # else Qt keeps it as wide as all panels, and none could hide
        for part in (page, self.bar, self.notice):
            self.parts.add(part)

    def add_bar(self, bar: QWidget) -> None:
        """Have a bar float over the head of the page."""
        self.floating.add_at_head(bar)
        self.parts.add(bar)

    def add_below(self, widget: QWidget) -> None:
        """Put a widget below the page, which keeps some lines of its own."""
        self._column.addWidget(widget)
        self.parts.add(widget)
        self._keep_page(0)
        self.floating.end_covered.connect(self._keep_page)

    def _keep_page(self, covered: int) -> None:
        """The first lines of the page stay clear of what floats over its foot."""
        self._page.setMinimumHeight(LEAST_PAGE + covered)

    def add_panel(self, name: str, title: str, panel: QWidget, area: Qt.DockWidgetArea, width: int) -> QDockWidget:
        """Dock a panel at that side, or at the other where windows begin at the right; its command show_<name> shows
        and hides it."""
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(panel)
        dock.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        _name_button(dock, "qt_dockwidget_floatbutton", tr("Float the panel {title}").format(title=title))
        self.addDockWidget(_mirrored(area) if self.isRightToLeft() else area, dock)
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        self.arrangement.watch(dock)
        self.parts.add(dock)
        command = self.actions_[f"show_{name}"]
        self.panels.add(name, dock, command, width, [(title, command)])
        return dock

    def add_home(
        self, name: str, area: Qt.DockWidgetArea, width: int, tabs: Sequence[tuple[str, str, QWidget]]
    ) -> Home:
        """Dock several panels as tabs at that side, or at the other where windows begin at the right: names, titles,
        panels, in order. The command show_<name of a tab> is to run `Home.toggle`."""
        stack = QTabWidget(documentMode=True)
        commands = {tab: self.actions_[f"show_{tab}"] for tab, _title, _panel in tabs}
        for tab, title, panel in tabs:
            panel.setObjectName(tab)
            stack.addTab(panel, title)
        dock = QDockWidget(", ".join(title for _tab, title, _panel in tabs), self)
        dock.setObjectName(name)
        dock.setWidget(stack)
        dock.setTitleBarWidget(QWidget())  # the tabs are its title
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        self.addDockWidget(_mirrored(area) if self.isRightToLeft() else area, dock)
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        self.arrangement.watch(dock)
        self.parts.add(dock)
        shown = QAction(self)
        shown.setCheckable(True)
        home = Home(stack, shown, commands)
        self.panels.add(name, dock, shown, width, [(title, commands[tab]) for tab, title, _panel in tabs])
        return home

    def show_continuation(self, number: int, of: int) -> None:
        """number: of the continuation that is shown, 0 where it is none of them."""
        told = tr("{number} of {of}").format(number=number or "–", of=of)
        self.continuation.setText(told if of > 1 or (of and not number) else "")

    def show_recent(self, models: Sequence[str]) -> None:
        """The models that were opened lately, to be opened again."""
        self._recent.clear()
        self._recent.menuAction().setVisible(bool(models))
        for number, path in enumerate(models, 1):
            name = caption(Path(path).name)
            action = self._recent.addAction(f"&{number} {name}" if number < 10 else name)
            action.setToolTip(tip(path))
            action.triggered.connect(lambda _checked=False, path=path: self.model_chosen.emit(path))

    def show_title(self, title: str, unsaved: bool) -> None:
        """The window's title: the page's, and whether the page is ahead of its file."""
        self.setWindowTitle(f"{window_title(title)}[*] — Inkfall" if title else "Inkfall[*]")
        self.setWindowModified(unsaved)

    def come_forward(self) -> None:
        """Be seen: another start was asked for."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def restored(self, geometry: bytes, state: bytes, widths: Sequence[str] = ()) -> None:
        """Put the window and its panels where they were; a state of another version leaves the default. widths: as the
        panels told them."""
        restore(self, geometry)
        if state:
            self.restoreState(QByteArray(state))
        self.panels.choose_widths(widths)

    def _toolbar(self) -> ToolBar:
        bar = ToolBar(self)
        self.addToolBar(bar)
        _name_button(bar, "qt_toolbar_ext_button", tr("More commands"))
        _name_button(self.menuBar(), "qt_menubar_ext_button", tr("More menus"))
        self.actions_.fill(bar)
        bar.addSeparator()
        for name, sign in (("previous", "‹"), ("next", "›")):
            bar.addWidget(self._sign_button(name, sign))
            if name == "previous":
                bar.addWidget(self.continuation)
        bar.add_at_end(self.chip)
        return bar

    def _chip(self) -> ModelChip:
        """The model's chip: the models opened last, and where others are."""
        chip = ModelChip()
        menu = QMenu(self, toolTipsVisible=True)
        menu.aboutToShow.connect(lambda: self._fill_chip(menu))
        chip.setMenu(menu)
        return chip

    def _fill_chip(self, menu: QMenu) -> None:
        menu.clear()
        menu.addActions(self._recent.actions())
        menu.addSeparator()
        menu.addActions([self.actions_[name] for name in ("library", "open_model", "open_starter")])

    def _sign_button(self, name: str, sign: str) -> QToolButton:
        """A button for that command which shows a sign in the place of its title."""
        action = self.actions_[name]
        button = QToolButton(autoRaise=True)
        button.setText(sign)
        button.setToolTip(tip(action.toolTip()))
        button.setObjectName("sign")
        button.setAccessibleName(action.iconText())
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panels.fit(event.size().width())
        self.chip.set_narrow(self.panels.narrow)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = tuple(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
        if paths:
            self.files_dropped.emit(paths)
            event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc, where it means nothing to what has the keys, puts one layer away; where there is none, it goes back to
        the page."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not any(put_away() for put_away in self.layers):
            self.activateWindow()  # the keys may be in a floating panel
            self._page.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_close():
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)


def _mirrored(area: Qt.DockWidgetArea) -> Qt.DockWidgetArea:
    left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
    return {left: right, right: left}.get(area, area)


def _name_button(widget: QWidget, button: str, name: str) -> None:
    """Name a button that Qt put into a widget."""
    if found := widget.findChild(QAbstractButton, button):
        found.setAccessibleName(name)
        found.setToolTip(tip(name))
