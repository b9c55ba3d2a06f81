"""The one error that the private services raise."""


class LocalServiceError(Exception):
    """A private service cannot be used. Its text is one sentence for the person at the terminal."""
