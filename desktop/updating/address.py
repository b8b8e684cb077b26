"""The address that announces releases (docs/installing.md describes its answer)."""

ADDRESS = ""  # none yet: *Check for updates* is not offered until there is one
