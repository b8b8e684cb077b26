"""Qt's own words (OK, Cancel, the menu of a text field, file dialogs) in the language spoken, and the side that it is
written from. Ours go through resources/language.py.

Numbers and paper sizes stay as the system has them: who reads Korean may still print on Letter.
"""

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from resources.language import PSEUDO, SOURCE, SPOKEN


def speak(application: QApplication, language: str = SPOKEN) -> bool:
    """Let Qt speak that language from now on. Whether it has words of it; Qt is English where not."""
    if language in (SOURCE, PSEUDO):
        return True  # Qt's words are in the code's own language
    locale = QLocale(language)
    application.setLayoutDirection(locale.textDirection())
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    return translator.load(locale, "qtbase", "_", folder) and application.installTranslator(translator)
