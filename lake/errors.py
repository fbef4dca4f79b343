"""Errors that a user can act on."""


class AefEconError(Exception):
    """What was wrong, where, and what to do about it; printed by the commands without a traceback."""


class UnknownCityError(AefEconError):
    """A city id that is not among the 36."""


class UnknownYearError(AefEconError):
    """A year outside the platform's range."""


class PartitionMissingError(AefEconError):
    """A partition was read before it was written."""


class ModelMissingError(AefEconError):
    """A model was asked for before it was trained, registered or promoted."""


class LakeWriteError(AefEconError):
    """A write failed and left nothing behind."""


class BadInputError(AefEconError):
    """Input data that does not meet its contract."""
