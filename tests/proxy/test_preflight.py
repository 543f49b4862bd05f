"""What is found out before a run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cloudmock_contract.aws.credentials import PLACEHOLDERS, CredentialSource
from cloudmock_contract.errors import ConfigurationError
from cloudmock_contract.proxy.preflight import check
from cloudmock_contract.settings import Settings
from stand_in import StandIn

type MakeSettings = Callable[..., Settings]


def test_nothing_is_missing(settings: MakeSettings, stand_in: StandIn, tmp_path: Path) -> None:
    """With CloudMock running, a writable output and credentials there is nothing to say, and no file is left."""
    check(settings(cloudmock=stand_in.url, output=str(tmp_path / "r.json")), CredentialSource(PLACEHOLDERS))

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://no-such-host.invalid:4566"])
def test_cloudmock_is_not_there(settings: MakeSettings, tmp_path: Path, url: str) -> None:
    """A CloudMock that does not answer is named with its option and what to do."""
    with pytest.raises(ConfigurationError, match=r"--cloudmock: nothing answers at .*Start CloudMock"):
        check(settings(cloudmock=url, output=str(tmp_path / "r.json")), CredentialSource(PLACEHOLDERS))


def test_the_output_cannot_be_written(settings: MakeSettings, stand_in: StandIn, tmp_path: Path) -> None:
    """An output in a folder that is not there is named before the run."""
    with pytest.raises(ConfigurationError, match="--output"):
        check(settings(cloudmock=stand_in.url, output=str(tmp_path / "no" / "r.json")), CredentialSource(PLACEHOLDERS))


def test_there_are_no_credentials(settings: MakeSettings, stand_in: StandIn) -> None:
    """Missing credentials are named before the run."""
    with pytest.raises(ConfigurationError, match="No AWS credentials"):
        check(settings(cloudmock=stand_in.url, output=""), CredentialSource())
