"""Sets the language of Qt's own texts (OK, Cancel, menus of text fields, file dialogs) and the writing direction.

The program's own sentences go through resources/language.py. Numbers and paper sizes stay as the system's locale says.
"""

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from resources.language import PSEUDO, SOURCE, SPOKEN


def speak(application: QApplication, language: str = SPOKEN) -> bool:
    """Install Qt's translation and layout direction. Returns False if Qt has no translation; it stays English then."""
    if language in (SOURCE, PSEUDO):
        return True  # Qt's texts are in English, like the code's
    locale = QLocale(language)
    application.setLayoutDirection(locale.textDirection())
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    return translator.load(locale, "qtbase", "_", folder) and application.installTranslator(translator)
