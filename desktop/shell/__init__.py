"""The main window: commands, menus, docks, notices, status bar, theme, welcome."""
