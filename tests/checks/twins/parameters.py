"""Parameters that would mislead the deploy workflow."""

from __future__ import annotations

from tests.checks.edits import copy, drop, edit, together
from tests.checks.kit import Case, Twin
from tests.checks.roles import READING, SECRET, executing, with_secret
from verification.checks.stack import parameters, privileges
from verification.model.ternary import Unknown

PATH = "/fileshare/prod/"
USERS_ARN = "aws_ssm_parameter.dynamodb_users_table_arn"
USERS_NAME = "aws_ssm_parameter.dynamodb_users_table_name"
SWITCH = "aws_ssm_parameter.use_dynamodb"
BOTH = (parameters.are_no_others,)
# The execution role may read no secret.
UNREADABLE = (privileges.allow_all_of_the_contract,)


def wrong(what: str, at: str, value: str) -> Twin:
    """A parameter with a wrong value."""
    change, says = edit("parameters", at, value=value), f"is '{value}'; expected '"
    return Twin(parameters.hold_planned_values, what, change, at, says)


TWINS = [
    wrong("dev's table", USERS_NAME, "file-sharing-app-dev-users"),
    wrong("space after the name", USERS_NAME, "file-sharing-app-prod-users "),
    wrong("empty", USERS_NAME, ""),
    wrong("other region", USERS_ARN, "arn:aws:dynamodb:eu-west-1:123456789012:table/x"),
    wrong("other account", "dynamodb_policy_arn", "arn:aws:iam::999999999999:policy/x"),
    wrong("switched off", SWITCH, "false"),
    wrong("switch in Python's words", SWITCH, "True"),
    Twin(
        parameters.hold_planned_values,
        "prefix without the environment",
        edit("parameters", USERS_NAME, name="/fileshare/dynamodb_users_table_name"),
        PATH + "dynamodb_users_table_name",
        "the parameter is missing. Add the aws_ssm_parameter, or correct its name",
        also=BOTH,
    ),
    Twin(
        parameters.hold_planned_values,
        "dev's prefix",
        edit("parameters", SWITCH, name="/fileshare/dev/use_dynamodb"),
        PATH + "use_dynamodb",
        "the parameter is missing",
        also=BOTH,
    ),
    Twin(
        parameters.hold_planned_values,
        "no slash before the prefix",
        edit("parameters", SWITCH, name="fileshare/prod/use_dynamodb"),
        PATH + "use_dynamodb",
        "the parameter is missing",
        also=BOTH,
    ),
    Twin(
        parameters.hold_planned_values,
        "removed",
        drop("parameters", USERS_ARN),
        PATH + "dynamodb_users_table_arn",
        "the parameter is missing",
    ),
    Twin(
        parameters.hold_planned_values,
        "secure string",
        edit("parameters", SWITCH, type="SecureString"),
        SWITCH,
        "the type of /fileshare/prod/use_dynamodb is 'SecureString'; expected 'String'",
        also=UNREADABLE,
    ),
    Twin(
        parameters.hold_planned_values,
        "written twice, once wrongly",
        together(
            copy("parameters", SWITCH, address="aws_ssm_parameter.again"),
            edit("parameters", SWITCH, value="false"),
        ),
        SWITCH,
        "is 'false'; expected 'true'",
    ),
    Twin(
        parameters.hold_planned_values,
        "wrong type beside an unknown value",
        edit("parameters", SWITCH, value=Unknown(), type="SecureString"),
        SWITCH,
        "is 'SecureString'",
        also=UNREADABLE,
    ),
    Twin(
        parameters.hold_planned_values,
        "secret for everybody to read",
        copy("parameters", SWITCH, name=PATH + "api_key", address="aws_ssm_parameter.api_key"),
        "aws_ssm_parameter.api_key",
        "the type of /fileshare/prod/api_key is 'String'; expected 'SecureString'",
        contract=with_secret,
        also=UNREADABLE,
    ),
    Twin(
        parameters.hold_planned_values,
        "secret under a key that ECS may not use",
        together(SECRET, executing(READING), edit("parameters", "api_key", key="alias/ours")),
        "aws_ssm_parameter.api_key",
        "the KMS key of /fileshare/prod/api_key is 'alias/ours'; expected 'alias/aws/ssm'",
        contract=with_secret,
    ),
    Twin(
        parameters.are_no_others,
        "secret under the path",
        copy("parameters", SWITCH, name=PATH + "password", address="aws_ssm_parameter.password"),
        "aws_ssm_parameter.password",
        "/fileshare/prod/password is not planned. Add it to contract.toml",
    ),
    Twin(
        parameters.are_no_others,
        "deeper under the path",
        copy("parameters", SWITCH, name=PATH + "a/use_dynamodb", address="aws_ssm_parameter.deep"),
        "aws_ssm_parameter.deep",
        "/fileshare/prod/a/use_dynamodb is not planned",
    ),
]

OPEN = [
    Case(parameters.hold_planned_values, "name", edit("parameters", SWITCH, name=Unknown())),
    Case(parameters.hold_planned_values, "value", edit("parameters", SWITCH, value=Unknown())),
    Case(parameters.hold_planned_values, "type", edit("parameters", SWITCH, type=Unknown())),
    Case(parameters.are_no_others, "name", edit("parameters", SWITCH, name=Unknown())),
]

HARMLESS = [
    Case(
        parameters.are_no_others, "other address", edit("parameters", SWITCH, address="module.a.b")
    ),
]
