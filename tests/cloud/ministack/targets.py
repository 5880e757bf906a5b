"""EventBridge delivers to a queue or a topic only where their policies, and the key of the topic, let it. A schedule starts only
what its role may start. MiniStack asks none of them."""
import logging

import ministack.app as app
from ministack.core.responses import get_account_id
from ministack.services import eventbridge, kms, scheduler, sns, sqs  # scheduler takes eventbridge's function as its own

import roles
from patching import replace_everywhere

log = logging.getLogger("extension")


def schedule_may(target):
    arn, role = target["Arn"], target["RoleArn"]
    roles.require_trust(role, "scheduler.amazonaws.com")
    return roles.may(role, "states:StartExecution" if ":stateMachine:" in arn else "lambda:InvokeFunction", arn)


def queue_admits(queue_arn, rule_arn):
    admits = sqs.queue_policy_allows(queue_arn, "events.amazonaws.com", rule_arn, get_account_id())
    log.info("IAM %s sqs:SendMessage on %s for %s", "Allow" if admits else "Deny", queue_arn, rule_arn)
    return admits


def topic_admits(topic_arn, rule_arn):
    events = "events.amazonaws.com"
    key = sns._topic_by_arn_any_scope(topic_arn)["attributes"].get("KmsMasterKeyId")
    has_key = not key or all(
        [roles.service_may(kms._resolve_key(key)["Policy"], events, f"kms:{action}", "*") for action in ("Decrypt", "GenerateDataKey")])
    admits = has_key and sns.topic_policy_allows(topic_arn, events, rule_arn, get_account_id())
    log.info("IAM %s sns:Publish on %s for %s", "Allow" if admits else "Deny", topic_arn, rule_arn)
    return admits


def install():
    deliver = eventbridge._invoke_target

    def deliver_if_allowed(target, event, rule, view=None):
        if app.AUTH and event.get("Source") == "aws.scheduler" and target.get("RoleArn"):
            allowed = schedule_may(target)
        elif app.AUTH and ":sqs:" in target.get("Arn", ""):
            allowed = queue_admits(target["Arn"], rule.get("Arn", ""))
        elif app.AUTH and ":sns:" in target.get("Arn", ""):
            allowed = topic_admits(target["Arn"], rule.get("Arn", ""))
        else:
            allowed = True
        if allowed:
            deliver(target, event, rule, view)

    replace_everywhere("_invoke_target", deliver, deliver_if_allowed)
