"""A server that stands as AWS behind TLS: it has every host name, verifies each request, and passes on the good ones.

Knows how AWS words a refusal in each protocol
(https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses,
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html). Does not know operations: those are a moto
server's, which gets each accepted request byte for byte.
"""

import contextlib
import http.client
import json
import re
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from xml.sax.saxutils import escape

from lab.aws_verifier.hosts import virtual_bucket
from lab.aws_verifier.request import S3_FAMILY, Key, Request, parse
from lab.aws_verifier.signatures import Verification, verify
from lab.stand_ins.certificates import HostCertificates, HostContext

_STATUS: Mapping[str, int] = {
    "MissingContentLength": 411,
    "MisdirectedRequest": 421,
    "NotImplemented": 501,
    **dict.fromkeys(
        (
            *("AuthorizationHeaderMalformed", "AuthorizationQueryParametersError", "BadDigest", "BadRequest"),
            *("EntityTooLarge", "EntityTooSmall", "IncompleteBody", "InvalidArgument", "InvalidChunkSizeError"),
            *("InvalidDigest", "InvalidPolicyDocument", "InvalidRequest", "InvalidURI", "MalformedPOSTRequest"),
            *("MalformedTrailerError", "MissingSecurityHeader", "XAmzContentSHA256Mismatch"),
        ),
        400,
    ),
}
"""403 is that of all others."""

_JSON_CODES: Mapping[str, str] = {
    "AccessDenied": "AccessDeniedException",
    "AuthorizationHeaderMalformed": "IncompleteSignatureException",
    "AuthorizationQueryParametersError": "IncompleteSignatureException",
    "InvalidAccessKeyId": "UnrecognizedClientException",
    "InvalidToken": "UnrecognizedClientException",
    "MissingSecurityHeader": "MissingAuthenticationTokenException",
    "RequestTimeTooSkewed": "InvalidSignatureException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}
"""What the JSON and CBOR services call it; those that are not REST have 400 for it."""

_XML_SERVICES = S3_FAMILY | frozenset(
    (
        *("", "autoscaling", "cloudformation", "cloudfront", "cloudsearch", "ec2", "elasticache", "elasticbeanstalk"),
        *("elasticloadbalancing", "elasticmapreduce", "iam", "monitoring", "rds", "redshift", "route53", "sdb", "ses"),
        *("sns", "sqs", "sts"),
    )
)
"""Those that answer in XML unless they are asked in JSON or CBOR."""

_HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One request and what was made of it."""

    verification: Verification
    host: str
    method: str
    target: str
    head: bytes
    body: bytes


@dataclass
class VerifyingServer:
    """A server on a free loopback port, running inside a `with` statement."""

    keys: dict[str, Key]
    relay_to: int
    """The port of the moto server on 127.0.0.1."""
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    accepted: list[Seen] = field(default_factory=list)
    refused: list[Seen] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="verifying-server-")
        self._certificates = HostCertificates(Path(self._folder.name))
        self.ca_file = self._certificates.authority
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(5)
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            thread = threading.Thread(target=self._handshake, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _handshake(self, connection: socket.socket) -> None:
        context = self._certificates.context("")
        context.sni_callback = self._choose
        connection.settimeout(60)
        # ValueError: a chunk size that is none.
        with (
            contextlib.suppress(OSError, ValueError),
            connection,
            context.wrap_socket(connection, server_side=True) as secured,
        ):
            self._open.add(secured)
            try:
                self._serve(secured)
            finally:
                self._open.discard(secured)
        self._open.discard(connection)

    def _choose(self, secured: ssl.SSLSocket | ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        secured.context = self._certificates.context(name or "")

    def _serve(self, secured: ssl.SSLSocket) -> None:
        assert isinstance(secured.context, HostContext)
        sni = secured.context.host
        with secured.makefile("rb") as stream:
            while head := _read_head(stream):
                request = parse(head, b"")
                if (request.header("expect") or "").lower() == "100-continue":
                    secured.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                sent, body = _read_body(stream, request)
                secured.sendall(self._answer(sni, head, sent, body))
                if (request.header("connection") or "").lower() == "close":
                    return

    def _answer(self, sni: str, head: bytes, sent: bytes, body: bytes) -> bytes:
        now = self.clock()
        request = parse(head, body)
        if request.host.partition(":")[0].lower() != sni.lower():
            message = f"the Host is {request.host!r}, the name of the TLS connection {sni!r}"
            verification = Verification(accepted=False, code="MisdirectedRequest", message=message)
        else:
            verification = verify(head, body, self.keys, now)
        seen = Seen(verification, request.host, request.method, request.target, head, body)
        if not verification.accepted:
            self.refused.append(seen)
            return _refusal(request, verification, now)
        self.accepted.append(seen)
        return self._relay(request.method, _in_path_style(request, head) + b"\r\n\r\n" + sent)

    def _relay(self, method: str, message: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.relay_to), 60) as relay:
            relay.sendall(message)
            with contextlib.closing(http.client.HTTPResponse(relay, method=method)) as response:
                response.begin()
                body = response.read()
                headers = [(name, value) for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP]
                length = response.getheader("content-length") if method == "HEAD" else str(len(body))
                return _response(response.status, response.reason, [*headers, ("Content-Length", length or "0")], body)


def _in_path_style(request: Request, head: bytes) -> bytes:
    """The head with an S3 bucket in the path: moto loses slashes that begin a key when the bucket is in the host."""
    host = request.host.partition(":")[0]
    bucket = virtual_bucket(host)
    if not bucket:
        return head
    line, _, rest = head.partition(b"\r\n")
    method, target, version = line.split(b" ")
    plain_host = host.removeprefix(f"{bucket}.").encode()
    rest = re.sub(rb"(?im)^host:[^\r\n]*", b"Host: " + plain_host, rest)
    return method + b" /" + bucket.encode() + target + b" " + version + b"\r\n" + rest


def _read_head(stream: BinaryIO) -> bytes:
    """The request line and header lines as sent, without the empty line; nothing at the end of the connection."""
    lines = []
    while (line := stream.readline()) not in (b"\r\n", b"\n", b""):
        lines.append(line)
    return b"".join(lines).removesuffix(b"\r\n")


def _read_body(stream: BinaryIO, request: Request) -> tuple[bytes, bytes]:
    """The body as sent, and without HTTP's chunks."""
    if (request.header("transfer-encoding") or "").lower() != "chunked":
        length = request.header("content-length") or "0"
        body = stream.read(int(length) if length.isdecimal() else 0)
        return body, body
    sent, decoded = bytearray(), bytearray()
    while True:
        line = stream.readline()
        size = int(line.partition(b";")[0], 16)
        data = stream.read(size)
        end = stream.readline()
        sent += line + data + end
        decoded += data
        if not size:
            while end not in (b"\r\n", b""):
                end = stream.readline()
                sent += end
            return bytes(sent), bytes(decoded)


def _response(status: int, reason: str, headers: list[tuple[str, str]], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def _refusal(request: Request, verification: Verification, now: datetime) -> bytes:
    """AWS's answer in the protocol of the request."""
    kind = request.media_type()
    is_rpc = "cbor" in kind or request.header("x-amz-target") is not None
    is_cbor, is_json = "cbor" in kind, is_rpc or "json" in kind
    is_json = is_json or (not kind and verification.service not in _XML_SERVICES)
    code, message = verification.code, verification.message
    status = _STATUS.get(code, 403)
    if is_json:
        code, status = _JSON_CODES.get(code, code), 400 if is_rpc and status == 403 else status
    if is_cbor:
        kind, body = "application/cbor", _cbor({"__type": code, "message": message})
    elif is_json:
        kind, body = "application/x-amz-json-1.1", json.dumps({"__type": code, "message": message}).encode()
    else:
        kind, body = "application/xml", _xml(verification).encode()
    headers = [
        ("x-amzn-ErrorType", code),
        ("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000"),
        ("Date", format_datetime(now.astimezone(UTC), usegmt=True)),
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
    ]
    if is_cbor:
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
    return _response(
        status, http.client.responses.get(status, "Refused"), headers, b"" if request.method == "HEAD" else body
    )


_QUERY_CODES = {"InvalidAccessKeyId": "InvalidClientTokenId", "InvalidToken": "InvalidClientTokenId"}
"""What the services of the query protocol call it."""


def _xml(verification: Verification) -> str:
    code = (
        verification.code
        if verification.service in S3_FAMILY
        else _QUERY_CODES.get(verification.code, verification.code)
    )
    error = f"<Code>{escape(code)}</Code><Message>{_printable(verification.message)}</Message>"
    if verification.service in S3_FAMILY:
        text = f"<Error>{error}<RequestId>0</RequestId><HostId>0</HostId></Error>"
    elif verification.service in ("ec2", "sdb"):
        text = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>0</RequestID></Response>"
    else:
        error = f"<Error><Type>Sender</Type>{error}</Error><RequestId>0</RequestId>"
        text = f"<ErrorResponse>{error}</ErrorResponse>"
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + text


def _printable(text: str) -> str:
    return escape("".join(character if character.isprintable() or character == "\n" else "?" for character in text))


def _cbor(fields: Mapping[str, str]) -> bytes:
    """A map of text strings (RFC 8949)."""
    parts = [bytes((0xA0 | len(fields),))]
    for text in (text_string for pair in fields.items() for text_string in pair):
        data = text.encode()
        parts += [b"\x7a", len(data).to_bytes(4, "big"), data]
    return b"".join(parts)
