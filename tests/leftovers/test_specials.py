"""What replies of single operations say besides."""

from collections.abc import Callable

from cloudmock_contract.leftovers.resource_changes import ResourceChanges
from cloudmock_contract.values.exchange import Resource
from cloudmock_contract.values.http import Headers, Reply

type Changes = Callable[..., ResourceChanges]


def s3_object(key: str, **parameters: str) -> Resource:
    parameters |= {"Bucket": "b", "Key": key}
    return Resource("s3", "eu-west-1", "DeleteObject", tuple(sorted(parameters.items())))


def s3_reply(*headers: tuple[str, str]) -> Reply:
    return Reply(200, Headers(headers), b"")


def test_a_completed_upload_is_an_object(changes: Changes) -> None:
    """The upload is gone, and the object is there, or a version of it."""
    upload = Resource("s3", "eu-west-1", "AbortMultipartUpload", (("Bucket", "b"), ("Key", "k"), ("UploadId", "u")))
    plain = changes("s3", "complete_multipart_upload", Bucket="b", Key="k", UploadId="u")
    versioned = changes(
        "s3", "complete_multipart_upload", s3_reply(("x-amz-version-id", "v1")), Bucket="b", Key="k", UploadId="u"
    )

    assert ResourceChanges((s3_object("k"),), (upload,)) == plain
    assert ResourceChanges((s3_object("k", VersionId="v1"),), (upload,)) == versioned


def test_a_bucket_with_versions_keeps_them(changes: Changes) -> None:
    """Each write is a version, and a deletion without one adds a marker and deletes nothing."""
    version, marker = ("x-amz-version-id", "v1"), ("x-amz-delete-marker", "true")
    written = changes("s3", "put_object", s3_reply(version), Bucket="b", Key="k")
    copied = changes("s3", "copy_object", s3_reply(version), Bucket="b", Key="k", CopySource="b/other")
    deleted = changes("s3", "delete_object", s3_reply(("x-amz-version-id", "v2"), marker), Bucket="b", Key="k")

    assert ResourceChanges((s3_object("k", VersionId="v1"),)) == written == copied
    assert ResourceChanges((s3_object("k", VersionId="v2"),)) == deleted


def test_a_version_can_be_deleted(changes: Changes) -> None:
    """A deletion that names a version deletes it, also where the version is a marker."""
    reply = s3_reply(("x-amz-version-id", "v2"), ("x-amz-delete-marker", "true"))

    assert ResourceChanges((), (s3_object("k", VersionId="v2"),)) == changes(
        "s3", "delete_object", reply, Bucket="b", Key="k", VersionId="v2"
    )


def test_a_bucket_without_versions_has_none(changes: Changes) -> None:
    """S3 says `null` where a bucket's versions are suspended."""
    reply = s3_reply(("x-amz-version-id", "null"))

    assert ResourceChanges((s3_object("k"),)) == changes("s3", "put_object", reply, Bucket="b", Key="k")


def test_a_batch_deletes_what_has_not_failed(changes: Changes) -> None:
    """The keys are in the request; what failed, and what only got a marker, is in the reply."""
    batch = {"Objects": [{"Key": "k"}, {"Key": "kept"}, {"Key": "v", "VersionId": "1"}, {"Key": "marked"}]}
    reply = (
        b"<DeleteResult><Error><Key>kept</Key><Code>AccessDenied</Code></Error><Deleted><Key>marked</Key>"
        b"<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>2</DeleteMarkerVersionId></Deleted></DeleteResult>"
    )

    assert ResourceChanges(
        (s3_object("marked", VersionId="2"),), (s3_object("k"), s3_object("v", VersionId="1"))
    ) == changes("s3", "delete_objects", reply, Bucket="b", Delete=batch)


def test_a_published_version_is_deleted_by_its_number(changes: Changes) -> None:
    """Deleting the function without it would delete all of the function; a reply without one made nothing."""
    parameters = (("FunctionName", "f"), ("Qualifier", "3"))

    assert (Resource("lambda", "eu-west-1", "DeleteFunction", parameters),) == changes(
        "lambda", "publish_version", {"FunctionName": "f", "Version": "3"}, FunctionName="f"
    ).created
    assert () == changes("lambda", "publish_version", {"FunctionName": "f"}, FunctionName="f").created
