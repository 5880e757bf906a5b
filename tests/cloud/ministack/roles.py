"""What a role may do, answered by MiniStack's own evaluator from the deployed policies. MiniStack asks it for signed requests
only. The other modules ask it where one service acts in another one, as AWS does."""
import hashlib
import json
import logging

from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_region
from ministack.services import iam as iam_service, sts

log = logging.getLogger("extension")


def parts_of(role_arn):
    return role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]


def role_of(principal_arn):
    """The role's name, where a session of a role asks: arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION."""
    parts = principal_arn.split("/")
    return parts[1] if ":assumed-role" in parts[0] else parts[-1]


def service_may(policy, service, action, resource):
    """Whether the policy of a resource lets a service of AWS in."""
    asked = iam.EvalContext(
        principal_arn="*", principal_type="Service", principal_account="", action=action, resource_arn=resource,
        region=get_region(), service_context={},
    )
    return iam.evaluate_resource_policy(policy, asked, service=service).decision == "Allow"


def require_trust(role_arn, service):
    """@raises PermissionError where the role's trust policy does not let the service in."""
    account, name = parts_of(role_arn)
    role = iam_service._roles.get_scoped(account, None, name)
    if role is None:
        raise PermissionError(f"there is no role {role_arn}")
    trust = role.get("AssumeRolePolicyDocument")
    trust = json.loads(trust) if isinstance(trust, str) else trust
    asked = iam.EvalContext(
        principal_arn="*", principal_type="Service", principal_account="", action="sts:AssumeRole", resource_arn=role_arn,
        region=get_region(), service_context={"aws:sourceaccount": account},
    )

    def admits(statement):
        services = statement["Principal"].get("Service") or []
        services = [services] if isinstance(services, str) else services
        return statement.get("Effect") == "Allow" and service in services and iam._conditions_met(statement.get("Condition", {}), asked)

    if not any(admits(statement) for statement in trust["Statement"]):
        raise PermissionError(f"{role_arn} does not trust {service}")


def credentials(role_arn, service):
    """Credentials of the role for a service that it trusts."""
    require_trust(role_arn, service)
    account, name = parts_of(role_arn)
    digest = hashlib.sha256(f"{role_arn}{service}".encode()).hexdigest()
    keys = {"AccessKeyId": f"ASIA{digest[:16].upper()}", "SecretAccessKey": digest, "SessionToken": digest[::-1]}
    sts.register_session(keys["AccessKeyId"], {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/service", "UserId": f"{name}:service",
        "SecretAccessKey": keys["SecretAccessKey"], "SessionToken": keys["SessionToken"],
    })
    return keys


def may(role_arn, action, resource, context=None):
    account, name = parts_of(role_arn)
    asked = iam.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/service", principal_type="AssumedRole",
        principal_account=account, action=action, resource_arn=resource, region=get_region(), service_context=context or {},
    )
    decision = iam.evaluate(asked, iam._gather_role_policies(name, account)).decision
    log.info("IAM %s %s on %s by %s", decision, action, resource, name)
    return decision == "Allow"
