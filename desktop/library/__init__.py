"""The models window: finding, downloading, opening and removing models."""
