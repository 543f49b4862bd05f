"""Makes calls with boto3 and counts them. The endpoint comes from AWS_ENDPOINT_URL, as with any app."""

import os
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"total_max_attempts": 1})


class Caller:
    """Makes calls and counts them; an error reply is a reply."""

    def __init__(self) -> None:
        self.count = 0
        self._session = boto3.Session(
            aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "demo"),
            aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "demo"),
            region_name=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        )

    def client(self, service: str) -> Callable[..., dict[str, Any]]:
        """A function that calls an operation of the service: `dynamodb("get_item", TableName=…)`."""
        client = self._session.client(service, config=CONFIG)

        def call(operation: str, **parameters: object) -> dict[str, Any]:
            self.count += 1
            try:
                reply: dict[str, Any] = getattr(client, operation)(**parameters)
            except ClientError as error:
                return dict(error.response)
            if "Body" in reply:
                reply["Body"] = reply["Body"].read()
            return reply

        return call
