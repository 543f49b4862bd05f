"""Workloads with real AWS clients: each runs against an endpoint URL and checks every answer.

A workload makes what it needs under the name that it is given, and removes it. Whatever is not as expected raises
AssertionError with what the client said.

This file knows the clients and what AWS answers to them. It does not know what is behind the URL: a proxy, an emulator
or AWS. A server that verifies nothing is told by `refuses=False`.
"""

import atexit
import base64
import contextlib
import functools
import hashlib
import http.client
import io
import json
import os
import shutil
import subprocess
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from lab.stand_ins import servers

AWS_CLI = "awscli==1.46.3"
"""In an environment of its own, because it pins its own botocore."""

CLIENT_SECONDS = 120.0
"""For one command; a client that hangs is a failure and not a test that never ends."""

MEBIBYTE = 1024 * 1024

KEYS = (
    "plain",
    "a space.txt",
    "é/日本.txt",
    "100%",
    "a%2Fb",
    "a%20b+c d",
    "a+b",
    "a//b",
    "./x",
    "a/./b",
    "a/../b",
    "/x",
    "//y/",
    "a..b/..c/d..",
    "...",
    "folder/",
    "😀/👩‍🚀",
    ";:@&=$,?#'()*!~",
    '"<>[]{}|\\^`',
    "a?versionId=1&acl",
    "a\tb",
)
"""Object keys that are lost where a path is decoded, normalised or encoded once too often or too seldom."""

FILES = tuple(key for key in KEYS if not {"", ".", ".."} & set(key.split("/")) and not set(key) & set('\\"|<>\t'))
"""Those of the keys that can be paths of files."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What the client signs with; without a token they are a user's own."""

    access: str
    secret: str
    token: str = ""


class Workload(Protocol):
    """Many calls; `name` is the bucket's, the table's, the queue's…"""

    def __call__(self, url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def missing(client: str) -> str:
    """Why the client cannot be run here, empty if it can: "rclone is not installed"."""
    if client in {"rclone", "s3cmd"}:
        return "" if shutil.which(client) else f"{client} is not installed"
    if client == "javascript":
        absent = [program for program in ("node", "npm") if not shutil.which(program)]
        return f"{' and '.join(absent)} not installed" if absent else _javascript()[1]
    if client == "aws_cli":
        return _aws()[1]
    return ""


# What the workloads are made of


def _same(actual: object, expected: object, what: str) -> None:
    if actual != expected:
        raise AssertionError(f"{what}: {_short(actual)} instead of {_short(expected)}")


def _true(condition: object, what: str) -> None:
    if not condition:
        raise AssertionError(what)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 2000 else f"{text[:1000]} … {text[-900:]} ({len(text)} characters)"


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """As a decorator: what boto3 or the connection raises becomes an AssertionError."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        operation = getattr(error, "operation_name", "boto3")
        raise AssertionError(f"{operation}: {error!r} {getattr(error, 'response', '')}") from error
    except (OSError, http.client.HTTPException) as error:
        raise AssertionError(f"The connection: {error!r}") from error


def _client(service: str, url: str, keys: Keys, region: str, **settings: Any) -> Any:
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=60, read_timeout=60, **settings)
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=keys.access,
        aws_secret_access_key=keys.secret,
        aws_session_token=keys.token or None,
        config=config,
    )


def _s3(url: str, keys: Keys, region: str, **settings: Any) -> Any:
    return _client("s3", url, keys, region, s3={"addressing_style": "path"}, **settings)


def _refused(call: Callable[[], object], status: int, *codes: str) -> None:
    """The call ends with this error: a status, and one of the codes if there are any."""
    try:
        answer = call()
    except ClientError as error:
        actual, code = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
        _true(actual == status and (not codes or code in codes), f"{status} {codes} expected: {error.response}")
    else:
        raise AssertionError(f"{status} {codes} expected: {_short(answer)}")


@contextlib.contextmanager
def _bucket(s3: Any, name: str) -> Iterator[None]:
    """The bucket is there inside the `with` statement; nothing is left of it."""
    region = s3.meta.region_name
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **where)
    try:
        yield
    finally:
        keys = [entry["Key"] for page in _pages(s3, name) for entry in page.get("Contents", ())]
        for key in keys:
            s3.delete_object(Bucket=name, Key=key)
        s3.delete_bucket(Bucket=name)


def _pages(s3: Any, name: str, **settings: Any) -> Iterable[dict[str, Any]]:
    pages: Iterable[dict[str, Any]] = s3.get_paginator("list_objects_v2").paginate(Bucket=name, **settings)
    return pages


def _fetch(method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    """One request, its target as the URL has it: no library tidies the path."""
    parts = urlsplit(url)
    target = url.removeprefix(f"{parts.scheme}://{parts.netloc}") or "/"
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        connection.request(method, target, body or None, dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def _content(key: str) -> bytes:
    return f"body of {key}\r\n".encode() * 3


# boto3: S3


@_told()
def boto3_s3(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """Objects with awkward keys: put, get, head, copy, tag, list and delete; a missing one; metadata and ranges."""
    s3 = _s3(url, keys, region)
    with _bucket(s3, name):
        for key in KEYS:
            s3.put_object(Bucket=name, Key=key, Body=_content(key), ContentType="text/x-awkward")
            _same(s3.get_object(Bucket=name, Key=key)["Body"].read(), _content(key), f"GetObject {key!r}")
            head = s3.head_object(Bucket=name, Key=key)
            _same(head["ContentLength"], len(_content(key)), f"HeadObject {key!r}")
            _same(head["ContentType"], "text/x-awkward", f"HeadObject {key!r}")
        _listings(s3, name)
        for key in KEYS:
            s3.copy_object(Bucket=name, Key=f"copies/{key}", CopySource={"Bucket": name, "Key": key})
            copied = s3.get_object(Bucket=name, Key=f"copies/{key}")["Body"].read()
            _same(copied, _content(key), f"CopyObject {key!r}")
        _tags(s3, name)
        for key in KEYS:
            s3.delete_object(Bucket=name, Key=key)
        _refused(lambda: s3.head_object(Bucket=name, Key="plain"), 404)
        _refused(lambda: s3.get_object(Bucket=name, Key="plain"), 404, "NoSuchKey")
        objects = [{"Key": f"copies/{key}"} for key in KEYS]
        deleted = s3.delete_objects(Bucket=name, Delete={"Objects": objects})
        _same({entry["Key"] for entry in deleted["Deleted"]}, {entry["Key"] for entry in objects}, "DeleteObjects")
        _same(s3.list_objects_v2(Bucket=name)["KeyCount"], 0, "ListObjectsV2 of an empty bucket")
        _properties(s3, name)


def _listings(s3: Any, name: str) -> None:
    keys_of_pages = {
        entry["Key"] for page in _pages(s3, name, PaginationConfig={"PageSize": 4}) for entry in page["Contents"]
    }
    _same(keys_of_pages, set(KEYS), "ListObjectsV2 in pages")
    first = {entry["Key"] for entry in s3.list_objects(Bucket=name)["Contents"]}
    _same(first, set(KEYS), "ListObjects")
    for key in ("日本/é 1", "日本/é 2/x", "日本/é 2/y", "日本/+"):
        s3.put_object(Bucket=name, Key=key, Body=b"")
    page = s3.list_objects_v2(Bucket=name, Prefix="日本/é", Delimiter="/")
    _same([entry["Key"] for entry in page["Contents"]], ["日本/é 1"], "ListObjectsV2 with a prefix and a delimiter")
    _same([prefix["Prefix"] for prefix in page["CommonPrefixes"]], ["日本/é 2/"], "ListObjectsV2, common prefixes")
    _same(page["Prefix"], "日本/é", "ListObjectsV2, the prefix")
    page = s3.list_objects_v2(Bucket=name, Prefix="日本/", Delimiter="é ", EncodingType="url")
    _same([prefix["Prefix"] for prefix in page["CommonPrefixes"]], [quote("日本/é ")], "ListObjectsV2, encoded")
    for key in ("日本/é 1", "日本/é 2/x", "日本/é 2/y", "日本/+"):
        s3.delete_object(Bucket=name, Key=key)


def _tags(s3: Any, name: str) -> None:
    tags = [{"Key": "a+b =c", "Value": "1/2 @d:_-."}]
    s3.put_object_tagging(Bucket=name, Key="a%2Fb", Tagging={"TagSet": tags})
    _same(s3.get_object_tagging(Bucket=name, Key="a%2Fb")["TagSet"], tags, "GetObjectTagging")
    s3.delete_object_tagging(Bucket=name, Key="a%2Fb")
    _same(s3.get_object_tagging(Bucket=name, Key="a%2Fb")["TagSet"], [], "GetObjectTagging after DeleteObjectTagging")


def _properties(s3: Any, name: str) -> None:
    everything = bytes(range(256)) * 1000
    s3.put_object(
        Bucket=name,
        Key="properties",
        Body=everything,
        CacheControl="no-store",
        ContentDisposition='attachment; filename="a b.bin"',
        Metadata={"one": "1  2", "two": "a,b"},
    )
    answer = s3.get_object(Bucket=name, Key="properties", Range="bytes=100-355")
    _same(answer["Body"].read(), everything[100:356], "GetObject of a range")
    _same(answer["ResponseMetadata"]["HTTPStatusCode"], 206, "GetObject of a range")
    _same(answer["CacheControl"], "no-store", "Cache-Control")
    _same(answer["ContentDisposition"], 'attachment; filename="a b.bin"', "Content-Disposition")
    _same(answer["Metadata"]["two"], "a,b", "metadata")
    etag = answer["ETag"]
    _refused(lambda: s3.get_object(Bucket=name, Key="properties", IfNoneMatch=etag), 304)
    _refused(lambda: s3.get_object(Bucket=name, Key="properties", IfMatch='"0"'), 412, "PreconditionFailed")


@_told()
def boto3_multipart(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """An object in three parts, one of which is copied; an upload that is aborted."""
    s3 = _s3(url, keys, region)
    key = "in parts/é+%.bin"
    parts = [os.urandom(5 * MEBIBYTE), os.urandom(5 * MEBIBYTE), b"the end"]
    with _bucket(s3, name):
        upload = s3.create_multipart_upload(Bucket=name, Key=key, Metadata={"in": "parts"})["UploadId"]
        uploaded: list[dict[str, object]] = []
        for number, part in enumerate(parts, 1):
            answer = s3.upload_part(Bucket=name, Key=key, UploadId=upload, PartNumber=number, Body=part)
            _same(answer["ETag"], f'"{hashlib.md5(part).hexdigest()}"', f"UploadPart {number}")
            uploaded.append({"PartNumber": number, "ETag": answer["ETag"]})
        sizes = [part["Size"] for part in s3.list_parts(Bucket=name, Key=key, UploadId=upload)["Parts"]]
        _same(sizes, [len(part) for part in parts], "ListParts")
        s3.complete_multipart_upload(Bucket=name, Key=key, UploadId=upload, MultipartUpload={"Parts": uploaded})
        read = s3.get_object(Bucket=name, Key=key)["Body"].read()
        _true(read == b"".join(parts), "GetObject of the object in parts: another body")

        upload = s3.create_multipart_upload(Bucket=name, Key="copied")["UploadId"]
        source = {"Bucket": name, "Key": key}
        copied = s3.upload_part_copy(
            Bucket=name, Key="copied", UploadId=upload, PartNumber=1, CopySource=source, CopySourceRange="bytes=0-9"
        )
        uploaded = [{"PartNumber": 1, "ETag": copied["CopyPartResult"]["ETag"]}]
        s3.complete_multipart_upload(Bucket=name, Key="copied", UploadId=upload, MultipartUpload={"Parts": uploaded})
        _same(s3.get_object(Bucket=name, Key="copied")["Body"].read(), parts[0][:10], "UploadPartCopy")

        upload = s3.create_multipart_upload(Bucket=name, Key=key)["UploadId"]
        s3.abort_multipart_upload(Bucket=name, Key=key, UploadId=upload)
        _refused(lambda: s3.list_parts(Bucket=name, Key=key, UploadId=upload), 404, "NoSuchUpload")

        stream = io.BytesIO(b"".join(parts))
        s3.upload_fileobj(stream, name, "by the transfer manager")
        target = io.BytesIO()
        s3.download_fileobj(name, "by the transfer manager", target)
        _true(target.getvalue() == b"".join(parts), "upload_fileobj and download_fileobj: another body")


@_told()
def boto3_s3_presigned(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """URLs signed in the query, in version 4 and in boto3's own default, and forms; an expired one is refused."""
    s3 = _s3(url, keys, region, signature_version="s3v4")
    default = _s3(url, keys, region)
    with _bucket(s3, name):
        s3.put_object(Bucket=name, Key="early", Body=b"early")
        expired = s3.generate_presigned_url("get_object", {"Bucket": name, "Key": "early"}, ExpiresIn=1)
        signed_at = time.monotonic()
        _true("X-Amz-Signature=" in expired, f"not signed in version 4: {expired}")
        for key in KEYS:
            _presigned_object(s3, name, key)
        for key in KEYS:
            _presigned_object(default, name, key)
        _presigned_headers(s3, name)
        _presigned_headers(default, name)
        _presigned_post(s3, name, "x-amz-signature")
        _presigned_post(default, name, "policy")
        time.sleep(max(0.0, signed_at + 2.1 - time.monotonic()))
        if refuses:
            answer = _fetch("GET", expired)
            _same(answer.status, 403, f"GET of an expired URL, {answer.body!r}")
            _true(b"AccessDenied" in answer.body, f"GET of an expired URL: {answer.body!r}")


def _presigned_object(s3: Any, name: str, key: str) -> None:
    where = {"Bucket": name, "Key": key}
    put = _fetch("PUT", s3.generate_presigned_url("put_object", where), _content(key))
    _same(put.status, 200, f"presigned PUT of {key!r}, {put.body!r}")
    stored = s3.get_object(Bucket=name, Key=key)["Body"].read()
    _same(stored, _content(key), f"GetObject after the presigned PUT of {key!r}")
    got = _fetch("GET", s3.generate_presigned_url("get_object", where))
    _same((got.status, got.body), (200, _content(key)), f"presigned GET of {key!r}")
    head = _fetch("HEAD", s3.generate_presigned_url("head_object", where))
    length = head.headers.get("content-length")
    _same((head.status, length, head.body), (200, str(len(_content(key))), b""), f"presigned HEAD of {key!r}")
    deleted = _fetch("DELETE", s3.generate_presigned_url("delete_object", where))
    _same(deleted.status, 204, f"presigned DELETE of {key!r}, {deleted.body!r}")
    _same(_fetch("GET", s3.generate_presigned_url("get_object", where)).status, 404, f"presigned GET after, {key!r}")


def _presigned_headers(s3: Any, name: str) -> None:
    """Headers that are signed on the way in, and those that the query asks for on the way out."""
    where = {"Bucket": name, "Key": "with headers/é+"}
    put_url = s3.generate_presigned_url("put_object", {**where, "ContentType": "text/csv", "Metadata": {"a": "1 2"}})
    put = _fetch("PUT", put_url, b"a,b", {"Content-Type": "text/csv", "x-amz-meta-a": "1 2"})
    _same(put.status, 200, f"presigned PUT with signed headers, {put.body!r}")
    head = s3.head_object(**where)
    _same((head["ContentType"], head["Metadata"]), ("text/csv", {"a": "1 2"}), "presigned PUT with signed headers")
    overrides = {
        "ResponseContentType": "text/x-other; charset=utf-8",
        "ResponseContentDisposition": 'attachment; filename="a b+%.csv"',
    }
    got = _fetch("GET", s3.generate_presigned_url("get_object", {**where, **overrides}))
    _same((got.status, got.body), (200, b"a,b"), "presigned GET with overrides")
    _same(got.headers.get("content-type"), overrides["ResponseContentType"], "response-content-type")
    _same(
        got.headers.get("content-disposition"), overrides["ResponseContentDisposition"], "response-content-disposition"
    )
    ranged = _fetch("GET", s3.generate_presigned_url("get_object", where), headers={"Range": "bytes=2-2"})
    _same((ranged.status, ranged.body), (206, b"b"), "presigned GET of a range")


def _presigned_post(s3: Any, name: str, field: str) -> None:
    """A form with this field and others."""
    post = s3.generate_presigned_post(
        name,
        "posted/é ${filename}",
        Fields={"Content-Type": "text/x-posted", "x-amz-meta-a": "1"},
        Conditions=[
            {"Content-Type": "text/x-posted"},
            {"x-amz-meta-a": "1"},
            ["starts-with", "$key", "posted/"],
            ["content-length-range", 1, 1000],
        ],
    )
    _true(field in post["fields"], f"GeneratePresignedPost without {field}: {post}")
    boundary = "----the-boundary"
    lines: list[bytes] = []
    for key, value in post["fields"].items():
        lines += [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()]
    lines += [f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a b.txt"\r\n'.encode()]
    lines += [b"Content-Type: text/x-posted\r\n\r\nthe\r\n\x00file\r\n", f"--{boundary}--\r\n".encode()]
    content_type = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = _fetch("POST", post["url"], b"".join(lines), content_type)
    _same(answer.status, 204, f"presigned POST, {answer.body!r}")
    posted = s3.get_object(Bucket=name, Key="posted/é a b.txt")
    _same(posted["Body"].read(), b"the\r\n\x00file", "GetObject after the presigned POST")
    _same((posted["ContentType"], posted["Metadata"]), ("text/x-posted", {"a": "1"}), "presigned POST, its fields")


# boto3: what no option of boto3 sends over plain HTTP


@_told()
def boto3_s3_raw(
    url: str,
    keys: Keys,
    region: str,
    name: str,
    *,
    refuses: bool = True,
    refusal: str = "XAmzContentSHA256Mismatch",
) -> None:
    """aws-chunked bodies in their three kinds, a body that is not signed, and one that is not what is signed."""
    s3 = _s3(url, keys, region)
    body = os.urandom(64 * 1024) + b"\r\n0\r\n\r\n" + os.urandom(70 * 1024)
    with _bucket(s3, name):
        for key, upload in (
            ("chunks/é unsigned, trailer", _unsigned_trailer),
            ("chunks/é signed", _signed_chunks),
            ("chunks/é signed, trailer", _signed_trailer),
        ):
            for content in (body, b"", b"short"):
                answer = upload(_Put(url, keys, region, name, key), content)
                _same(answer.status, 200, f"PUT of {key!r}, {answer.body!r}")
                stored = s3.get_object(Bucket=name, Key=key)
                _true(stored["Body"].read() == content, f"GetObject of {key!r}: another body")
                _true("aws-chunked" not in stored.get("ContentEncoding", ""), f"{key!r} is stored as aws-chunked")
        put = _Put(url, keys, region, name, "not signed")
        put.sign("UNSIGNED-PAYLOAD", {})
        _same(put.send(body).status, 200, "PUT of an unsigned body")
        _true(s3.get_object(Bucket=name, Key="not signed")["Body"].read() == body, "an unsigned body: another one")
        if refuses:
            put = _Put(url, keys, region, name, "tampered")
            put.sign(hashlib.sha256(b"the body").hexdigest(), {})
            answer = put.send(b"another body")
            _same(answer.status, 400, f"PUT of a tampered body, {answer.body!r}")
            _true(f"<Code>{refusal}</Code>".encode() in answer.body, f"PUT of a tampered body: {answer.body!r}")
            _refused(lambda: s3.get_object(Bucket=name, Key="tampered"), 404, "NoSuchKey")


class _Put:
    """PutObject by hand: signed in version 4, in the header, with any statement on its body."""

    def __init__(self, url: str, keys: Keys, region: str, bucket: str, key: str) -> None:
        self._url = f"{url}/{bucket}/{quote(key, safe='/~')}"
        self._auth = S3SigV4Auth(Credentials(keys.access, keys.secret, keys.token or None), "s3", region)
        self._request = AWSRequest("PUT", self._url)

    def sign(self, payload: str, headers: Mapping[str, str]) -> str:
        """State what the body is; the signature."""
        self._request = AWSRequest("PUT", self._url, headers=dict(headers))
        self._auth.payload = lambda _request: payload
        self._auth.add_auth(self._request)
        return str(self._request.headers["Authorization"]).rpartition("=")[2]

    def follow(self, kind: str, previous: str, *hashes: str) -> str:
        """The signature of a chunk or of the trailers after one with this signature."""
        scope = self._auth.credential_scope(self._request)
        text = "\n".join((kind, self._request.context["timestamp"], scope, previous, *hashes))
        return str(self._auth.signature(text, self._request))

    def send(self, body: bytes) -> Answer:
        return _fetch("PUT", self._url, body, {**dict(self._request.headers.items()), "Content-Length": str(len(body))})


def _checksum(content: bytes) -> str:
    return base64.b64encode(zlib.crc32(content).to_bytes(4)).decode()


def _chunks(content: bytes) -> list[bytes]:
    size = 64 * 1024  # S3 wants at least 8 KiB in each but the last
    return [content[start : start + size] for start in range(0, len(content), size)]


def _unsigned_trailer(put: _Put, content: bytes) -> Answer:
    put.sign(
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        {
            "Content-Encoding": "aws-chunked",
            "X-Amz-Decoded-Content-Length": str(len(content)),
            "X-Amz-Trailer": "x-amz-checksum-crc32",
        },
    )
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in _chunks(content))
    return put.send(framed + f"0\r\nx-amz-checksum-crc32:{_checksum(content)}\r\n\r\n".encode())


def _signed_chunks(put: _Put, content: bytes) -> Answer:
    headers = {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": str(len(content))}
    seed = put.sign("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", headers)
    framed, _ = _with_signatures(put, seed, content)
    return put.send(framed + b"\r\n")


def _signed_trailer(put: _Put, content: bytes) -> Answer:
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": str(len(content)),
        "X-Amz-Trailer": "x-amz-checksum-crc32",
    }
    seed = put.sign("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", headers)
    framed, last = _with_signatures(put, seed, content)
    trailer = f"x-amz-checksum-crc32:{_checksum(content)}"
    signature = put.follow("AWS4-HMAC-SHA256-TRAILER", last, hashlib.sha256(f"{trailer}\n".encode()).hexdigest())
    return put.send(framed + f"{trailer}\r\nx-amz-trailer-signature:{signature}\r\n\r\n".encode())


def _with_signatures(put: _Put, seed: str, content: bytes) -> tuple[bytes, str]:
    """The chunks up to the line of the empty one, and the signature of that."""
    framed, signature = b"", seed
    empty = hashlib.sha256().hexdigest()
    for chunk in (*_chunks(content), b""):
        signature = put.follow("AWS4-HMAC-SHA256-PAYLOAD", signature, empty, hashlib.sha256(chunk).hexdigest())
        framed += f"{len(chunk):x};chunk-signature={signature}\r\n".encode()
        framed += chunk + b"\r\n" if chunk else b""
    return framed, signature


# boto3: other services


@_told()
def boto3_dynamodb(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """A table with items of all types, a query and a condition that fails."""
    dynamodb = _client("dynamodb", url, keys, region)
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    item = {
        "id": {"S": "é 日本 😀"},
        "at": {"N": "12345678901234567890.5"},
        "bytes": {"B": bytes(range(256))},
        "more": {"M": {"list": {"L": [{"BOOL": True}, {"NULL": True}]}, "set": {"SS": ["a"]}}},
    }
    dynamodb.put_item(TableName=name, Item=item)
    key = {"id": item["id"], "at": item["at"]}
    _same(dynamodb.get_item(TableName=name, Key=key)["Item"], item, "GetItem")
    condition = {"KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": item["id"]}}
    _same(dynamodb.query(TableName=name, **condition)["Items"], [item], "Query")
    _refused(
        lambda: dynamodb.put_item(TableName=name, Item=item, ConditionExpression="attribute_not_exists(id)"),
        400,
        "ConditionalCheckFailedException",
    )
    dynamodb.delete_item(TableName=name, Key=key)
    _true("Item" not in dynamodb.get_item(TableName=name, Key=key), "GetItem after DeleteItem")
    dynamodb.delete_table(TableName=name)
    dynamodb.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    _refused(lambda: dynamodb.describe_table(TableName=name), 400, "ResourceNotFoundException")


@_told()
def boto3_messages(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """SQS through the queue's own URL, SNS, EventBridge and Kinesis."""
    sqs = _client("sqs", url, keys, region)
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    text = "é 日本 😀 <&>"
    attributes = {"a": {"DataType": "String", "StringValue": text}}
    sent = sqs.send_message(QueueUrl=queue, MessageBody=text, MessageAttributes=attributes)
    (message,) = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"], WaitTimeSeconds=2)["Messages"]
    _same((message["Body"], message["MessageId"]), (text, sent["MessageId"]), "ReceiveMessage")
    _same(message["MessageAttributes"]["a"]["StringValue"], text, "ReceiveMessage, an attribute")
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    sqs.delete_queue(QueueUrl=queue)
    _refused(
        lambda: sqs.get_queue_url(QueueName=f"{name}-missing"),
        400,
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    )

    sns = _client("sns", url, keys, region)
    topic = sns.create_topic(Name=name)["TopicArn"]
    _true(sns.publish(TopicArn=topic, Message=text, Subject="a subject")["MessageId"], "Publish")
    _true(topic in [subscribed["TopicArn"] for subscribed in sns.list_topics()["Topics"]], "ListTopics")
    sns.delete_topic(TopicArn=topic)
    _refused(lambda: sns.get_topic_attributes(TopicArn=topic), 404, "NotFound", "NotFoundException")

    events = _client("events", url, keys, region)
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["é"]}))
    _same([rule["Name"] for rule in events.list_rules(NamePrefix=name)["Rules"]], [name], "ListRules")
    entry = {"Source": "é", "DetailType": "a", "Detail": json.dumps({"a": text})}
    _same(events.put_events(Entries=[entry])["FailedEntryCount"], 0, "PutEvents")
    events.delete_rule(Name=name)

    kinesis = _client("kinesis", url, keys, region)
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    shard = kinesis.put_record(StreamName=name, Data=bytes(range(256)), PartitionKey=text)["ShardId"]
    iterator = kinesis.get_shard_iterator(StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    _same([(record["Data"], record["PartitionKey"]) for record in records], [(bytes(range(256)), text)], "GetRecords")
    kinesis.delete_stream(StreamName=name)


@_told()
def boto3_machines(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """EC2: what there is, an instance that runs and is terminated, one that is missing."""
    ec2 = _client("ec2", url, keys, region)
    _true(region in [described["RegionName"] for described in ec2.describe_regions()["Regions"]], "DescribeRegions")
    _refused(lambda: ec2.describe_instances(InstanceIds=["i-0123456789abcdef0"]), 400, "InvalidInstanceID.NotFound")
    images = ec2.describe_images(Owners=["amazon"], MaxResults=5)["Images"]
    image = images[0]["ImageId"] if images else "ami-12c6146b"
    tag = {"Key": "Name", "Value": f"{name} é"}
    started = ec2.run_instances(
        ImageId=image,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [tag]}],
    )
    instance = started["Instances"][0]["InstanceId"]
    reservations = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [tag["Value"]]}])["Reservations"]
    _true(
        instance in [reservation["Instances"][0]["InstanceId"] for reservation in reservations],
        "DescribeInstances by tag",
    )
    ended = ec2.terminate_instances(InstanceIds=[instance])["TerminatingInstances"]
    _same([entry["InstanceId"] for entry in ended], [instance], "TerminateInstances")


@_told()
def boto3_identity(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """STS, and IAM from a region in which it has no endpoint."""
    sts = _client("sts", url, keys, region)
    account = sts.get_caller_identity()["Account"]
    _true(len(account) == 12 and account.isdigit(), f"GetCallerIdentity: {account}")

    iam = _client("iam", url, keys, "eu-west-1")
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy), Description="é + & =")["Role"]
    _same(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"], policy, "GetRole")
    names = [role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]]
    _true(name in names, f"ListRoles: {names}")
    assumed = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="a-session")
    _true(assumed["Credentials"]["SessionToken"], f"AssumeRole: {assumed}")
    iam.delete_role(RoleName=name)
    _refused(lambda: iam.get_role(RoleName=name), 404, "NoSuchEntity")


@_told()
def boto3_functions(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """Lambda with ARNs in the path, API Gateway and Step Functions."""
    function = _client("lambda", url, keys, region)
    function.list_functions()
    absent = f"arn:aws:lambda:{region}:123456789012:function:{name}-missing:prod"
    _refused(lambda: function.get_function(FunctionName=absent), 404, "ResourceNotFoundException")
    _refused(lambda: function.list_tags(Resource=absent.removesuffix(":prod")), 404, "ResourceNotFoundException")
    with contextlib.suppress(ClientError):  # AWS wants a role that exists; what counts is that the archive arrives
        function.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role="arn:aws:iam::123456789012:role/missing",
            Handler="a.handler",
            Code={"ZipFile": _archive()},
        )
        function.delete_function(FunctionName=name)

    gateway = _client("apigateway", url, keys, region)
    api = gateway.create_rest_api(name=name, description="é / +", tags={"a b": "é"})["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    child = gateway.create_resource(restApiId=api, parentId=root, pathPart="{id+}")
    _same(child["path"], "/{id+}", "CreateResource")
    stated = [{"op": "replace", "path": "/description", "value": "other"}]
    _same(gateway.update_rest_api(restApiId=api, patchOperations=stated)["description"], "other", "UpdateRestApi")
    gateway.delete_rest_api(restApiId=api)
    _refused(lambda: gateway.get_rest_api(restApiId=api), 404, "NotFoundException")

    states = _client("stepfunctions", url, keys, region)
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Pass", "End": True}}})
    role = "arn:aws:iam::123456789012:role/demo"
    machine = states.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]
    _same(states.describe_state_machine(stateMachineArn=machine)["definition"], definition, "DescribeStateMachine")
    run = states.start_execution(stateMachineArn=machine, input=json.dumps({"a": "é"}))["executionArn"]
    _same(states.describe_execution(executionArn=run)["input"], json.dumps({"a": "é"}), "DescribeExecution")
    states.delete_state_machine(stateMachineArn=machine)


def _archive() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.py", "def handler(event, context):\n    return event\n")
    return archive.getvalue()


@_told()
def boto3_secrets(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """KMS, SSM and Secrets Manager."""
    kms = _client("kms", url, keys, region)
    key = kms.create_key(Description="é")["KeyMetadata"]["KeyId"]
    plain = bytes(range(256))
    locked = kms.encrypt(KeyId=key, Plaintext=plain, EncryptionContext={"a": "é"})["CiphertextBlob"]
    _same(kms.decrypt(CiphertextBlob=locked, EncryptionContext={"a": "é"})["Plaintext"], plain, "Decrypt")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)

    ssm = _client("ssm", url, keys, region)
    path = f"/{name}/a.b-c"
    ssm.put_parameter(Name=path, Value="é <&>\n", Type="String")
    _same(ssm.get_parameter(Name=path)["Parameter"]["Value"], "é <&>\n", "GetParameter")
    parameters = ssm.get_parameters_by_path(Path=f"/{name}", Recursive=True)["Parameters"]
    _same([parameter["Name"] for parameter in parameters], [path], "GetParametersByPath")
    ssm.delete_parameter(Name=path)
    _refused(lambda: ssm.get_parameter(Name=path), 400, "ParameterNotFound")

    secrets = _client("secretsmanager", url, keys, region)
    secrets.create_secret(Name=name, SecretBinary=plain)
    _same(secrets.get_secret_value(SecretId=name)["SecretBinary"], plain, "GetSecretValue")
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


@_told()
def boto3_operations(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """Route 53, CloudFormation, CloudWatch Logs, and CloudWatch with a compressed body."""
    zones = _client("route53", url, keys, region)
    domain = f"{name}.example.com."
    zone = zones.create_hosted_zone(Name=domain, CallerReference=f"{name}-{time.time()}")["HostedZone"]["Id"]
    all_zones = [
        zone["Id"] for page in zones.get_paginator("list_hosted_zones").paginate() for zone in page["HostedZones"]
    ]
    _true(zone in all_zones, f"ListHostedZones: {all_zones}")
    record = {"Name": f"*.{domain}", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"a & <b>"'}]}
    for action in ("CREATE", "DELETE"):
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        zones.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    zones.delete_hosted_zone(Id=zone)
    _refused(lambda: zones.get_hosted_zone(Id=zone), 404, "NoSuchHostedZone")

    stacks = _client("cloudformation", url, keys, region)
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"{name}-stack"}}}}
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template), Tags=[{"Key": "a b", "Value": "é+="}])
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    _same(stacks.describe_stacks(StackName=name)["Stacks"][0]["Tags"][0]["Value"], "é+=", "DescribeStacks")
    stacks.delete_stack(StackName=name)
    _refused(lambda: stacks.describe_stacks(StackName=f"{name}-missing"), 400, "ValidationError")

    logs = _client("logs", url, keys, region)
    logs.create_log_group(logGroupName=f"/{name}")
    logs.create_log_stream(logGroupName=f"/{name}", logStreamName="a")
    event = {"timestamp": int(time.time() * 1000), "message": "é 日本\n"}
    logs.put_log_events(logGroupName=f"/{name}", logStreamName="a", logEvents=[event])
    groups = logs.describe_log_groups(logGroupNamePrefix=f"/{name}")["logGroups"]
    _same([group["logGroupName"] for group in groups], [f"/{name}"], "DescribeLogGroups")
    logs.delete_log_group(logGroupName=f"/{name}")

    _metrics(_client("cloudwatch", url, keys, region, request_min_compression_size_bytes=1), name)


def _metrics(cloudwatch: Any, name: str) -> None:
    sent: list[Any] = []
    cloudwatch.meta.events.register("before-send.cloudwatch.PutMetricData", lambda request, **_: sent.append(request))
    data = [{"MetricName": "é", "Value": float(number), "Unit": "Count"} for number in range(50)]
    cloudwatch.put_metric_data(Namespace=name, MetricData=data)
    headers = {key.lower(): _text(value) for key, value in sent[0].headers.items()}
    _same(headers.get("content-encoding"), "gzip", "PutMetricData, its Content-Encoding")
    protocol = cloudwatch.meta.service_model.resolved_protocol
    expected = "application/cbor" if protocol == "smithy-rpc-v2-cbor" else "application/x-"
    _true(headers["content-type"].startswith(expected), f"PutMetricData in {protocol}: {headers}")
    metrics = cloudwatch.list_metrics(Namespace=name)["Metrics"]
    _true(
        {metric["MetricName"] for metric in metrics} <= {"é"}, f"ListMetrics: {metrics}"
    )  # new ones take minutes at AWS


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@_told()
def partition_workload(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """A little of S3, DynamoDB, STS, IAM and EC2: for regions of other partitions, as cn-north-1 and us-gov-west-1."""
    s3 = _s3(url, keys, region)
    with _bucket(s3, name):
        s3.put_object(Bucket=name, Key="é +%", Body=b"a")
        _same(s3.get_object(Bucket=name, Key="é +%")["Body"].read(), b"a", "GetObject")
        presigned = _s3(url, keys, region).generate_presigned_url("get_object", {"Bucket": name, "Key": "é +%"})
        _same(_fetch("GET", presigned).body, b"a", "presigned GET")
    dynamodb = _client("dynamodb", url, keys, region)
    dynamodb.list_tables()
    _refused(lambda: dynamodb.describe_table(TableName=f"{name}-missing"), 400, "ResourceNotFoundException")
    arn = _client("sts", url, keys, region).get_caller_identity()["Arn"]
    _same(arn.split(":")[1], boto3.Session().get_partition_for_region(region), f"the partition of {arn}")
    _client("iam", url, keys, region).list_users()
    ec2 = _client("ec2", url, keys, region)
    _true(region in [described["RegionName"] for described in ec2.describe_regions()["Regions"]], "DescribeRegions")


BOTO3: Mapping[str, Workload] = MappingProxyType(
    {
        "s3": boto3_s3,
        "multipart": boto3_multipart,
        "presigned": boto3_s3_presigned,
        "raw": boto3_s3_raw,
        "dynamodb": boto3_dynamodb,
        "messages": boto3_messages,
        "machines": boto3_machines,
        "identity": boto3_identity,
        "functions": boto3_functions,
        "secrets": boto3_secrets,
        "operations": boto3_operations,
    }
)


# Clients that are programs


def _environment(folder: Path, url: str, keys: Keys, region: str) -> dict[str, str]:
    """All that a program is told: nothing of the machine's own configuration."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "AWS_ACCESS_KEY_ID": keys.access,
        "AWS_SECRET_ACCESS_KEY": keys.secret,
        "AWS_SESSION_TOKEN": keys.token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": str(folder / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_ENDPOINT_URL": url,
    }
    return {key: value for key, value in environment.items() if value}


@dataclass(frozen=True, slots=True)
class _Program:
    """Runs a program with these first arguments, in the folder; anything but success is an AssertionError."""

    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]

    def __call__(self, *arguments: str) -> str:
        code, output, errors = self.run(*arguments)
        if code:
            texts = f"{output[-3000:]}\n{errors[-6000:]}"
            raise AssertionError(f"{self.command[0]} {' '.join(arguments)} ended with {code}:\n{texts}")
        return output

    def run(self, *arguments: str) -> tuple[int, str, str]:
        try:
            ended = subprocess.run(
                [*self.command, *arguments],
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=CLIENT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            texts = f"{_text(error.stdout or b'')[-3000:]}\n{_text(error.stderr or b'')[-6000:]}"
            raise AssertionError(f"{self.command[0]} {' '.join(arguments)} does not end:\n{texts}") from error
        return ended.returncode, ended.stdout, ended.stderr


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="real-clients-") as folder:
        yield Path(folder)


def _write(folder: Path, large: int) -> dict[str, bytes]:
    """Files with awkward names in the folder, and one of so many bytes."""
    contents = {key: _content(key) for key in FILES} | {"large é.bin": os.urandom(large), "empty": b""}
    for key, content in contents.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return contents


def _read(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _same_files(actual: Mapping[str, bytes], expected: Mapping[str, bytes], what: str) -> None:
    _same(sorted(actual), sorted(expected), f"{what}, the names")
    differing = [name for name, content in expected.items() if actual[name] != content]
    _true(not differing, f"{what}: other contents of {differing}")


# aws-cli


@functools.cache
def _aws() -> tuple[str, str]:
    """The path of the program, and why there is none."""
    find = ("python", "-c", "import shutil; print(shutil.which('aws'))")
    command = [str(servers.TOP / "scripts" / "uv"), "tool", "run", "--from", AWS_CLI, *find]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"{AWS_CLI} cannot be had: {error}"
    if ended.returncode:
        return "", f"{AWS_CLI} cannot be had: {ended.stderr.strip()[-300:]}"
    return ended.stdout.strip(), ""


def aws_cli(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """Files up, down and listed, objects, and a few calls of other services."""
    with _folder() as folder:
        (folder / "aws-config").write_text(
            "[default]\ns3 =\n  addressing_style = path\n  multipart_threshold = 6MB\n  multipart_chunksize = 5MB\n"
        )
        environment = _environment(folder, url, keys, region)
        aws = _Program((_aws()[0],), folder, environment)
        explicit = {key: value for key, value in environment.items() if key != "AWS_ENDPOINT_URL"}
        with ThreadPoolExecutor(1) as beside:  # most of the time is Python starting
            services = beside.submit(
                _aws_services, _Program((aws.command[0], "--endpoint-url", url), folder, explicit), name
            )
            _aws_storage(aws, name, refuses=refuses)
            services.result()


def _aws_storage(aws: _Program, name: str, *, refuses: bool) -> None:
    _aws_files(aws, name)
    _aws_objects(aws, name, refuses=refuses)
    aws("s3", "rb", f"s3://{name}", "--force")


def _aws_files(aws: _Program, name: str) -> None:
    up, down = aws.folder / "up", aws.folder / "down"
    files = _write(up, 11 * MEBIBYTE)
    aws("s3", "mb", f"s3://{name}")
    aws("s3", "sync", "up", f"s3://{name}/files", "--only-show-errors")
    listed = aws("s3", "ls", "--recursive", f"s3://{name}/files/")
    for key in files:
        _true(f" files/{key}\n" in listed, f"aws s3 ls: no {key!r} in {listed}")
    aws("s3", "sync", f"s3://{name}/files", "down", "--only-show-errors")
    _same_files(_read(down), files, "aws s3 sync up and down")
    _same(aws("s3", "sync", "up", f"s3://{name}/files"), "", "aws s3 sync once more")
    awkward = ";:@&=$,?#'()*!~"
    aws("s3", "cp", f"up/{awkward}", f"s3://{name}/one/{awkward}", "--only-show-errors")
    aws("s3", "mv", f"s3://{name}/one/{awkward}", f"s3://{name}/two/é +%", "--only-show-errors")
    aws("s3", "cp", f"s3://{name}/two/é +%", "one", "--only-show-errors")
    _same((aws.folder / "one").read_bytes(), files[awkward], "aws s3 cp, mv and cp")
    aws("s3", "cp", f"s3://{name}/files/large é.bin", f"s3://{name}/copied", "--only-show-errors")


def _aws_objects(aws: _Program, name: str, *, refuses: bool) -> None:
    (aws.folder / "content").write_bytes(bytes(range(256)))
    where = ("--bucket", name, "--key", "a//b/../é +%2F")
    aws("s3api", "put-object", *where, "--body", "content", "--metadata", "a=1")
    got = json.loads(aws("s3api", "get-object", *where, "got"))
    _same((got["Metadata"], (aws.folder / "got").read_bytes()), ({"a": "1"}, bytes(range(256))), "get-object")
    early = aws("s3", "presign", f"s3://{name}/a//b/../é +%2F", "--expires-in", "1").strip()
    signed_at = time.monotonic()
    presigned = aws("s3", "presign", f"s3://{name}/a//b/../é +%2F").strip()
    answer = _fetch("GET", presigned)
    _same((answer.status, answer.body), (200, bytes(range(256))), f"GET of {presigned}")
    if refuses:
        time.sleep(max(0.0, signed_at + 2.1 - time.monotonic()))
        answer = _fetch("GET", early)
        _same(answer.status, 403, f"GET of {early}, expired, {answer.body!r}")
    code, _, errors = aws.run("s3api", "head-object", "--bucket", name, "--key", "missing")
    _true(code and "404" in errors, f"head-object of a missing object: {code} {errors}")


def _aws_services(aws: _Program, name: str) -> None:
    table = ("--table-name", name)
    aws(
        "dynamodb", "create-table", *table, "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=id,AttributeType=S", "--key-schema", "AttributeName=id,KeyType=HASH",
    )  # fmt: skip
    aws("dynamodb", "wait", "table-exists", *table)
    aws("dynamodb", "put-item", *table, "--item", '{"id": {"S": "é"}, "n": {"N": "1"}}')
    item = json.loads(aws("dynamodb", "get-item", *table, "--key", '{"id": {"S": "é"}}'))["Item"]
    _same(item, {"id": {"S": "é"}, "n": {"N": "1"}}, "dynamodb get-item")
    aws("dynamodb", "delete-table", *table)
    queue = json.loads(aws("sqs", "create-queue", "--queue-name", name))["QueueUrl"]
    aws("sqs", "send-message", "--queue-url", queue, "--message-body", "é <&>")
    (message,) = json.loads(aws("sqs", "receive-message", "--queue-url", queue))["Messages"]
    _same(message["Body"], "é <&>", "sqs receive-message")
    aws("sqs", "delete-queue", "--queue-url", queue)
    regions = json.loads(aws("ec2", "describe-regions"))["Regions"]
    _true("us-east-1" in [described["RegionName"] for described in regions], f"ec2 describe-regions: {regions}")
    _true("Users" in json.loads(aws("iam", "list-users")), "iam list-users")
    _true("Arn" in json.loads(aws("sts", "get-caller-identity")), "sts get-caller-identity")


# rclone


def rclone(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """A folder up, down and listed, copies on the server, parts, a link, and all of it removed."""
    with _folder() as folder:
        settings = {
            "TYPE": "s3",
            "PROVIDER": "Minio",  # with AWS the bucket is in the host whatever the other settings say
            "ENDPOINT": url,
            "REGION": region,
            "LOCATION_CONSTRAINT": "" if region == "us-east-1" else region,
            "ACCESS_KEY_ID": keys.access,
            "SECRET_ACCESS_KEY": keys.secret,
            "SESSION_TOKEN": keys.token,
            "FORCE_PATH_STYLE": "true",
            "CHUNK_SIZE": "5Mi",
            "UPLOAD_CUTOFF": "5Mi",
            "COPY_CUTOFF": "5Mi",
            "NO_HEAD": "true",  # moto states a version after an upload in parts, and has none when asked for it
        }
        environment = _environment(folder, url, keys, region) | {
            "RCLONE_CONFIG": str(folder / "rclone.conf"),
            "RCLONE_CACHE_DIR": str(folder / "cache"),
            **{f"RCLONE_CONFIG_REMOTE_{key}": value for key, value in settings.items() if value},
        }
        (folder / "rclone.conf").touch()
        _rclone_files(_Program(("rclone", "--retries=1", "--low-level-retries=1"), folder, environment), name)


def _rclone_files(run: _Program, name: str) -> None:
    up, down = run.folder / "up", run.folder / "down"
    files = _write(up, 11 * MEBIBYTE)
    run("mkdir", f"remote:{name}")
    run("copy", "up", f"remote:{name}/files")
    listed = run("lsf", "-R", "--files-only", f"remote:{name}/files").splitlines()
    _same(sorted(listed), sorted(files), "rclone lsf")
    run("check", "--download", "up", f"remote:{name}/files")
    run("copyto", f"remote:{name}/files/é/日本.txt", f"remote:{name}/files/copied é +%2F")
    run("copyto", f"remote:{name}/files/large é.bin", f"remote:{name}/files/copied in parts")
    expected = files | {"copied é +%2F": files["é/日本.txt"], "copied in parts": files["large é.bin"]}
    run("copy", f"remote:{name}/files", "down")
    _same_files(_read(down), expected, "rclone copy down")
    link = run("link", "--expire", "1h", f"remote:{name}/files/a%2Fb").strip()
    answer = _fetch("GET", link)
    _same((answer.status, answer.body), (200, files["a%2Fb"]), f"GET of {link}")
    run("deletefile", f"remote:{name}/files/copied é +%2F")
    run("moveto", f"remote:{name}/files/100%", f"remote:{name}/files/moved")
    left = run("lsf", f"remote:{name}/files").splitlines()
    _true("moved" in left and "100%" not in left and "copied é +%2F" not in left, f"rclone moveto: {left}")
    run("purge", f"remote:{name}")
    _true(f"{name}/" not in run("lsf", "remote:").splitlines(), "rclone lsf after purge")


# s3cmd


def s3cmd(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """As s3cmd_v2, signed in version 4."""
    _s3cmd(url, keys, region, name, ())


def s3cmd_v2(url: str, keys: Keys, region: str, name: str, *, refuses: bool = True) -> None:
    """Files up, down and listed, copies on the server, parts, all of it removed; signed in version 2.

    With keys that have no token, a signed URL as well.
    """
    _s3cmd(url, keys, region, name, ("--signature-v2",))


def _s3cmd(url: str, keys: Keys, region: str, name: str, options: tuple[str, ...]) -> None:
    host = urlsplit(url).netloc
    with _folder() as folder:
        (folder / "s3cfg").write_text(  # not the keys: a token that is in here is asked for anew, of the machine's role
            f"[default]\nhost_base = {host}\nhost_bucket = {host}\nbucket_location = {region}\n"
            "use_https = False\nmax_retries = 1\nguess_mime_type = False\n"
        )
        command = ("s3cmd", "--config", str(folder / "s3cfg"), "--no-progress", "--multipart-chunk-size-mb=5", *options)
        environment = _environment(folder, url, keys, region)
        _s3cmd_files(_Program(command, folder, environment), name)
        if not keys.token:
            _s3cmd_link(_Program(command, folder, environment), name)


def _s3cmd_files(run: _Program, name: str) -> None:
    up, down = run.folder / "up", run.folder / "down"
    files = _write(up, 11 * MEBIBYTE)
    down.mkdir()
    run("mb", f"s3://{name}")
    run("sync", "up/", f"s3://{name}/files/")
    listed = run("ls", "--recursive", f"s3://{name}/files/")
    for key in files:
        _true(f"s3://{name}/files/{key}\n" in listed, f"s3cmd ls: no {key!r} in {listed}")
    run("sync", f"s3://{name}/files/", "down/")
    _same_files(_read(down), files, "s3cmd sync up and down")
    run("put", "up/a+b", f"s3://{name}/a//b/é +%2F")
    run("cp", f"s3://{name}/a//b/é +%2F", f"s3://{name}/copied é+")
    run("mv", f"s3://{name}/copied é+", f"s3://{name}/moved é+")
    run("get", f"s3://{name}/moved é+", "got")
    _same((run.folder / "got").read_bytes(), files["a+b"], "s3cmd put, cp, mv and get")
    _true("File size" in run("info", f"s3://{name}/moved é+"), "s3cmd info")
    run("del", f"s3://{name}/moved é+")
    _true("moved" not in run("ls", f"s3://{name}"), "s3cmd ls after del")
    run("del", "--recursive", "--force", f"s3://{name}")
    run("rb", f"s3://{name}")


def _s3cmd_link(run: _Program, name: str) -> None:
    """A signed URL; s3cmd leaves the token out of it, so that AWS refuses it with temporary keys."""
    run("mb", f"s3://{name}")
    run("put", "up/a+b", f"s3://{name}/a//b/é +%2F")
    signed = run("signurl", f"s3://{name}/a//b/é +%2F", "+3600").strip()
    answer = _fetch("GET", signed)
    _same((answer.status, answer.body), (200, _content("a+b")), f"GET of {signed}")
    run("del", f"s3://{name}/a//b/é +%2F")
    run("rb", f"s3://{name}")


# The AWS SDK for JavaScript


@functools.cache
def _javascript() -> tuple[Path, str]:
    """A folder with the program and its packages, the same for as long as Python runs, and why there is none."""
    folder = tempfile.TemporaryDirectory(prefix="real-clients-javascript-")
    atexit.register(folder.cleanup)
    copy = Path(folder.name) / "javascript"
    shutil.copytree(Path(__file__).parent / "javascript", copy, ignore=shutil.ignore_patterns("node_modules"))
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        ended = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return copy, f"the AWS SDK for JavaScript cannot be had: {error}"
    texts = f"{ended.stdout}{ended.stderr}".strip()
    return copy, f"the AWS SDK for JavaScript cannot be had: {texts[-300:]}" if ended.returncode else ""


def javascript(url: str, keys: Keys, region: str, bucket: str, *, refuses: bool = True) -> None:
    """What javascript/client.mjs does: S3 in both styles of address, and other services."""
    with _folder() as folder:
        environment = _environment(folder, url, keys, region) | {"REFUSES": "yes" if refuses else "no"}
        _Program(("node",), folder, environment)(str(_javascript()[0] / "client.mjs"), bucket)


PROGRAMS: Mapping[str, Callable[..., None]] = MappingProxyType(
    {"javascript": javascript, "aws_cli": aws_cli, "rclone": rclone, "s3cmd": s3cmd, "s3cmd_v2": s3cmd_v2}
)
