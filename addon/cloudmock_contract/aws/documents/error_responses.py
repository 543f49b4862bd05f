"""An error reply in the words of a service's own protocol, so that the app's SDK raises it as it raises AWS's errors.

This file does not know why there is an error.
Sources: https://smithy.io/2.0/aws/protocols/index.html, and for S3
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from xml.sax.saxutils import escape

import cbor2

from cloudmock_contract.aws.wire import cbor
from cloudmock_contract.values.http import Headers, Reply
from cloudmock_contract.values.operation import Operation

SENDER, RECEIVER = "Sender", "Receiver"
"""Whose fault the query protocol says an error is: the caller's, or the service's."""


_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may have (https://www.w3.org/TR/xml/#charsets); lone surrogates are among them."""

_DENIALS: Mapping[str, tuple[int, str]] = {
    "json": (400, "AccessDeniedException"),
    "rest-json": (403, "AccessDeniedException"),
    "smithy-rpc-v2-cbor": (403, "AccessDeniedException"),
    "query": (403, "AccessDenied"),
    "rest-xml": (403, "AccessDenied"),
    "ec2": (403, "UnauthorizedOperation"),
}
"""The status and code of a denial by IAM, by protocol. All of JSON's errors have the status 400."""

_OWN_DENIALS: Mapping[str, tuple[int, str]] = {
    "cloudwatch": (403, "AccessDenied"),
    "sns": (403, "AuthorizationError"),
    "sqs": (403, "AccessDenied"),
}
"""The same by service: one has a code of its own, the others have query's code in later protocols as well."""

_QUERY_COMPATIBLE = frozenset(("cloudwatch", "sqs"))
"""Services that give query's code in a header, for SDKs that still go by it.
(https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait)"""


def error_response(
    operation: Operation, status: int, code: str, message: str, request_id: str, asked_in: str = ""
) -> Reply:
    """The reply to a request for this operation; one whose protocol is unknown gets JSON.

    `asked_in`: the request's content type, which says the notation where a protocol has two.
    """
    message = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", message)
    protocol = _protocol(operation)
    write = _s3 if operation.service == "s3" else _WRITERS[protocol]
    content_type, body = write(status, code, message, request_id)
    if protocol == "json" and cbor.is_cbor(asked_in):
        content_type, body = cbor.CONTENT_TYPE, _cbor(status, code, message, request_id)[1]
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


def denial_response(operation: Operation, message: str, request_id: str, asked_in: str = "") -> Reply:
    """The reply of a service that denies the caller this; SDKs do not try again. `message`: why."""
    status, code = _OWN_DENIALS.get(operation.service) or _DENIALS[_protocol(operation)]
    reply = error_response(operation, status, code, message, request_id, asked_in)
    if operation.service in _QUERY_COMPATIBLE and operation.protocol != "query":
        return replace(reply, headers=reply.headers.adding(("x-amzn-query-error", f"{code};{SENDER}")))
    return reply


def _protocol(operation: Operation) -> str:
    return operation.protocol or ("rest-xml" if operation.service == "s3" else "rest-json")


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
