"""Types of resources that MiniStack does not know: rules between security groups, selections of AWS Backup, alarms on
an expression over metrics."""
import hashlib

from ministack.core.responses import get_region
from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from patching import remade


def group_of(group_id):
    group = ec2._security_groups.get(group_id)
    if group is None:
        raise ValueError(f"The security group '{group_id}' does not exist")
    return group


def create_ingress(logical_id, props, stack):
    group = group_of(props["GroupId"])
    if "SourceSecurityGroupId" in props:
        group_of(props["SourceSecurityGroupId"])
    group["IpPermissions"].extend(provisioners._ec2_sg_permissions([props]))
    return f"sgr-{hashlib.sha256(f'{stack}{logical_id}{get_region()}'.encode()).hexdigest()[:17]}", {}


def delete_ingress(physical_id, props):
    permissions = ec2._security_groups.get(props.get("GroupId"), {}).get("IpPermissions", [])
    for rule in provisioners._ec2_sg_permissions([props]):
        if rule in permissions:
            permissions.remove(rule)


def create_selection(logical_id, props, stack):
    return f"{props['BackupPlanId']}_{logical_id}", {"SelectionId": logical_id}


def returns_data(query):
    return str(query.get("ReturnData", True)).lower() != "false"


def install():
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::EC2::SecurityGroupIngress"] = remade(create_ingress, delete_ingress)
    handlers["AWS::Backup::BackupSelection"] = remade(create_selection, lambda physical_id, props: None)

    record = provisioners._cw_metric_alarm_record

    def alarm(name, props):
        queries = props.get("Metrics")
        if not queries:
            return record(name, props)
        returned = [query for query in queries if returns_data(query)]
        if len(returned) != 1:
            raise ValueError("An alarm needs one metric that returns data")
        rest = {key: value for key, value in props.items() if key != "Metrics"}
        return record(name, {**rest, "MetricName": returned[0]["Id"], "Namespace": "expression"})

    provisioners._cw_metric_alarm_record = alarm
