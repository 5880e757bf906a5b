"""Pipes from a queue to a state machine: MiniStack accepts them and never reads the queue. This one is a client over HTTPS with the
credentials of the pipe's role, so the queue and the state machine decide by its policies."""
import json
import logging
import os
import re
import threading
import time

import boto3
from ministack.core.responses import _request_account_id, _request_region, get_region
from ministack.services import pipes
from ministack.services.cloudformation import provisioners

import roles

log = logging.getLogger("extension")
endpoint = f"https://{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"
settings = {}  # by (Region, pipe): its SourceParameters, which MiniStack does not keep
clients = {}


def client(service, region, role_arn):
    key = (service, region, role_arn)
    keys = roles.credentials(role_arn, "pipes.amazonaws.com")  # asks the trust policy each time
    if key not in clients:
        clients[key] = boto3.client(
            service, region_name=region, endpoint_url=endpoint, verify=os.environ["EMULATOR_CA"],
            aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )
    return clients[key]


def receive(sqs, url, size, window_seconds):
    """Up to `size` messages. It waits for more, up to the window, once there is one."""
    received, until = [], None
    while len(received) < size and (until is None or time.time() < until):
        count = min(10, size - len(received))
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=count, AttributeNames=["All"]).get("Messages", [])
        received += messages
        if not received:
            return []
        until = until or time.time() + window_seconds
        if not messages:
            time.sleep(0.1)
    return received


def record(message, source, region):
    return {
        "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
        "attributes": message.get("Attributes", {}), "messageAttributes": {}, "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs", "eventSourceARN": source, "awsRegion": region,
    }


def carry(account, region, pipe):
    given = settings.get((region, pipe["Name"]), {}).get("SqsQueueParameters", {})
    sqs, states = (client(service, region, pipe["RoleArn"]) for service in ("sqs", "stepfunctions"))
    url = f"{endpoint}/{account}/{pipe['Source'].rsplit(':', 1)[-1]}"
    messages = receive(sqs, url, int(given.get("BatchSize", 10)), float(given.get("MaximumBatchingWindowInSeconds", 0)))
    if not messages:
        return
    records = [record(message, pipe["Source"], region) for message in messages]
    states.start_execution(stateMachineArn=pipe["Target"], input=json.dumps(transformed(records, pipe)))
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    log.info("pipe %s in %s: %d messages started an execution", pipe["Name"], region, len(messages))


def transformed(records, pipe):
    """The records as the pipe's input template makes them. A path `<$.body.a>` reads into a body that is JSON."""
    template = (settings.get((get_region(), pipe["Name"]), {}).get("target") or {}).get("InputTemplate")
    return records if template is None else [json.loads(fill(template, one)) for one in records]


def fill(template, record):
    readable = {**record, "body": json.loads(record["body"])}

    def value(match):
        node = readable
        for name in match.group(1).split("."):
            node = node.get(name) if isinstance(node, dict) else None
        text = json.dumps(node)
        # Within quotes the text stands without its own.
        is_quoted = match.string[match.start() - 1] == '"' and match.string[match.end():match.end() + 1] == '"'
        return text[1:-1] if is_quoted and isinstance(node, str) else text

    return re.sub(r"<\$\.([\w.-]+)>", value, template)


def carry_forever():
    while True:
        for account, region, pipe in list(pipes._iter_all_pipes()):
            if pipe.get("CurrentState") != "RUNNING" or ":sqs:" not in pipe.get("Source", ""):
                continue
            tokens = _request_account_id.set(account), _request_region.set(region)
            try:
                carry(account, region, pipe)
            except Exception as error:  # A pipe keeps trying.
                log.warning("pipe %s in %s: %s", pipe["Name"], region, error)
                time.sleep(0.5)
            finally:
                _request_account_id.reset(tokens[0])
                _request_region.reset(tokens[1])
        time.sleep(0.2)


def install():
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Pipes::Pipe"]
    create = handlers["create"]

    def remember(logical_id, props, stack):
        target = props.get("TargetParameters", {})
        if target.get("StepFunctionStateMachineParameters", {}).get("InvocationType") != "FIRE_AND_FORGET":
            raise ValueError("A standard state machine takes FIRE_AND_FORGET only")
        made = create(logical_id, props, stack)
        settings[(get_region(), made[0])] = {**props.get("SourceParameters", {}), "target": target}
        return made

    handlers["create"] = remember
    threading.Thread(target=carry_forever, daemon=True).start()
