"""How clients write paths, and how they are taken apart to find a route.

This file does not know which routes there are.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from cloudmock_contract.aws.wire.authentication import S3_SIGNING_NAMES

_GENERATED = re.compile(r"[0-9]+|(?!\d{4}-\d{2}-\d{2}$)(?=[^/]*[0-9])[A-Za-z0-9_=:.~%@+-]{8,}")
"""A path segment that looks like an id, and neither like a word nor like an API version."""

_CONNECTIONS = re.compile(r"/(?:@|%40)connections(?:/|$)")


def segments_of(path: str, signing_name: str, bucket: str) -> tuple[tuple[str, ...], bool]:
    """The path's segments, decoded, and whether it ends with a slash that a route need not have.

    `bucket`: the one in the request's host, with which the paths of S3's routes begin.
    """
    if signing_name == "execute-api" and (match := _CONNECTIONS.search(path)):
        path = path[match.start() :]  # what comes before it is the stage
    trailing_slash = path.endswith("/")
    if bucket:
        texts = [bucket, *path.removeprefix("/").split("/")]
        trailing_slash = False
        if texts[1:] == [""]:
            texts = texts[:1]
    else:
        texts = path.removeprefix("/").split("/")
        if trailing_slash and (len(texts) <= 2 or signing_name not in S3_SIGNING_NAMES):
            texts.pop()
    if "%" in path:
        texts = [unquote(text) for text in texts]
    return (tuple(texts) if bucket or path.strip("/") else ()), trailing_slash


def other_spellings(path: str, signing_name: str) -> Iterator[str]:
    """How the client should have written the path, where it did not."""
    if signing_name in S3_SIGNING_NAMES:
        return  # where every slash counts
    if "//" in path:  # an endpoint URL that ends with a slash
        yield re.sub("/{2,}", "/", path)
    if "arn:" in path:  # an ARN whose slashes are not encoded
        before, arn, after = path.partition("arn:")
        yield before + (arn + after).replace("/", "%2F")
    if signing_name == "iotdata" and path.startswith("/topics/"):  # a topic, likewise
        yield "/topics/" + path.removeprefix("/topics/").replace("/", "%2F")


def path_template(path: str) -> str:
    """The path without what looks like an id, so that calls of one kind have one name."""
    return "/".join("{id}" if _GENERATED.fullmatch(segment) else segment for segment in path.split("/"))
