"""Whoever reads or writes an object or a secret under a key of KMS needs that key too, by way of S3 or Secrets Manager. MiniStack
does not ask for it."""
import logging
import re

from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_account_id
from ministack.services import s3, secretsmanager

log = logging.getLogger("extension")
wanted = {"s3:GetObject": "kms:Decrypt", "s3:PutObject": "kms:GenerateDataKey", "secretsmanager:GetSecretValue": "kms:Decrypt"}


def key_of_bucket(bucket):
    text = s3._bucket_encryption.get(bucket) or ""
    text = text.decode() if isinstance(text, bytes) else text
    found = re.search(r"<KMSMasterKeyID>([^<]+)</KMSMasterKeyID>", text)
    return found.group(1) if found else None


def key_of_secret(arn):
    return next((secret.get("KmsKeyId") for _, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), None)


def key_of(service, resource_arn):
    if service == "s3":
        return key_of_bucket(resource_arn.split(":::", 1)[-1].split("/", 1)[0])
    return key_of_secret(resource_arn)


def install():
    enforce = iam.enforce

    def enforce_with_key(access_key_id, action, service, region, resource_arn="*", service_context=None):
        denied = enforce(access_key_id, action, service, region, resource_arn=resource_arn, service_context=service_context)
        key = key_of(service, resource_arn) if denied is None and action in wanted else None
        if not key:
            return denied
        key_arn = key if key.startswith("arn:") else f"arn:aws:kms:{region}:{get_account_id()}:key/{key}"
        way = {"kms:viaservice": f"{service}.{region}.amazonaws.com", "kms:calleraccount": get_account_id()}
        denied = enforce(access_key_id, wanted[action], "kms", region, resource_arn=key_arn, service_context=way)
        log.info("IAM %s %s on %s for %s of %s", "Allow" if denied is None else "Deny", wanted[action], key_arn, action, resource_arn)
        return denied

    iam.enforce = enforce_with_key
