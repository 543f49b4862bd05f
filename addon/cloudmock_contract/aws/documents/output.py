"""A reply as a document: the tree of its body, with the members that the operation binds to headers.

The body is read as the operation's protocol says, guided by the output shape where the protocol is XML; members that
the model does not know are kept. A blob becomes its length and hash, and a payload of JSON a tree. A body that cannot
be read is no error here: it is the document's flaw, and what it holds instead stands below `body`.

This file does not compare, and does not know which side a reply comes from.
Sources: https://smithy.io/2.0/aws/protocols/index.html; botocore's models for the shapes.
"""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.model import OperationModel

from cloudmock_contract.aws.documents import bodies
from cloudmock_contract.aws.documents.bodies import Body, blob
from cloudmock_contract.aws.models.shapes import bindings
from cloudmock_contract.aws.wire import cbor, xml
from cloudmock_contract.values.document import Document
from cloudmock_contract.values.http import Reply

type Tree = dict[str, object]


def document(reply: Reply, protocol: str, model: OperationModel | None, body: Body | None = None) -> Document:
    """The reply's document. `protocol`: as in `Operation.protocol`; `model`: None where no model has the operation.

    `body`: what `body_of` made of it, if that is known already.
    """
    output: Any = model.output_shape if model and reply.status < 300 else None
    body = body or body_of(reply, protocol, model)
    bound = bound_members(reply, model)
    members, flaw = _members(body, output, model)
    root = str(getattr(body.content, "tag", "")) if body.notation == "XML" else ""
    if reply.status < 300:
        tree = {**_apart(members, output), **bound}
        return Document(
            reply.status, tree, flaw, root, shape=output, lacks=_lacking(body, output), notation=body.notation
        )
    name = members.get("__type")
    if isinstance(name, str):
        members = {**members, "__type": error_type(name)}
    error = Document(reply.status, {**members, **bound}, flaw, root, notation=body.notation)
    return _with_error_shape(error, reply, model, is_json=body.notation in ("JSON", "CBOR"))


def _members(body: Body, output: Any, model: OperationModel | None) -> tuple[Tree, str]:
    """The members in the body, and why it could not be read, if it could not."""
    if body.flaw:
        return _instead(body), body.flaw
    if holds_bytes(output):
        return {_payload_member(output): _bytes_or_json(body, output, model)}, ""
    if not body.data:
        return {"body": blob(b"", body.digest)} if body.digest else {}, ""
    try:
        tree = _BUILDERS[body.notation](body.content, output, _payload_member(output))
    except RecursionError:
        return {"body": blob(body.data)}, "nested too deep"
    except (ValueError, OverflowError) as error:  # a value that CBOR can hold and nothing else can
        return {"body": blob(body.data)}, f"not {body.notation}: {error}"
    return (tree if isinstance(tree, dict) else {"body": tree}), ""


def _instead(body: Body) -> Tree:
    """What stands in a body where the protocol has something else, below a name that no member of an output passes for.

    Nothing below `body` is taken for a member: no SDK finds it there.
    """
    if not body.data:
        return {}
    try:
        return {"body": _PLAIN[body.notation](body.content)}
    except (RecursionError, ValueError, OverflowError):
        return {"body": blob(body.data)}


def _apart(members: Tree, output: Any) -> Tree:
    """The members of a body, without those that SDKs look for in the headers: these are under names of their own."""
    outside = _outside(output) if output is not None else frozenset()
    if not outside or outside.isdisjoint(members):
        return members
    return {xml.misplaced(name) if name in outside else name: value for name, value in members.items()}


@functools.lru_cache(maxsize=8192)
def _outside(output: Any) -> frozenset[str]:
    """The members that stand in headers and the status."""
    return frozenset(name for name, location, *_ in bindings(output) if location in xml.OUTSIDE)


def holds_bytes(output: Any) -> bool:
    """Whether replies of this shape have a body without structure."""
    payload = _payload_member(output)
    return bool(payload) and output.members[payload].type_name in ("blob", "string")


def body_of(reply: Reply, protocol: str, model: OperationModel | None) -> Body:
    """The reply's body, read as the operation's model has it."""
    output: Any = model.output_shape if model and reply.status < 300 else None
    if not (reply.body or reply.digest) and _needs_body(reply, protocol, output):
        return Body("", flaw="empty")
    return bodies.read(reply, protocol, is_bytes=holds_bytes(output))


def _needs_body(reply: Reply, protocol: str, output: Any) -> bool:
    """Whether SDKs cannot read a reply without a body.

    In the query protocols every reply has a root element, by which they begin; in CBOR, only what has members is there.
    """
    if protocol == "smithy-rpc-v2-cbor":
        return reply.status >= 300 or bool(output is not None and output.members)
    return protocol in ("query", "ec2")


def bound_members(reply: Reply, model: OperationModel | None) -> Tree:
    """The members that stand in the reply's headers and its status."""
    output = model.output_shape if model and reply.status < 300 else None
    return _error_headers(reply) if output is None else _bound(reply, output)


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """What an error reply says of itself, wherever its protocol puts it."""

    code: str
    """As SDKs give it: the code of the query protocol, where a service that has left that protocol keeps its codes."""
    message: str
    name: str = ""
    """The error's name in the model, if the reply says it."""

    def __str__(self) -> str:
        return ": ".join(text for text in (self.code, self.message) if text)


def error_reply(reply: Document) -> ErrorReply | None:
    """An error reply's code and message, each empty if it says none; None if the reply is no error."""
    if not reply.is_error:
        return None
    nested = reply.tree
    for step in ("Errors", "Error"):
        below = nested.get(step)
        below = below[0] if isinstance(below, list) and below else below
        nested = below if isinstance(below, dict) else nested
    lowered = ({name.lower(): value for name, value in tree.items()} for tree in (nested, reply.tree))
    members = {name: value for tree in lowered for name, value in tree.items() if isinstance(value, str)}
    name = members.get("x-amzn-errortype") or error_type(members.get("__type", "") or members.get("code", ""))
    code = members.get("x-amzn-query-error", "").partition(";")[0] or name
    return ErrorReply(code, members.get("message") or members.get("errormessage", ""), name)


def error_summary(reply: Document) -> str:
    """An error reply's code and message as a person reads them; empty if the reply is no error, or says neither."""
    return str(error_reply(reply) or "")


def error_shape(model: OperationModel | None, error: ErrorReply) -> Any:
    """The shape of this error of the operation; None where the model has none."""
    shapes = model.error_shapes if model else ()
    for name in (error.name, error.code):
        for shape in shapes:
            if name and name in (shape.name, shape.error_code):
                return shape
    return None


def _with_error_shape(error: Document, reply: Reply, model: OperationModel | None, *, is_json: bool) -> Document:
    """The error's document with the members that its own shape binds to headers."""
    named = error_reply(error)
    shape = error_shape(model, named) if named and model else None
    if shape is None:
        return error
    tree = {**_bound(reply, shape), **_apart(dict(error.tree), shape)}
    return replace(error, tree=tree, shape=shape if is_json else None)


def error_type(value: str) -> str:
    """The error's name in a `__type` or an x-amzn-errortype: `prefix#Name` and `Name:http://…` are both `Name`.

    Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
    """
    return value.partition(":")[0].rpartition("#")[2]


def _error_headers(reply: Reply) -> Tree:
    """The headers in which an error reply names its error."""
    tree: Tree = {}
    if reply.status >= 300:
        if "x-amzn-errortype" in reply.headers:
            tree["x-amzn-errortype"] = error_type(reply.headers.get("x-amzn-errortype"))
        if "x-amzn-query-error" in reply.headers:
            tree["x-amzn-query-error"] = reply.headers.get("x-amzn-query-error")
    return tree


def _bound(reply: Reply, output: Any) -> Tree:
    """The output members that the model binds to headers and the status."""
    tree: Tree = {}
    for name, location, wire_name, type_name in bindings(output):
        if location == "statusCode":
            tree[name] = reply.status
        elif location == "header" and wire_name in reply.headers:
            tree[name] = _scalar(reply.headers.get(wire_name), type_name)
        elif location == "headers":
            prefix = wire_name.lower()
            tree[name] = {
                key.lower().removeprefix(prefix): value
                for key, value in reply.headers.fields
                if key.lower().startswith(prefix)
            }
    return tree


def _scalar(text: str, type_name: str) -> object:
    try:
        match type_name:
            case "integer" | "long":
                return int(text)
            case "float" | "double":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}.get(text.lower(), text)
    except ValueError:
        pass
    return text


def _payload_member(output: Any) -> str:
    payload = output.serialization.get("payload") if output else ""
    return str(payload or "")


def _bytes_or_json(body: Body, output: Any, model: OperationModel | None) -> object:
    """A payload without structure; as a tree if it is JSON, but never an object of S3: there every byte counts.

    S3's own documents, such as a bucket's policy, are texts to the model, and objects are bytes.
    """
    data = body.data
    if data[:1] in (b"{", b"[") and model:
        is_s3 = model.service_model.service_name == "s3"
        is_text = output.members[_payload_member(output)].type_name == "string"
        try:
            if not is_s3:
                return json.loads(data)
            if is_text:
                return data.decode()
        except (ValueError, RecursionError):
            pass
    return blob(data, body.digest)


def _json_tree(content: object, _output: Any, payload: str) -> object:
    return {payload: content} if payload else content


def _cbor_tree(content: object, _output: Any, _payload: str) -> object:
    return cbor.plain(content, blob)


def _event_tree(content: object, _output: Any, payload: str) -> object:
    return {payload or "events": content}


def _xml_tree(root: Any, output: Any, payload: str) -> object:
    if output is None:
        return _rooted(root)
    if payload:
        return {payload: xml.guided(root, output.members[payload])}
    wrapper = output.serialization.get("resultWrapper")
    if not wrapper:
        return xml.structure(root, output) if len(root) else _rooted(root)
    members: Tree | None = None
    others = []
    for child in root:
        if members is None and xml.tag(child) == wrapper:
            members = xml.structure(child, output)
        else:
            others.append(child)
    return {**xml.unknown(others, output), **(members or {})}


def _lacking(body: Body, output: Any) -> str:
    """The wrapper that the model puts around the members of an XML body, if this body has none."""
    wrapper = output.serialization.get("resultWrapper") if output is not None and not body.flaw else None
    if not wrapper or body.notation != "XML" or any(xml.tag(child) == wrapper for child in _children(body)):
        return ""
    return str(wrapper)


def _children(body: Body) -> Any:
    return body.content if body.content is not None else ()


def _rooted(root: Any) -> Tree:
    """Without a shape: the root's children, or its text under its own name."""
    tree = xml.raw(root)
    if isinstance(tree, dict):
        return tree
    return {xml.tag(root): tree} if tree else {}


def _bytes_tree(content: bytes, *_: object) -> object:
    return {"body": blob(content)}


_BUILDERS: Mapping[str, Callable[..., object]] = {
    "JSON": _json_tree,
    "XML": _xml_tree,
    "CBOR": _cbor_tree,
    "event stream": _event_tree,
    "": _bytes_tree,
}
_PLAIN: Mapping[str, Callable[[Any], object]] = {
    "JSON": lambda content: content,
    "XML": lambda content: {xml.tag(content): xml.raw(content)},
    "CBOR": lambda content: cbor.plain(content, blob),
    "event stream": lambda content: content,
    "text": lambda content: content,
    "": blob,
}
"""What a body holds that stands where its protocol has something else, by its notation."""
