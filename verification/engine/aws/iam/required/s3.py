"""The permissions that S3 calls need; operations and actions have different names.

Amazon S3 User Guide, "Required permissions for Amazon S3 API operations",
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from verification.engine.aws.iam.evaluator.model import ContextValue
from verification.engine.aws.iam.required.arn_scope import Pair, Place

_ACTIONS = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}
# Object actions with another name for a version of an object.
_VERSIONED = {
    action: action.replace("Object", "ObjectVersion")
    for verb in ("Get", "Put", "Delete")
    for action in (f"{verb}Object{what}" for what in ("", "Acl", "Tagging", "Attributes"))
    if action != "PutObject"
}
_ALSO = {"Tagging": "PutObjectTagging", "ACL": "PutObjectAcl"}
_WRITES = ("PutObject", "CopyObject", "CreateMultipartUpload")
_CONTEXT = {"Prefix": "s3:prefix", "Delimiter": "s3:delimiter", "MaxKeys": "s3:max-keys"}


def pairs(place: Place, name: str, body: Mapping[str, Any]) -> Iterator[Pair]:
    """Yield (action, resource) of the call; nothing if it names no bucket.

    Copying needs to read the source as well, tags and an ACL given with an object need their own
    actions, and deleting many objects needs the action on each.
    """
    if "Bucket" not in body:
        if name == "ListBuckets":
            yield "s3:ListAllMyBuckets", "*"
        return
    bucket = f"arn:{place.partition}:s3:::{body['Bucket']}"
    action = _ACTIONS.get(name, name)
    for key, version in _objects(body):
        chosen = _VERSIONED.get(action, action) if version else action
        yield f"s3:{chosen}", bucket if key is None else f"{bucket}/{key}"
    if name in _WRITES:
        also = (action for parameter, action in _ALSO.items() if parameter in body)
        yield from ((f"s3:{action}", f"{bucket}/{body['Key']}") for action in also)
    if "CopySource" in body:
        yield _source(place, body["CopySource"])


def context(body: Mapping[str, Any]) -> dict[str, ContextValue]:
    """The condition keys that the parameters define."""
    return {key: str(body[p]) for p, key in _CONTEXT.items() if p in body}


def _objects(body: Mapping[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    """Yield key and version of each object; one pair without a key for the bucket."""
    if "Delete" in body:
        yield from ((one["Key"], one.get("VersionId")) for one in body["Delete"]["Objects"])
    else:
        yield body.get("Key"), body.get("VersionId")


def _source(place: Place, source: str | Mapping[str, str]) -> Pair:
    if isinstance(source, str):
        path, _, version = source.partition("?versionId=")
    else:
        path, version = f"{source['Bucket']}/{source['Key']}", source.get("VersionId", "")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    return action, f"arn:{place.partition}:s3:::{path.lstrip('/')}"
