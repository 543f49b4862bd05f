"""Which services there are, by signing name, target prefix and protocol; their models on demand.

The metadata of every service is read from the first kilobytes of its model file: all of them cost some 0.1 s once,
where loading all the models would cost seconds and 430 MB. A whole model is loaded when a request first needs it.

This file does not know what a request looks like.
"""

import gzip
import json
import os
import threading
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import botocore.exceptions
from botocore.loaders import Loader, create_loader
from botocore.model import OperationModel, OperationNotFoundError, ServiceModel

from cloudmock_contract.errors import ConfigurationError

MAX_METADATA_CHARACTERS = 16_384
"""Characters of a model file in which its metadata block ends; in every model of botocore it is the second key."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service as its model's metadata describes it."""

    name: str
    """botocore's name, which is the model's folder."""
    service_id: str
    signing_name: str
    endpoint_prefix: str
    protocols: tuple[str, ...]
    target_prefix: str
    api_version: str
    json_version: str
    takes_bearer: bool
    """Whether its operations may be authorized by a bearer token."""

    @property
    def is_rest(self) -> bool:
        return any(protocol.startswith("rest-") for protocol in self.protocols)

    @property
    def is_query(self) -> bool:
        return not {"query", "ec2"}.isdisjoint(self.protocols)


class Services:
    """All services that the installed botocore, and the user's own model folders, know."""

    def __init__(self, loader: Loader | None = None) -> None:
        self.loader = loader or create_loader(os.environ.get("AWS_DATA_PATH"))
        self._models: dict[str, ServiceModel] = {}
        self._lock = threading.Lock()

    @cached_property
    def by_name(self) -> Mapping[str, Service]:
        """Every service by botocore's name. The first use reads all model files' heads (0.1 s).

        Raises ConfigurationError for a model file that cannot be read: the user's, from AWS_DATA_PATH or ~/.aws/models.
        """
        newest: dict[str, Path] = {}
        for folder in self.loader.search_paths:
            for service_folder in sorted(Path(folder).glob("*/")):
                model_file, known = _newest_model(service_folder), newest.get(service_folder.name)
                # As botocore's loader does it: the newest version of all folders, of the first folder that has it.
                if model_file and (known is None or model_file.parent.name > known.parent.name):
                    newest[service_folder.name] = model_file
        return {name: _read_service(name, model_file) for name, model_file in newest.items()}

    @cached_property
    def by_signing_name(self) -> Mapping[str, Sequence[Service]]:
        """The services that sign with each name; the one that has the name itself first."""
        grouped = defaultdict(list)
        for service in self.by_name.values():
            grouped[service.signing_name].append(service)
        return {
            name: sorted(services, key=lambda service: (service.name != name, service.name))
            for name, services in grouped.items()
        }

    @cached_property
    def by_target_prefix(self) -> Mapping[str, Sequence[Service]]:
        """The services whose X-Amz-Target begins with each prefix."""
        grouped = defaultdict(list)
        for service in self.by_name.values():
            if service.target_prefix:
                grouped[service.target_prefix].append(service)
        return grouped

    @cached_property
    def by_service_id(self) -> Mapping[str, Service]:
        """By service id as a client writes it in an rpc-v2-cbor path: without spaces."""
        return {service.service_id.replace(" ", ""): service for service in self.by_name.values()}

    @cached_property
    def by_agent_id(self) -> Mapping[str, str]:
        """The services' names by `agent_id` of their service id, as SDKs put it into User-Agent, and of their name."""
        return {agent_id(service.name): service.name for service in self.by_name.values()} | {
            agent_id(service.service_id): service.name for service in self.by_name.values()
        }

    @cached_property
    def by_endpoint_prefix(self) -> Mapping[str, Service]:
        """The services by what their hosts begin with; of several, the one of that name."""
        return {
            service.endpoint_prefix: service
            for service in sorted(self.by_name.values(), key=lambda service: service.name == service.endpoint_prefix)
        }

    def model(self, name: str) -> ServiceModel:
        """The service's model; the first use of a service reads and parses its file (1 to 130 ms)."""
        if name not in self._models:
            with self._lock:
                if name not in self._models:
                    self._models[name] = ServiceModel(self.definition(name), name)
        return self._models[name]

    def definition(self, name: str) -> Mapping[str, Any]:
        """The contents of the service's model file; botocore's loader keeps them after the first call."""
        return cast(Mapping[str, Any], self.loader.load_service_model(name, "service-2"))

    def operation_model(self, service: str, action: str) -> OperationModel | None:
        """The operation's model, or None where the service or the operation is unknown."""
        if service not in self.by_name:
            return None
        try:
            return self.model(service).operation_model(action)
        except (botocore.exceptions.BotoCoreError, OperationNotFoundError):
            return None


def agent_id(text: str) -> str:
    """A service id without its spelling: `Cognito Identity` and `cognito-identity` are both `cognitoidentity`."""
    return "".join(filter(str.isalnum, text.lower()))


def _newest_model(service_folder: Path) -> Path | None:
    files = [*service_folder.glob("*/service-2.json.gz"), *service_folder.glob("*/service-2.json")]
    return max(files, key=lambda file: file.parent.name, default=None)


def _read_service(name: str, model_file: Path) -> Service:
    try:
        return _service(name, _metadata(model_file))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, zlib.error) as error:
        raise ConfigurationError(
            f"The model of {name}, {model_file}, cannot be read: {error or type(error).__name__}. Remove or replace it."
        ) from error


def _metadata(model_file: Path) -> Mapping[str, Any]:
    opener = gzip.open if model_file.suffix == ".gz" else open
    with opener(model_file, "rt", encoding="utf-8") as file:
        head = file.read(MAX_METADATA_CHARACTERS)
        key = head.find('"metadata"')
        try:
            return cast(Mapping[str, Any], json.JSONDecoder().raw_decode(head, head.index("{", key))[0])
        except ValueError:  # the metadata is elsewhere in the file: in a user's own model
            return cast(Mapping[str, Any], json.loads(head + file.read())["metadata"])


def _service(name: str, metadata: Mapping[str, Any]) -> Service:
    return Service(
        name=name,
        service_id=metadata.get("serviceId", name),
        signing_name=metadata.get("signingName", metadata["endpointPrefix"]),
        endpoint_prefix=metadata["endpointPrefix"],
        protocols=tuple(metadata.get("protocols", (metadata["protocol"],))),
        target_prefix=metadata.get("targetPrefix", ""),
        api_version=metadata["apiVersion"],
        json_version=metadata.get("jsonVersion", "1.0"),
        takes_bearer="smithy.api#httpBearerAuth" in metadata.get("auth", ())
        or metadata.get("signatureVersion") == "bearer",
    )
