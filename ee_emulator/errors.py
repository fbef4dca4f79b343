"""The one exception that becomes an Earth Engine error answer."""


class EarthEngineError(Exception):
    """An error that the client is told about, in Earth Engine's JSON shape.

    Attributes:
        message: What was wrong, as Earth Engine words it where its wording is known.
        status: HTTP status; never 5xx for something unsupported, or the client retries it.
        code: Google API status name, such as `INVALID_ARGUMENT` or `NOT_FOUND`.
    """

    def __init__(self, message: str, status: int = 400, code: str = "INVALID_ARGUMENT") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
