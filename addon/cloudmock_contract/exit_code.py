"""What the program's exit codes mean. Which one a run ends with is not decided here."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a run ended."""

    MATCHED = 0
    """Everything matched."""
    MISMATCHED = 1
    """Something mismatched, or the command failed."""
    UNUSABLE = 2
    """The run could not start, nothing was compared, or the report could not be written."""
