"""Ways to change MiniStack, and to refuse as AWS does."""
import sys


def replace_everywhere(name, original, replacement):
    """Puts the replacement where any of MiniStack's modules has imported the original by this name."""
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("ministack") and getattr(module, name, None) is original:
            setattr(module, name, replacement)


def or_fail(answer):
    """MiniStack's own API handlers answer (status, headers, body). A template's resource fails by an exception."""
    status, _, body = answer
    if status >= 400:
        raise ValueError(body.decode() if isinstance(body, bytes) else str(body))


def remade(create, delete):
    """Handlers of a resource type whose update is a deletion and a creation."""
    def update(physical_id, old, new, stack, logical_id=None):
        if old == new:
            return physical_id, {}
        delete(physical_id, old)
        return create(logical_id or physical_id, new, stack)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}
