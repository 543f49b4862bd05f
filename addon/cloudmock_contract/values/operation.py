"""What a request asks for, by AWS's names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks for, and of which service."""

    service: str
    """botocore's name of the service (`dynamodb`, `stepfunctions`), or the signing name of one it does not know."""
    action: str
    """The operation's name, or method and path where no model names one."""
    protocol: str
    """`json`, `query`, `ec2`, `rest-json`, `rest-xml`, `smithy-rpc-v2-cbor`; empty where no model names one."""
    signing_name: str
    """The service in the credential scope (`states` for stepfunctions)."""
    region: str = ""
    """The region in the client's credential scope; empty where the request has none."""
    bucket: str = ""
    """The S3 bucket, for S3 requests that name one."""

    @property
    def name(self) -> str:
        """As reports and rules write it: `dynamodb.PutItem`."""
        return f"{self.service}.{self.action}"

    @property
    def is_modelled(self) -> bool:
        return bool(self.protocol)


UNNAMED = Operation("unknown", "unknown", "", "")
"""What a request asks for that could not be made out."""
