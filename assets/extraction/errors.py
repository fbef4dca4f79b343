"""Errors of the extraction that a user can act on."""

from lake.errors import AefEconError


class CredentialsError(AefEconError):
    """Real Earth Engine was asked for and does not let us in: says what to set."""


class ExtractionError(AefEconError):
    """Earth Engine refused a request, has no data for it, or does not answer."""


class UnansweredError(ExtractionError):
    """Earth Engine did not answer, however often it was asked: later it may."""
