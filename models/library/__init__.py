"""The models on this machine and on the hub: where they are, what their headers say, how they get here."""
