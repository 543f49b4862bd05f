"""What the log says of a defect."""

import logging

import pytest

from cloudmock_contract import safe_logging

logger = safe_logging.logger("cloudmock_contract.test")


def fail() -> None:
    """Fails as code does that was given what it did not expect."""
    try:
        int("AKIASECRET")
    except ValueError as error:
        raise KeyError("wJalrXUtnFEMI") from error


def test_a_defect_is_logged_by_its_place(caplog: pytest.LogCaptureFixture) -> None:
    """Types and lines of the error and of its causes are there; what they say, which may be a secret, is not."""
    try:
        fail()
    except KeyError:
        logger.exception("It failed.")
    (record,) = caplog.records

    assert logging.ERROR == record.levelno
    assert record.message.startswith("It failed.\nTraceback (most recent call last):\n")
    assert record.message.index("ValueError") < record.message.index("KeyError")
    assert 'int("AKIASECRET")' in record.message  # the line of the source, which knows no secrets but a test's own
    assert not any(text in caplog.text for text in ("invalid literal", "'wJalrXUtnFEMI'"))
    assert record.exc_info is None


def test_what_an_error_hides_stays_hidden() -> None:
    """An error that was raised `from None` is logged without what it hides."""
    try:
        try:
            int("a")
        except ValueError:
            raise KeyError from None
    except KeyError as error:
        text = safe_logging.traceback_without_texts(error)

    assert (1, True) == (text.count("Traceback"), text.endswith("KeyError"))


def test_nothing_is_no_defect() -> None:
    """Where no error is being handled there is no traceback."""
    assert safe_logging.traceback_without_texts(None) == ""
