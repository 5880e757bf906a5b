"""A bucket's encryption, lifecycle and replication: MiniStack's templates leave them out, its API has them. botocore writes the
XML that the API takes."""
import botocore.session
from botocore.serialize import create_serializer

from ministack.services import s3
from ministack.services.cloudformation import provisioners

from patching import or_fail


def with_numbers(value):
    """CloudFormation has numbers as text as well; S3's API does not."""
    if isinstance(value, dict):
        return {key: with_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [with_numbers(one) for one in value]
    return int(value) if isinstance(value, str) and value.isdigit() else value


def encryption(config):
    return {"Rules": [
        {
            "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
            "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule in config["ServerSideEncryptionConfiguration"]
    ]}


def lifecycle_rule(rule):
    expiration = {
        name: rule[property]
        for property, name in (("ExpirationInDays", "Days"), ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"))
        if property in rule
    }
    transitions = [{"Days": one["TransitionInDays"], "StorageClass": one["StorageClass"]} for one in rule.get("Transitions", [])]
    same = {key: rule[key] for key in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload") if key in rule}
    return {
        "ID": rule["Id"],
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
        **({"Expiration": expiration} if expiration else {}),
        **({"Transitions": transitions} if transitions else {}),
        **same,
    }


def lifecycle(config):
    return {"Rules": [lifecycle_rule(rule) for rule in with_numbers(config["Rules"])]}


def replication(config):
    def rule_of(rule):
        return {"ID": rule["Id"], **{key: value for key, value in rule.items() if key != "Id"}}

    return {"Role": config["Role"], "Rules": [rule_of(rule) for rule in with_numbers(config["Rules"])]}


def install():
    model = botocore.session.get_session().get_service_model("s3")
    serializer = create_serializer("rest-xml")

    def setting(property, operation, parameter, convert, put, delete):
        def to_xml(config):
            request = {"Bucket": "any-bucket", parameter: convert(config)}
            return serializer.serialize_to_request(request, model.operation_model(operation))["body"]

        return property, to_xml, lambda name, body: or_fail(put(name, body)), delete

    provisioners._S3_BUCKET_CONFIGURATIONS += (
        setting("BucketEncryption", "PutBucketEncryption", "ServerSideEncryptionConfiguration", encryption,
                s3._put_bucket_encryption, s3._delete_bucket_encryption),
        setting("LifecycleConfiguration", "PutBucketLifecycleConfiguration", "LifecycleConfiguration", lifecycle,
                s3._put_bucket_lifecycle, s3._delete_bucket_lifecycle),
        setting("ReplicationConfiguration", "PutBucketReplication", "ReplicationConfiguration", replication,
                s3._put_bucket_replication, s3._delete_bucket_replication),
    )
