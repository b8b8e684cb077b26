"""The window around the rooms: commands, menus, status bar, theme."""
