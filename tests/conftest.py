"""What every test has: an environment that is not the developer's own."""

import os
import warnings

import hypothesis
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # mitmproxy's dependencies warn of each other while they are imported
    import mitmproxy.tools.web.master  # noqa: F401

hypothesis.settings.register_profile("unhurried", parent=hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("unhurried")  # an example that takes long says that the machine is busy

pytest_plugins = ("support.emulators", "support.reports", "support.sdk_requests")

_FOREIGN = ("AWS_", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No AWS configuration, no proxies, no certificates of the machine; credentials are looked for in no file."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN):
            monkeypatch.delenv(name)
    nowhere = tmp_path_factory.mktemp("nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(nowhere / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
