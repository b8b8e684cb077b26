"""The errors of loading and running a model, shared by every room of models/."""


class ModelError(Exception):
    """A model could not be loaded or run. The message is one sentence that the user can act on."""


class BrokenNumbersError(ModelError):
    """An evaluation gave NaN or infinity. What the model holds in memory may do the same to later evaluations."""


class Stopped(Exception):  # noqa: N818 (no error: the user asked for it)
    """A load or an evaluation was stopped on request. After an evaluation the cache is as it was before it."""
