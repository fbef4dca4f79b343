"""What may be wrong with the sandbox itself; programs' own errors are outcomes."""

from lake.errors import AefEconError


class SandboxError(AefEconError):
    """The sandbox cannot be made, or does not hold; says why and what to do."""


class SandboxMissingError(SandboxError):
    """Bubblewrap is missing, or this machine does not let it work."""


class JavaScriptMissingError(SandboxError):
    """Node or Google's JavaScript client is missing."""
