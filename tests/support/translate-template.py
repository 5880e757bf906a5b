"""Prints the CloudFormation template that a SAM template becomes; the linter sees more in it than in the SAM source.

Run by the Python of the SAM CLI's own environment: translate-template.py TEMPLATE REGION [NAME=VALUE ...]
"""

import sys

from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse


class AwsManagedPolicies:
    """The ARNs that SAM would ask IAM for; their names are all that a translation needs."""

    def load(self):
        names = ["AWSLambdaBasicExecutionRole", "AWSLambdaVPCAccessExecutionRole"]
        arns = {name: f"arn:aws:iam::aws:policy/service-role/{name}" for name in names}
        return arns | {"AWSXrayWriteOnlyAccess": "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess"}


path, region, *overrides = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    source = yaml_parse(file.read())
parameters = dict(override.split("=", 1) for override in overrides)
print(SamTemplateValidator(source, AwsManagedPolicies(), region=region, parameter_overrides=parameters).get_translated_template_if_valid())
