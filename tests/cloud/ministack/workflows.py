"""A state machine acts with its role: for its tasks, and for the child executions of a distributed Map. MiniStack does not ask the
role. The actions are those that AWS documents for each integration."""
import contextvars

import ministack.app as app
from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

import roles

# (role, state machine) of the execution that is under way in this context.
acting = contextvars.ContextVar("acting", default=None)


def require(action, resource):
    role, _ = acting.get()
    if not roles.may(role, action, resource):
        service = "Lambda" if action.startswith("lambda:") else "Sfn"
        raise stepfunctions._ExecutionError(
            f"{service}.AccessDeniedException", f"{role} is not authorized to perform {action} on {resource}")


def require_for_execution_and_wait(machine):
    here = f"{get_region()}:{get_account_id()}"
    require("states:StartExecution", machine)
    require_to_follow(machine)
    for action in ("PutTargets", "PutRule", "DescribeRule"):
        require(f"events:{action}", f"arn:aws:events:{here}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")


def require_to_follow(machine):
    for action in ("DescribeExecution", "StopExecution"):
        require(f"states:{action}", f"{machine.replace(':stateMachine:', ':execution:')}:any")


def require_for_task(resource, data):
    if "states:::lambda:invoke" in resource:
        require("lambda:InvokeFunction", data["FunctionName"])
    elif "aws-sdk:sfn:listExecutions" in resource:
        require("states:ListExecutions", data["StateMachineArn"])
    elif "states:::states:startExecution.sync" in resource:
        require_for_execution_and_wait(data["StateMachineArn"])
    else:
        require(f"unknown:{resource}", "*")


def install():
    run, invoke, run_map = stepfunctions._run_execution, stepfunctions._invoke_resource, stepfunctions._run_map_items

    def run_with_role(arn, *rest):
        execution = stepfunctions._executions.get(arn)
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) if execution else None
        if machine and app.AUTH:
            roles.require_trust(machine["roleArn"], "states.amazonaws.com")
            acting.set((machine["roleArn"], execution["stateMachineArn"]))
        return run(arn, *rest)

    def invoke_with_role(resource, data):
        if acting.get():
            require_for_task(resource, data)
        return invoke(resource, data)

    def map_with_role(state, raw_input, execution, context):
        processor = state.get("ItemProcessor") or state.get("Iterator") or {}
        if acting.get() and (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED":
            _, machine = acting.get()
            require("states:StartExecution", machine)
            require_to_follow(machine)
        return run_map(state, raw_input, execution, context)

    stepfunctions._run_execution = run_with_role
    stepfunctions._invoke_resource = invoke_with_role
    stepfunctions._run_map_items = map_with_role
