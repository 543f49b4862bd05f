"""Where exchanges go when they have ended: into the tally, and line by line into the journal.

This file does not know how they came about, nor what becomes of the report.
"""

from pathlib import Path

from cloudmock_contract.reports.journal.writer import Journal
from cloudmock_contract.reports.tally.report import Report, Run, Tally
from cloudmock_contract.values.exchange import Exchange

MAX_PROBLEMS = 100
"""Problems that are kept."""


class Recorder:
    """Records the exchanges of one run. Belongs to the event loop."""

    def __init__(self, run: Run) -> None:
        self._tally = Tally(run)
        self._journal: Journal | None = None
        self._problems: dict[str, str] = {}
        """By what they are about."""

    @property
    def run(self) -> Run:
        return self._tally.run

    def describe(self, run: Run) -> None:
        """Take over what is known of the run: its settings have been read, or have changed. What was counted stays."""
        self._tally.run = run

    def open(self, path: Path | None) -> None:
        """Begin a journal, if there is none yet. Raises ConfigurationError."""
        if path and self._journal is None:
            self._journal = Journal(path, self.run)

    def add(self, exchange: Exchange, instead_of: Exchange | None = None) -> None:
        """Count an exchange. `instead_of`: the earlier attempt at the same call, which no longer counts."""
        truncated = self._tally.add(exchange, instead_of=instead_of)
        if self._journal:
            self._journal.append(truncated, instead_of)

    def note_problem(self, subject: str, text: str) -> None:
        """Let the report say so, in the place of what it would say on the same subject."""
        if subject in self._problems or len(self._problems) < MAX_PROBLEMS:
            self._problems[subject] = text

    def report(self) -> Report:
        """The report of the exchanges so far."""
        problem = self._journal.problem if self._journal else None
        return self._tally.report(problems=(*((problem,) if problem else ()), *self._problems.values()))

    def close(self) -> None:
        """The run has ended."""
        if self._journal:
            self._journal.close()
