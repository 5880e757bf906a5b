"""MiniStack cannot evaluate Fn::Split in a condition."""
from ministack.services.cloudformation import engine

from patching import replace_everywhere


def split(node, parameters):
    """The node with each Fn::Split in it replaced by its list."""
    if isinstance(node, list):
        return [split(one, parameters) for one in node]
    if not isinstance(node, dict):
        return node
    if "Fn::Split" not in node:
        return {key: split(one, parameters) for key, one in node.items()}
    delimiter, text = node["Fn::Split"]
    if isinstance(text, dict):
        text = parameters[text["Ref"]]["Value"]
    return str(text).split(delimiter)


def install():
    evaluate = engine._evaluate_conditions

    def with_splits(template, parameters):
        return evaluate({**template, "Conditions": split(template.get("Conditions", {}), parameters)}, parameters)

    replace_everywhere("_evaluate_conditions", evaluate, with_splits)
