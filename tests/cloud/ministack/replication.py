"""Replication between buckets acts with the role of the rule, on both buckets and both keys. A replica raises an event in its bucket.
MiniStack replicates without asking the role, and raises no event."""
import ministack.app as app
from ministack.services import s3

import roles
from keys_of_objects import key_of_bucket


def needed(rule, bucket, key):
    there, source = rule["Destination"]["Bucket"], f"arn:aws:s3:::{bucket}"
    yield "s3:GetReplicationConfiguration", source
    yield "s3:ListBucket", source
    for action in ("GetObjectVersionForReplication", "GetObjectVersionAcl", "GetObjectVersionTagging"):
        yield f"s3:{action}", f"{source}/{key}"
    for action in ("ReplicateObject", "ReplicateDelete", "ReplicateTags"):
        yield f"s3:{action}", f"{there}/{key}"
    yield "kms:Decrypt", key_of_bucket(bucket)
    yield "kms:Encrypt", rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"]


def install():
    replicate = s3._maybe_replicate

    def replicate_with_role(bucket, key, obj, data, tags=None):
        rule, role = s3._replication_rule_for(bucket, key, tags)
        if app.AUTH and rule is not None:
            roles.require_trust(role, "s3.amazonaws.com")
            if not all([roles.may(role, action, resource) for action, resource in needed(rule, bucket, key)]):
                obj["replication_status"] = "FAILED"
                return
        replicate(bucket, key, obj, data, tags)
        if rule is not None and obj.get("replication_status") == "COMPLETED":
            there = rule["Destination"]["Bucket"].split(":::")[-1]
            s3._fire_s3_event_async(there, key, "s3:ObjectCreated:Put", size=obj.get("size", 0), etag=obj.get("etag", ""))

    s3._maybe_replicate = replicate_with_role
