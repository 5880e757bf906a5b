"""A function's key, network and reserved concurrency, which MiniStack's templates leave out, and what Lambda does with the
function's role: its interfaces in the VPC, its environment and its logs."""
import ministack.app as app
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

import roles

network_actions = (
    "CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface",
    "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses",
)


def complete(name, props):
    record = lambda_svc._functions[name]
    record["config"]["KMSKeyArn"] = props.get("KmsKeyArn", "")
    record["config"]["VpcConfig"] = props.get("VpcConfig", {})
    reserved = props.get("ReservedConcurrentExecutions")
    record["concurrency"] = None if reserved is None else int(reserved)
    if app.AUTH and props.get("VpcConfig"):
        for action in network_actions:
            if not roles.may(props["Role"], f"ec2:{action}", "*"):
                raise ValueError(f"The provided execution role does not have permissions to call {action} on EC2")


def require_environment(config):
    role, key = config["Role"], config.get("KMSKeyArn")
    roles.require_trust(role, "lambda.amazonaws.com")
    way = {"kms:viaservice": f"lambda.{get_region()}.amazonaws.com"}
    if key and not roles.may(role, "kms:Decrypt", key, way):
        raise PermissionError(f"KMSAccessDeniedException: {role} may not decrypt the environment with {key}")


def may_log(config):
    group = (config.get("LoggingConfig") or {}).get("LogGroup")
    stream = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:any"
    return all([roles.may(config["Role"], f"logs:{action}", stream) for action in ("CreateLogStream", "PutLogEvents")])


def install():
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    create, update = handlers["create"], handlers["update"]
    spawn, write_logs = lambda_svc._spawn_lambda_container_impl, lambda_svc._emit_lambda_logs

    def create_complete(logical_id, props, stack):
        made = create(logical_id, props, stack)
        complete(made[0], props)
        return made

    def update_complete(physical_id, old, new, stack, logical_id=None):
        made = update(physical_id, old, new, stack, logical_id)
        complete(made[0], new)
        return made

    def spawn_with_role(config, *rest, **named):
        if app.AUTH:
            require_environment(config)
        return spawn(config, *rest, **named)

    def write_logs_with_role(function, *rest, **named):
        if app.AUTH and not may_log(function.get("config") or function):
            return None
        return write_logs(function, *rest, **named)

    handlers["create"], handlers["update"] = create_complete, update_complete
    lambda_svc._spawn_lambda_container_impl = spawn_with_role
    lambda_svc._emit_lambda_logs = write_logs_with_role
