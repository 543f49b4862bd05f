"""Where exchanges go when they have ended: into the tally, and line by line into the journal.

This file does not know how they came about.
"""

from pathlib import Path

from cloudmock_contract.reports.journal.writer import Journal
from cloudmock_contract.reports.tally.report import Report, Run, Tally
from cloudmock_contract.values.exchange import Exchange


class Recorder:
    """That of one run. Belongs to the event loop."""

    def __init__(self, run: Run) -> None:
        self._tally = Tally(run)
        self._journal: Journal | None = None

    @property
    def run(self) -> Run:
        return self._tally.run

    def describe(self, run: Run) -> None:
        """The settings have become known, or have changed; what has been counted stays."""
        self._tally.run = run

    def open(self, path: Path | None) -> None:
        """Write a journal from now on, if none is written yet. Raises ConfigurationError."""
        if path and self._journal is None:
            self._journal = Journal(path, self.run)

    def add(self, exchange: Exchange, instead_of: Exchange | None = None) -> None:
        """Count an exchange. `instead_of`: the attempt at the same call that was counted before, and is no more."""
        self._tally.add(exchange, instead_of=instead_of)
        if self._journal:
            self._journal.append(exchange, instead_of)

    def report(self) -> Report:
        """The report of the exchanges so far."""
        return self._tally.report(problems=(self._journal.problem,) if self._journal else ())

    def close(self) -> None:
        """The run has ended."""
        if self._journal:
            self._journal.close()
