"""The errors of loading and running a model, whatever room they come from."""


class ModelError(Exception):
    """A model could not be loaded or run. Its text is one sentence that the user can act on."""


class Stopped(Exception):  # noqa: N818 (no error: it was asked for)
    """An evaluation was abandoned because it was asked to stop; the cache holds what it held before it."""
