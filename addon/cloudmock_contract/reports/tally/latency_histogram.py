"""How long replies took, in a memory that does not grow with their number.

Times are counted in classes, each of which ends 1 % above where it begins, and of each class the longest time is kept.
A quantile is that of its class: the time of a reply that was given, and at most 1 % more than the exact one (times
below a microsecond are one class, and so are those above 11 days). Like an HDR histogram: http://hdrhistogram.org
"""

import math

RELATIVE_ERROR = 0.01

_MIN_SECONDS, _MAX_SECONDS = 1e-6, 1e6
_STEP = math.log1p(RELATIVE_ERROR)


class LatencyHistogram:
    """The times of one side's replies, in seconds."""

    def __init__(self) -> None:
        self._classes: dict[int, tuple[int, float]] = {}
        """How many times are in a class, and the longest of them."""
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, seconds: float) -> None:
        """Count a time, 0 or more."""
        index = math.floor(math.log(min(max(seconds, _MIN_SECONDS), _MAX_SECONDS)) / _STEP)
        count, longest = self._classes.get(index, (0, 0.0))
        self._classes[index] = count + 1, max(longest, seconds)
        self._count += 1

    def quantiles(self, *shares: float) -> tuple[float, ...]:
        """For each share, in ascending order, a time that more than this share of the replies did not exceed.

        There must be a time. Share 1 is the longest.
        """
        times: list[float] = []
        passed, longest = 0, 0.0
        for _, (count, longest) in sorted(self._classes.items()):
            passed += count
            while len(times) < len(shares) and passed > int(shares[len(times)] * self._count):
                times.append(longest)
        return (*times, *[longest] * (len(shares) - len(times)))
