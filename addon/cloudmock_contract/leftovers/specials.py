"""What replies of single operations say besides: S3's versions, uploads and batches, and Lambda's versions.

This file does not know how parameters are filled in from messages.
"""

from collections.abc import Callable, Mapping

from cloudmock_contract.leftovers.answered_call import AnsweredCall
from cloudmock_contract.leftovers.parameters import MAX_CHANGES, failures
from cloudmock_contract.values.exchange import Resource

type Resources = tuple[Resource, ...]
type CreatedAndDeleted = tuple[Resources, Resources]


def corrected(call: AnsweredCall, created: Resources, deleted: Resources) -> CreatedAndDeleted:
    """What the call has created and deleted, where more is known of its operation than its names tell."""
    correct = _SPECIALS.get(call.operation_name)
    return correct(call, created, deleted) if correct else (created, deleted)


def _with_version(call: AnsweredCall, created: Resources, deleted: Resources) -> CreatedAndDeleted:
    """In a bucket with versions, an object that is written is one more version."""
    version = call.reply.get("VersionId")
    if not isinstance(version, str) or version == "null":
        return created, deleted
    return _each_with(call, created, VersionId=version), deleted


def _completed_upload(call: AnsweredCall, created: Resources, _deleted: Resources) -> CreatedAndDeleted:
    """The upload has become an object."""
    upload = {name: str(call.request.get(name, "")) for name in ("Bucket", "Key", "UploadId")}
    objects = tuple(
        call.resource(resource.action, {name: text for name, text in resource.parameters if name != "VersionId"})
        for resource in created
    )
    return _with_version(call, objects, (call.resource("AbortMultipartUpload", upload),))


def _deleted_object(call: AnsweredCall, created: Resources, deleted: Resources) -> CreatedAndDeleted:
    """In a bucket with versions, an object that is deleted is still there, and has a marker as one more version."""
    if not _is_true(call.reply.get("DeleteMarker")) or "VersionId" in call.request:
        return created, deleted
    return _with_version(call, deleted, ())


def _deleted_objects(call: AnsweredCall, created: Resources, _deleted: Resources) -> CreatedAndDeleted:
    """S3's own batch: the keys are in a structure, and so is what has failed."""
    bucket, failed, markers = call.request.get("Bucket"), failures(call.reply), _markers(call)
    batch = call.request.get("Delete")
    identifiers = batch.get("Objects") if isinstance(batch, dict) else None
    new_markers, objects = [], []
    for identifier in identifiers if isinstance(identifiers, list) else ():
        key, version = _key_and_version(identifier)
        if not isinstance(key, str) or not isinstance(bucket, str) or key in failed:
            continue
        parameters = {"Bucket": bucket, "Key": key}
        if isinstance(version, str) and version != "null":
            objects.append(call.resource("DeleteObject", {**parameters, "VersionId": version}))
        elif key in markers:
            new_markers.append(call.resource("DeleteObject", {**parameters, "VersionId": markers[key]}))
        else:
            objects.append(call.resource("DeleteObject", parameters))
    return (*created, *new_markers[:MAX_CHANGES]), tuple(objects[:MAX_CHANGES])


def _key_and_version(identifier: object) -> tuple[object, object]:
    return (identifier.get("Key"), identifier.get("VersionId")) if isinstance(identifier, dict) else (None, None)


def _markers(call: AnsweredCall) -> dict[str, str]:
    """By key, the version of the marker that a deletion has added."""
    results = call.reply.get("Deleted")
    return {
        str(result.get("Key")): str(result.get("DeleteMarkerVersionId"))
        for result in (results if isinstance(results, list) else ())
        if isinstance(result, dict) and _is_true(result.get("DeleteMarker"))
    }


def _published_version(call: AnsweredCall, created: Resources, deleted: Resources) -> CreatedAndDeleted:
    """A version of a function is deleted as the function is, by its number."""
    version = call.reply.get("Version")
    if not isinstance(version, str) or not version.isdigit():
        return (), deleted
    return _each_with(call, created, Qualifier=version), deleted


def _each_with(call: AnsweredCall, resources: Resources, **parameters: str) -> Resources:
    return tuple(call.resource(resource.action, {**dict(resource.parameters), **parameters}) for resource in resources)


def _is_true(value: object) -> bool:
    """Whether a value out of a header or of XML is a true one."""
    return str(value).lower() == "true"


_SPECIALS: Mapping[str, Callable[[AnsweredCall, Resources, Resources], CreatedAndDeleted]] = {
    "lambda.PublishVersion": _published_version,
    "s3.CompleteMultipartUpload": _completed_upload,
    "s3.CopyObject": _with_version,
    "s3.DeleteObject": _deleted_object,
    "s3.DeleteObjects": _deleted_objects,
    "s3.PutObject": _with_version,
}
