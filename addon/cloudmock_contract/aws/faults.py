"""An error reply in the words of a service's own protocol, so that the app's SDK raises it as it raises AWS's errors.

This file does not know why there is an error.
Sources: https://smithy.io/2.0/aws/protocols/index.html, and for S3
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import json
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

import cbor2

from cloudmock_contract.exchange import Headers, Operation, Reply

SENDER, RECEIVER = "Sender", "Receiver"
"""Whose fault the query protocol says an error is: the caller's, or the service's."""


def fault(operation: Operation, status: int, code: str, message: str, request_id: str) -> Reply:
    """The reply to a request for this operation; one whose protocol is unknown gets JSON."""
    message = message.encode("utf-8", "replace").decode()
    protocol = operation.protocol or ("rest-xml" if operation.service == "s3" else "rest-json")
    write = _s3 if operation.service == "s3" else _WRITERS[protocol]
    content_type, body = write(status, code, message, request_id)
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", request_id),
    ]
    if protocol == "rest-json":
        headers.append(("x-amzn-ErrorType", code))
    if protocol == "smithy-rpc-v2-cbor":
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
    return Reply(status, Headers(tuple(headers)), body)


def _json(_status: int, code: str, message: str, _request_id: str) -> tuple[str, bytes]:
    return "application/x-amz-json-1.0", json.dumps({"__type": code, "message": message}).encode()


def _rest_json(_status: int, code: str, message: str, _request_id: str) -> tuple[str, bytes]:
    return "application/json", json.dumps({"code": code, "message": message}).encode()


def _cbor(_status: int, code: str, message: str, _request_id: str) -> tuple[str, bytes]:
    return "application/cbor", cbor2.dumps({"__type": code, "message": message})


def _query(status: int, code: str, message: str, request_id: str) -> tuple[str, bytes]:
    fault_of = SENDER if status < 500 else RECEIVER
    return "text/xml", (
        f"<ErrorResponse><Error><Type>{fault_of}</Type><Code>{escape(code)}</Code>"
        f"<Message>{escape(message)}</Message></Error><RequestId>{escape(request_id)}</RequestId></ErrorResponse>"
    ).encode()


def _ec2(_status: int, code: str, message: str, request_id: str) -> tuple[str, bytes]:
    return "text/xml;charset=UTF-8", (
        f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error></Errors>"
        f"<RequestID>{escape(request_id)}</RequestID></Response>"
    ).encode()


def _s3(_status: int, code: str, message: str, request_id: str) -> tuple[str, bytes]:
    return "application/xml", (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        f"<RequestId>{escape(request_id)}</RequestId></Error>"
    ).encode()


_WRITERS: Mapping[str, Callable[[int, str, str, str], tuple[str, bytes]]] = {
    "json": _json,
    "rest-json": _rest_json,
    "smithy-rpc-v2-cbor": _cbor,
    "query": _query,
    "ec2": _ec2,
    "rest-xml": _query,
}
