"""A topic's key: MiniStack's templates leave it out, its API has it."""
from ministack.services import sns
from ministack.services.cloudformation import provisioners


def with_key(made, props):
    sns._topics[made[0]]["attributes"]["KmsMasterKeyId"] = props.get("KmsMasterKeyId", "")
    return made


def install():
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]
    create, update = handlers["create"], handlers["update"]
    handlers["create"] = lambda logical_id, props, stack: with_key(create(logical_id, props, stack), props)
    handlers["update"] = lambda physical_id, old, new, *rest: with_key(update(physical_id, old, new, *rest), new)
