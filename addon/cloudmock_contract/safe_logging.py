"""How a defect of this program is logged: by where it is, and not by what it says.

The text of an error that nobody foresaw may quote what the app or AWS has sent, and so a secret. This file does not
know where the log goes.
"""

import logging
import sys
import traceback


class Logger(logging.LoggerAdapter[logging.Logger]):
    """A logger whose `exception` tells the traceback without the errors' texts."""

    def exception(self, msg: object, *args: object, **_options: object) -> None:
        """Log this text and the traceback of the error that is being handled."""
        self.error("%s\n%s", str(msg) % args, places_of(sys.exception()))


def logger(name: str) -> Logger:
    """The logger of the module with this name."""
    return Logger(logging.getLogger(name), {})


def places_of(error: BaseException | None) -> str:
    """The traceback of an error and of those that it came of, with their types and without their texts."""
    found: list[str] = []
    while error is not None:
        places = "".join(traceback.format_tb(error.__traceback__))
        found.append(f"Traceback (most recent call last):\n{places}{type(error).__name__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\n".join(reversed(found))
