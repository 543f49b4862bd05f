"""boto3 clients for the tests: no retries, keys of their own, any endpoint."""

from typing import Any

import boto3
from botocore.config import Config

ACCESS_KEY, SECRET_KEY, TOKEN = "AKIACLIENTSOWNKEY", "the-clients-own-secret", "the-clients-own-token"


def client(service: str, url: str, region: str = "us-east-1", **settings: Any) -> Any:
    """A client that asks once."""
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=60, read_timeout=60, **settings)
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        aws_session_token=TOKEN,
        config=config,
    )
