"""Logs defects of this program by where they are, without what their errors say.

The text of an unforeseen error may quote what the app or AWS has sent, and so a secret. This file does not know where
the log goes.
"""

import logging
import sys
import traceback


class Logger(logging.LoggerAdapter[logging.Logger]):
    """A logger whose `exception` logs the traceback without the errors' texts."""

    def exception(self, msg: object, *args: object, **_options: object) -> None:
        """Log this text and the traceback of the error that is being handled."""
        self.error("%s\n%s", str(msg) % args, traceback_without_texts(sys.exception()))


def logger(name: str) -> Logger:
    """The logger of the module with this name."""
    return Logger(logging.getLogger(name), {})


def traceback_without_texts(error: BaseException | None) -> str:
    """The tracebacks of an error and of its causes, with the types of the errors."""
    tracebacks: list[str] = []
    while error is not None:
        lines = "".join(traceback.format_tb(error.__traceback__))
        tracebacks.append(f"Traceback (most recent call last):\n{lines}{type(error).__name__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\n".join(reversed(tracebacks))
