"""Where releases are announced (docs/installing.md says what answers there)."""

ADDRESS = ""  # none yet: *Check for updates* is not offered until there is one
