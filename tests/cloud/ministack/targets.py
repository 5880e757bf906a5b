"""EventBridge delivers to a queue only where the queue's policy lets it, and a schedule to what its role may start.
MiniStack asks neither."""
import logging

import ministack.app as app
from ministack.core.responses import get_account_id
from ministack.services import eventbridge, scheduler, sqs  # scheduler takes eventbridge's function as its own

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


def install():
    deliver = eventbridge._invoke_target

    def deliver_if_allowed(target, event, rule, view=None):
        if app.AUTH and event.get("Source") == "aws.scheduler" and target.get("RoleArn"):
            allowed = schedule_may(target)
        elif app.AUTH and ":sqs:" in target.get("Arn", ""):
            allowed = queue_admits(target["Arn"], rule.get("Arn", ""))
        else:
            allowed = True
        if allowed:
            deliver(target, event, rule, view)

    replace_everywhere("_invoke_target", deliver, deliver_if_allowed)
