"""What names of members say."""

from collections.abc import Callable

import pytest

from cloudmock_contract.comparison.identifiers import member_names


@pytest.mark.parametrize(
    ("says", "fitting", "others"),
    [
        (
            member_names.is_identifier,
            (
                "VpcId",
                "vpcId",
                "id",
                "TopicArn",
                "QueueUrl",
                "ReceiptHandle",
                "Owner",
                "PublicIp",
                "DNSName",
                "DomainName",
                "NameServers",
                "SpotInstanceRequestId",
                "Account",
            ),
            ("Name", "State", "Size", "Width", "Idle", "CreationDate", ""),
        ),
        (
            member_names.is_telling,
            (
                "Code",
                "Message",
                "State",
                "TableStatus",
                "InstanceType",
                "CidrBlock",
                "PolicyDocument.Policy",
            ),
            ("VpcId", "Arn", "Name", "SpotInstanceRequestId", ""),
        ),
        (
            member_names.is_opaque,
            ("NextToken", "Marker", "UploadId", "VersionId", "x-amz-version-id", "SequenceNumber", "CiphertextBlob"),
            ("VpcId", "Arn", "Name", "TokenType", ""),
        ),
        (
            member_names.is_hash,
            ("ETag", "CodeSha256", "MD5OfBody", "ChecksumCRC32", "imageDigest"),
            ("VpcId", "Arn", "HashKey", ""),
        ),
        (
            member_names.is_time,
            (
                "CreationTime",
                "CreatedAt",
                "expiresOn",
                "LastModified",
                "timestamp",
                "created",
                "start_time",
                "exp",
                "last-modified",
            ),
            ("Version", "Format", "Region", "Duration", "Rotation", "Flat", "Runtime", "Name", ""),
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_names_end_in_what_they_are(
    says: Callable[[str], bool], fitting: tuple[str, ...], others: tuple[str, ...]
) -> None:
    """A name says what its end says, in whichever spelling AWS has it; names that only look alike say nothing."""
    assert list(fitting) == [name for name in (*fitting, *others) if says(name)]
