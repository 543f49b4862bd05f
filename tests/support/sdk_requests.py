"""AWS's services, and requests as AWS's own SDK makes them, for the tests of what knows AWS."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.operations.identification import Identifier
from cloudmock_contract.values.http import Headers, Reply, Request
from lab.workloads.every_operation import request_of

ACCESS_KEY, SECRET_KEY, TOKEN = "AKIACLIENTSOWN", "clients-own-secret", "clients/own+token=="
PROXY = "http://127.0.0.1:4577"


@pytest.fixture(scope="session")
def services() -> Services:
    """What the installed botocore knows."""
    return Services()


@pytest.fixture(scope="session")
def identifier(services: Services) -> Identifier:
    """One identifier for all tests: each service's routes are read once."""
    return Identifier(services)


class Clients:
    """boto3 clients that keep what they would send; `reply`: what they are answered, if not with nothing."""

    def __init__(self) -> None:
        self._clients: dict[object, Any] = {}
        self._session = boto3.Session(ACCESS_KEY, SECRET_KEY, TOKEN, region_name="eu-west-1")
        self.sent: list[AWSPreparedRequest] = []
        self.reply = Reply(200, Headers(), b"")

    def client(
        self, service: str, url: str | None = PROXY, region: str = "eu-west-1", *, unsigned: bool = False, **config: Any
    ) -> Any:
        """The client of this service; `url` None: AWS itself."""
        key = (service, url, region, unsigned, repr(config))
        if key not in self._clients:
            settings: dict[str, Any] = {"retries": {"total_max_attempts": 1}, **config}
            if unsigned:
                settings["signature_version"] = UNSIGNED
            client = self._session.client(service, region_name=region, endpoint_url=url, config=Config(**settings))
            client.meta.events.register_last("before-send", self._answer)
            self._clients[key] = client
        return self._clients[key]

    def close(self) -> None:
        """Close their connections."""
        for client in self._clients.values():
            client.close()

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.sent.append(request)
        headers = {name.lower(): value for name, value in self.reply.headers.fields}
        return AWSResponse(request.url, self.reply.status, headers, _Body(self.reply.body))


class _Body(BytesIO):
    """A body as urllib3 gives it to botocore."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


@pytest.fixture(scope="session")
def all_clients() -> Iterator[list[Clients]]:
    """Where `clients` keeps its one value, so that each client is made once, in a test's clean environment."""
    instances: list[Clients] = []
    yield instances
    for clients in instances:
        clients.close()


@pytest.fixture
def clients(all_clients: list[Clients]) -> Clients:
    """boto3 clients that send nothing."""
    if not all_clients:
        all_clients.append(Clients())
    all_clients[0].sent.clear()
    all_clients[0].reply = Reply(200, Headers(), b"")
    return all_clients[0]


@pytest.fixture
def sdk_request(clients: Clients) -> Callable[..., Request]:
    """A request as boto3 makes it: `sdk_request("dynamodb", "list_tables", Limit=1)`; more of the client in `via`."""

    def make(service: str, method: str, via: dict[str, Any] | None = None, **parameters: Any) -> Request:
        clients.sent.clear()
        try:
            getattr(clients.client(service, **(via or {})), method)(**parameters)
        except Exception:
            if not clients.sent:
                raise  # else: what botocore thinks of an empty reply is of no interest
        return request_of(clients.sent[0])

    return make


@pytest.fixture
def answered(clients: Clients) -> Callable[..., Any]:
    """What boto3 makes of a reply: `answered(reply, "dynamodb", "list_tables")`."""

    def call(reply: Reply, service: str, method: str, **parameters: Any) -> Any:
        clients.reply = reply
        return getattr(clients.client(service), method)(**parameters)

    return call


@pytest.fixture
def presigned(clients: Clients) -> Callable[..., Request]:
    """A GET of a presigned URL as boto3 makes it."""

    def make(service: str, operation: str, via: dict[str, Any] | None = None, **parameters: Any) -> Request:
        text = clients.client(service, **(via or {})).generate_presigned_url(operation, Params=parameters)
        url = urlsplit(text)
        return Request("GET", f"{url.path or '/'}?{url.query}", Headers((("Host", url.netloc),)), b"")

    return make
