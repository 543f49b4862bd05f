"""What a request has made on AWS and what it has deleted there, each thing by the call that deletes it.

The deleting operation's members are filled from those of the request, and else from the reply: under the same name, or
under one that says the same (`Table.TableName`, the `id` of a CreateRestApi for `restApiId`). What cannot be told so is
in the list all the same, without a call. Secrets never are.

This file does not know which operation undoes which; it keeps nothing.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.model import OperationModel

from cloudmock_contract.aws.documents.input import members
from cloudmock_contract.aws.documents.output import document
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.aws.models.shapes import below, is_sensitive
from cloudmock_contract.aws.secrets.by_model import SECRET_NAMES
from cloudmock_contract.leftovers import inverse_operations
from cloudmock_contract.values.exchange import Resource
from cloudmock_contract.values.http import Reply, Request
from cloudmock_contract.values.operation import Operation

CREATED_BY = "created by"
"""The parameter, no member's name, that says how a thing came to be for which no deleting call is known."""

MAX_REPLY_BYTES = 1024 * 2**10
"""Bytes of a reply that is looked at."""

MAX_CHANGES = 1_000
"""Things that one request makes or deletes, as far as they are told; AWS's own batches are not larger."""

MAX_PARAMETER_CHARACTERS = 2_048
"""Characters of a name or an id."""

type Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResourceChanges:
    """What one request has done."""

    created: tuple[Resource, ...] = ()
    deleted: tuple[Resource, ...] = ()


NONE = ResourceChanges()


def resource_changes(
    request: Request, operation: Operation, region: str, reply: Reply, services: Services
) -> ResourceChanges:
    """What the request has made and deleted, by AWS's own reply. `region`: where it was sent.

    Costs a microsecond for an operation that only reads, and up to a millisecond for one that does not, but for the
    first of a service whose model nothing has loaded (up to 130 ms).
    """
    if not 200 <= reply.status < 300:
        return NONE
    effect = inverse_operations.resource_effect(services, operation.service, operation.action)
    if effect.deletes is None and not effect.makes:
        return NONE
    model = services.operation_model(operation.service, operation.action)
    if model is None:
        return NONE
    said = _said(request, operation, reply, model)
    if said is None:
        return NONE
    place = _Location(operation.service, region)
    deleted = _deleted(place, effect.deletes, model, said) if effect.deletes else ()
    created = _created(place, effect.undone_by, model, said) if effect.makes else ()
    found = _SPECIAL.get(operation.name, _as_it_is)(place, said, ResourceChanges(created, deleted))
    return ResourceChanges(tuple(_aged(one, operation) for one in found.created), found.deleted)


def _aged(created: Resource, operation: Operation) -> Resource:
    """The resource, marked if the call may have overwritten it, or found it there."""
    is_anew = operation.action.startswith(_ANEW) and operation.name not in _IDEMPOTENT
    if operation.service == "s3":  # a write is a thing of its own where it makes a version, or an upload
        is_anew = not {"VersionId", "UploadId"}.isdisjoint(name for name, _ in created.parameters)
    return created if is_anew else replace(created, may_be_older=True)


_ANEW = ("Allocate", "Clone", "Copy", "Create", "Launch", "Provision", "Publish", "Request", "Restore", "Run", "Start")
"""How operations begin that fail, or make a second thing, where there is one already."""

_IDEMPOTENT = frozenset(
    (
        "ecs.CreateCluster",
        "iot.CreateThing",
        "sns.CreatePlatformApplication",
        "sns.CreatePlatformEndpoint",
        "sns.CreateTopic",
        "sqs.CreateQueue",
    )
)
"""Of these, those that give back what is there."""


def left(runs: Iterable[ResourceChanges]) -> tuple[Resource, ...]:
    """What has been made and is still there, each thing once, in the order in which it came to be."""
    there: dict[Resource, None] = {}
    for one in runs:
        for gone in one.deleted:
            there = dict.fromkeys(without(there, gone))
        for made in one.created:
            there.pop(made, None)
            there[made] = None
    return tuple(there)


def without(created: Iterable[Resource], gone: Resource) -> tuple[Resource, ...]:
    """Those that are there when this one is deleted: it, and what was in it, is not."""
    return tuple(one for one in created if not goes_with(one, gone))


def goes_with(one: Resource, gone: Resource) -> bool:
    """Whether a resource is no more when `gone` is deleted: it is the same, or was in it."""
    if (one.service, one.region) != (gone.service, gone.region):
        return False
    has, lacks = dict(one.parameters), dict(gone.parameters)
    if any(not same_name(has.get(name, ""), value) for name, value in lacks.items() if name not in _UNIDENTIFYING):
        return False
    if one.action == gone.action:
        return has.keys() - _UNIDENTIFYING == lacks.keys() - _UNIDENTIFYING
    noun = inverse_operations.noun_of(gone.action)
    if not one.action:
        return bool(lacks) and inverse_operations.noun_of(has.get(CREATED_BY, "")) == noun
    # A DeleteBucketPolicy is told the bucket as well, which stays: only what a call is named after goes with its parts.
    is_whole = gone.action.startswith(("Delete", "Terminate", "Destroy"))
    return is_whole and len(has) > len(lacks) and any(inverse_operations.is_name_of(name, noun) for name in lacks)


_UNIDENTIFYING = frozenset(("IfMatch",))
"""Members that a deleting operation requires and that do not say what it deletes."""


def same_name(one: str, other: str) -> bool:
    """Whether two texts name the same thing: they are equal, or one is the ARN that ends with the other."""
    if one == other:
        return True
    arn, name = (one, other) if one.startswith("arn:") else (other, one)
    if not arn.startswith("arn:") or name.startswith("arn:") or not name:
        return False
    return name in (re.split(r"[:/]", arn)[-1], _RANDOM_END.sub("", re.split(r"[:/]", arn, maxsplit=6)[-1]))


_RANDOM_END = re.compile(r"-[A-Za-z0-9]{6}$")
"""What Secrets Manager adds to a secret's name in its ARN."""


@dataclass(frozen=True, slots=True)
class _Location:
    service: str
    region: str

    def resource(self, action: str, parameters: Mapping[str, str]) -> Resource:
        return Resource(self.service, self.region, action, tuple(sorted(parameters.items())))


@dataclass(frozen=True, slots=True)
class _Said:
    """The members of both messages."""

    request: Mapping[str, Any]
    reply: Mapping[str, Any]


def _said(request: Request, operation: Operation, reply: Reply, model: OperationModel) -> _Said | None:
    """What both messages say; None where the reply is an error after all."""
    asked = dict(members(request, operation, model))
    if operation.bucket and model.input_shape is not None and "Bucket" in model.input_shape.members:
        asked.setdefault("Bucket", operation.bucket)
    if len(reply.body) > MAX_REPLY_BYTES:
        return _Said(asked, {})
    answer = document(reply, operation.protocol, model)
    if answer.root.rpartition("}")[2] == "Error":  # as S3 ends a copy that failed after the reply had begun
        return None
    return _Said(asked, answer.tree)


def _created(place: _Location, undo: OperationModel | None, model: OperationModel, said: _Said) -> tuple[Resource, ...]:
    if undo is None:
        return (place.resource("", {CREATED_BY: model.name, **_known(model, said)}),)
    wanted = inverse_operations.wanted(undo)
    noun = inverse_operations.noun_of(undo.name)
    filled = {name: _fill(name, shape, noun, said, model) for name, shape in wanted.required}
    scopes = _scopes(wanted, said.request)
    if all(filled.values()):
        return tuple(place.resource(undo.name, {**scopes, **one}) for one in _each(filled, _failed(said.reply)))
    known = {name: values[0] for name, values in filled.items() if values}
    digests = {name: _digest(name, noun, said, model) for name, values in filled.items() if not values}
    digests = {name: value for name, value in digests.items() if value}
    return (place.resource("", {CREATED_BY: model.name, **_known(model, said), **scopes, **known, **digests}),)


def _deleted(place: _Location, one: OperationModel, model: OperationModel, said: _Said) -> tuple[Resource, ...]:
    wanted = inverse_operations.wanted(one)
    noun = inverse_operations.noun_of(one.name)
    only_request = _Said(said.request, {})
    filled = {name: _fill(name, shape, noun, only_request, model) for name, shape in wanted.required}
    if one.name != model.name:
        filled = {name: values or _of_batch(said.request, model) for name, values in filled.items()}
    digests = {name: (found,) for name in filled if not filled[name] and (found := _digest(name, noun, said, model))}
    filled |= digests
    if not all(filled.values()):
        return ()
    scopes = _scopes(wanted, said.request)
    return tuple(place.resource(one.name, {**scopes, **values}) for values in _each(filled, _failed(said.reply)))


def _each(filled: Mapping[str, Values], failed: frozenset[str]) -> Iterator[dict[str, str]]:
    """The parameters of each thing, where a member has several values."""
    several = {name for name, values in filled.items() if len(values) > 1 or _is_list(values)}
    for values in itertools.islice(itertools.product(*filled.values()), MAX_CHANGES):
        one = dict(zip(filled, values, strict=True))
        if failed.isdisjoint(_plain(one[name]) for name in several):
            yield one


def _as_list(value: str) -> str:
    """A list of this one value, as JSON has it; a structure is JSON already."""
    return f"[{value}]" if value.startswith("{") else f"[{json.dumps(value)}]"


def _is_list(values: Values) -> bool:
    return bool(values) and values[0].startswith("[")


def _plain(value: str) -> str:
    return value[2:-2] if value.startswith('["') else value


def _fill(name: str, shape: Any, noun: str, said: _Said, model: OperationModel) -> Values:
    """What the deleting operation's member may be told, from the likeliest place that has something; () if none has."""
    if is_sensitive(shape) or name.lower() in SECRET_NAMES:
        return ()
    as_list = shape.type_name == "list"
    for tree, tree_shape, candidate in _places(name, noun, said, model):
        if candidate in SECRET_NAMES:
            continue
        found = _look_up(tree, tree_shape, candidate, noun)
        values = tuple(text for value in found if (text := _text(value, shape.member if as_list else shape)))
        if values:
            return (
                tuple(f"[{json.dumps(one)}]" if not one.startswith("{") else f"[{one}]" for one in values)
                if (as_list)
                else values
            )
    return ()


def _places(name: str, noun: str, said: _Said, model: OperationModel) -> Iterator[tuple[Mapping[str, Any], Any, str]]:
    """Where the member may be found, and under what name, the likeliest first."""
    places = ((said.request, model.input_shape), (said.reply, model.output_shape))
    if _FROM_ANOTHER.match(model.name):
        places = places[::-1]
    for candidate in dict.fromkeys(_candidates(name, noun)):
        for tree, shape in places:
            yield tree, shape, candidate


_FROM_ANOTHER = re.compile(r"Copy|Clone|Restore|Replicate|Create\w+From[A-Z]")
"""Operations whose requests may name, as they name the thing, the one that it is made from."""


def _candidates(name: str, noun: str) -> Iterator[str]:
    """The names, in lower case, under which a member of the deleting operation may stand in the creating one's."""
    lower, one = name.lower(), inverse_operations.singular(name).lower()
    yield from (lower, one, f"{one}s")
    suffix = next((end for end in ("identifier", "name", "arn", "id") if one.endswith(end)), "")
    base = one.removesuffix(suffix)
    if not base:  # Id: HostedZoneId
        yield f"{noun}{one}"
    if not suffix:  # taskDefinition: taskDefinitionArn
        yield from (f"{one}{end}" for end in ("arn", "name", "id"))
    if suffix == "identifier":
        yield from (f"{base}{end}" for end in ("id", "arn"))
    if suffix:  # restApiId: id
        yield from (suffix, *(("id",) if suffix == "identifier" else ()))
    if suffix in ("id", "identifier") or one == noun:
        yield from (f"{base}arn", "arn", f"{base}name", "name")
    yield from _ALIASES.get(name, ())


_ALIASES = {"IfMatch": ("etag",)}


def _look_up(tree: Mapping[str, Any], shape: Any, name: str, noun: str) -> tuple[tuple[object, Any], ...]:
    """The values of this name at the top, else one step down: in what is named as the thing, or in the only one."""
    top = _named(tree, shape, name)
    if top:
        return top
    found = []
    for key, value in tree.items():
        items = value if isinstance(value, list) else [value]
        item_shape = below(shape, key)
        item_shape = below(item_shape, 0) if isinstance(value, list) else item_shape
        values = tuple(
            pair for item in items[:MAX_CHANGES] if isinstance(item, dict) for pair in _named(item, item_shape, name)
        )
        if values:
            if inverse_operations.singular(key).lower() in (noun, f"{noun}details", f"{noun}description"):
                return values
            found.append(values)
    return found[0] if len(found) == 1 else ()


def _named(tree: Mapping[str, Any], shape: Any, name: str) -> tuple[tuple[object, Any], ...]:
    wanted = name.lower()
    for key, value in tree.items():
        if isinstance(key, str) and key.lower() == wanted:
            place = below(shape, key)
            if is_sensitive(place):
                return ()
            if isinstance(value, list):
                return tuple((item, below(place, 0)) for item in value[:MAX_CHANGES])
            return ((value, place),) if value is not None else ()
    return ()


def _text(found: tuple[object, Any], target: Any) -> str:
    """The value as a parameter; empty where it is none."""
    value, shape = found
    if is_sensitive(shape):
        return ""
    match value:
        case bool():
            text = "true" if value else "false"
        case int() | float() | str():
            text = str(value)
        case dict() if target.type_name == "structure" and not _holds_secret(value, shape):
            text = json.dumps(value, sort_keys=True, separators=(",", ":"))
        case _:
            return ""
    is_fit = isinstance(value, dict) is (target.type_name == "structure") and target.type_name not in ("list", "map")
    return text if is_fit and 0 < len(text) <= MAX_PARAMETER_CHARACTERS and text not in _NO_NAMES else ""


_NO_NAMES = frozenset(("pending confirmation", "PendingConfirmation"))
"""What SNS gives as the ARN of a subscription that nobody has confirmed."""


def _holds_secret(value: object, shape: Any) -> bool:
    if isinstance(value, dict):
        return any(
            str(key).lower() in SECRET_NAMES
            or is_sensitive(below(shape, key))
            or _holds_secret(item, below(shape, key))
            for key, item in value.items()
        )
    return isinstance(value, list) and any(_holds_secret(item, below(shape, 0)) for item in value)


def _digest(name: str, noun: str, said: _Said, model: OperationModel) -> str:
    """What stands for an access key's id, so that its deletion is known: ids are credentials, and too long to guess."""
    if name.lower() != "accesskeyid":
        return ""
    for tree, shape in ((said.request, model.input_shape), (said.reply, model.output_shape)):
        for value, _ in _look_up(tree, shape, name, noun):
            if isinstance(value, str):
                return f"sha256:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:16]}"
    return ""


def _scopes(wanted: inverse_operations.Wanted, request: Mapping[str, Any]) -> dict[str, str]:
    texts = {
        name: _text((request.get(name), shape), shape)
        for name, shape in wanted.scopes
        if not is_sensitive(shape) and name.lower() not in SECRET_NAMES
    }
    return {name: text for name, text in texts.items() if text and not inverse_operations.is_default(name, text)}


def _known(model: OperationModel, said: _Said) -> dict[str, str]:
    """Names and ids at the top of both messages, of a thing of which more is not known."""
    found: dict[str, str] = {}
    for tree, shape in ((said.request, model.input_shape), (said.reply, model.output_shape)):
        for name, value in tree.items():
            place = below(shape, name)
            is_name = place is not None and place.type_name == "string" and _IDENTIFIES.search(name)
            if is_name and name.lower() not in SECRET_NAMES and (text := _text((value, place), place)):
                found.setdefault(name, text)
    return found


_IDENTIFIES = re.compile(r"(?:name|id|arn|identifier)$", re.IGNORECASE)


def _of_batch(request: Mapping[str, Any], model: OperationModel) -> Values:
    """The only list of texts in the request of an operation that deletes several things."""
    lists = [
        value
        for name, value in request.items()
        if isinstance(value, list)
        and name.lower() not in SECRET_NAMES
        and not is_sensitive(below(model.input_shape, name))
    ]
    if len(lists) != 1 or any(not isinstance(item, str) for item in lists[0]):
        return ()
    return tuple(item for item in lists[0][:MAX_CHANGES] if 0 < len(item) <= MAX_PARAMETER_CHARACTERS)


def _failed(reply: Mapping[str, Any]) -> frozenset[str]:
    """The texts in what a reply says of those things of a batch for which the operation has failed."""
    found: set[str] = set()
    under_way = [value for name, value in reply.items() if _FAILURES.match(name) and isinstance(value, list)]
    while under_way:
        value = under_way.pop()
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict | list):
            under_way += value.values() if isinstance(value, dict) else value
    return frozenset(found)


_FAILURES = re.compile(r"(?i)errors?$|fail|unsuccessful|unprocessed|invalid|unfound")


def _as_it_is(_place: _Location, _said: _Said, found: ResourceChanges) -> ResourceChanges:
    return found


def _versioned(place: _Location, said: _Said, found: ResourceChanges) -> ResourceChanges:
    """In a bucket with versions, an object that is written is one more version."""
    version = said.reply.get("VersionId")
    if not isinstance(version, str) or version == "null":
        return found
    created = tuple(place.resource(one.action, {**dict(one.parameters), "VersionId": version}) for one in found.created)
    return ResourceChanges(created, found.deleted)


def _completed(place: _Location, said: _Said, found: ResourceChanges) -> ResourceChanges:
    """The upload has become an object."""
    upload = {name: str(said.request.get(name, "")) for name in ("Bucket", "Key", "UploadId")}
    created = tuple(
        place.resource(one.action, {name: text for name, text in one.parameters if name != "VersionId"})
        for one in found.created
    )
    return _versioned(place, said, ResourceChanges(created, (place.resource("AbortMultipartUpload", upload),)))


def _unversioned(place: _Location, said: _Said, found: ResourceChanges) -> ResourceChanges:
    """In a bucket with versions, an object that is deleted is there, and a marker is one more version."""
    if str(said.reply.get("DeleteMarker")).lower() != "true" or "VersionId" in said.request:
        return found
    return _versioned(place, said, ResourceChanges(found.deleted, ()))


def _objects(place: _Location, said: _Said, found: ResourceChanges) -> ResourceChanges:
    """S3's own batch: the keys are in a structure, and so is what has failed."""
    asked = said.request.get("Delete")
    objects = asked.get("Objects") if isinstance(asked, dict) else None
    bucket, failed = said.request.get("Bucket"), _failed(said.reply)
    answers = said.reply.get("Deleted")
    markers = {
        str(one.get("Key")): str(one.get("DeleteMarkerVersionId"))
        for one in (answers if isinstance(answers, list) else ())
        if isinstance(one, dict) and str(one.get("DeleteMarker")).lower() == "true"
    }
    created, deleted = [], []
    for one in objects if isinstance(objects, list) else ():
        key, version = (one.get("Key"), one.get("VersionId")) if isinstance(one, dict) else (None, None)
        if not isinstance(key, str) or not isinstance(bucket, str) or key in failed:
            continue
        parameters = {"Bucket": bucket, "Key": key}
        if isinstance(version, str) and version != "null":
            deleted.append(place.resource("DeleteObject", {**parameters, "VersionId": version}))
        elif key in markers:
            created.append(place.resource("DeleteObject", {**parameters, "VersionId": markers[key]}))
        else:
            deleted.append(place.resource("DeleteObject", parameters))
    return ResourceChanges((*found.created, *created[:MAX_CHANGES]), tuple(deleted[:MAX_CHANGES]))


def _published(place: _Location, said: _Said, found: ResourceChanges) -> ResourceChanges:
    """A version of a function is deleted as the function is, by its number."""
    version = said.reply.get("Version")
    if not isinstance(version, str) or not version.isdigit():
        return ResourceChanges((), found.deleted)
    created = tuple(place.resource(one.action, {**dict(one.parameters), "Qualifier": version}) for one in found.created)
    return ResourceChanges(created, found.deleted)


_SPECIAL = {
    "lambda.PublishVersion": _published,
    "s3.CompleteMultipartUpload": _completed,
    "s3.CopyObject": _versioned,
    "s3.DeleteObject": _unversioned,
    "s3.DeleteObjects": _objects,
    "s3.PutObject": _versioned,
}
"""What replies of single operations say besides."""
