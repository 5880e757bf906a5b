"""Writes each permission that a request did not have into the log, with the name of the role. MiniStack answers the request and writes
nothing. The mutation lists read this log."""
import logging

from ministack.core import iam_evaluator as iam

import roles

log = logging.getLogger("extension")


def install():
    enforce = iam.enforce

    def enforce_and_tell(access_key_id, action, service, region, resource_arn="*", service_context=None):
        denied = enforce(access_key_id, action, service, region, resource_arn=resource_arn, service_context=service_context)
        if isinstance(denied, iam.EvalResult):
            log.info("IAM %s %s on %s by %s", denied.decision, action, resource_arn, roles.role_of(denied.principal_arn))
        return denied

    iam.enforce = enforce_and_tell
