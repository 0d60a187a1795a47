"""What no plan shows: pins, lifecycles, interfaces, likeness."""

from __future__ import annotations

from typing import Any

from tests.checks.edits import append, every, remove, rewrite, write
from tests.checks.kit import SourceTwin
from verification.checks.source import conventions

BACKEND = "modules/ecs-flask-backend/"
DYNAMODB = "modules/dynamodb/"
PROD = "environments/prod/"
DEV = "environments/dev/"
ATTACHMENT = "flask_app_dynamodb_policy_attachment"
IGNORED = "ignore_changes = [desired_count, task_definition]"
ALIKE = (conventions.environments_share_their_code,)
PINNED = (conventions.providers_are_pinned,)


def hidden(file: str, text: str, **rest: Any) -> SourceTwin:
    """A file that changes what the others say."""
    says = "changes the configuration, but the suite does not read it. Move its content to the"
    return SourceTwin(conventions.has_no_hidden_files, file, write(file, text), file, says, **rest)


def attached(what: str, old: str, new: str, says: str) -> SourceTwin:
    """An attachment that is not the plan's."""
    change = rewrite(BACKEND + "iam.tf", old, new)
    return SourceTwin(conventions.attaches_the_policy_as_planned, what, change, ATTACHMENT, says)


def ignoring(what: str, new: str, says: str) -> SourceTwin:
    """A service that an apply would set back."""
    change = rewrite(BACKEND + "main.tf", IGNORED, new)
    place = "aws_ecs_service.backend"
    return SourceTwin(conventions.leaves_deployed_revisions_alone, what, change, place, says)


def vague(what: str, old: str, new: str, says: str) -> SourceTwin:
    """A variable that says too little."""
    change = rewrite(DYNAMODB + "variables.tf", old, new)
    return SourceTwin(conventions.interfaces_are_described, what, change, "var.", says)


def pinned(what: str, old: str, new: str, says: str) -> SourceTwin:
    """A module that takes any version."""
    change = rewrite(DYNAMODB + "versions.tf", old, new)
    return SourceTwin(
        conventions.providers_are_pinned, what, change, DYNAMODB + "versions.tf", says
    )


def elsewhere(what: str, new: str) -> SourceTwin:
    """A module call that leads out of the tree, from both environments alike."""
    files = [f"{folder}main.tf" for folder in (DEV, PROD)]
    change = every(*(rewrite(file, '"../../modules/network"', f'"{new}"') for file in files))
    check = conventions.modules_are_local_and_general
    return SourceTwin(check, what, change, "module.network", f"its source is {new}")


def general(what: str, text: str, says: str) -> SourceTwin:
    """A module that holds what belongs to an environment."""
    change = append(DYNAMODB + "main.tf", text)
    check = conventions.modules_are_local_and_general
    return SourceTwin(check, what, change, "terraform/modules/dynamodb", says)


TWINS = [
    hidden(PROD + "override.tf", "locals {}", also=ALIKE),
    hidden(DYNAMODB + "main_override.tf", 'resource "aws_dynamodb_table" "users" {}'),
    hidden(DYNAMODB + "more.tf.json", "{}"),
    hidden(PROD + "main_override.tf.json", "{}"),
    SourceTwin(
        conventions.attaches_the_policy_as_planned,
        "removed",
        rewrite(BACKEND + "iam.tf", f'"{ATTACHMENT}"', '"other"'),
        ATTACHMENT,
        "the planned attachment is missing",
    ),
    attached(
        "always",
        "var.dynamodb_policy_arn != null ? 1 : 0",
        "1",
        "count is 1; expected '${var.dynamodb_policy_arn != null ? 1 : 0}'",
    ),
    attached(
        "never",
        "var.dynamodb_policy_arn != null ? 1 : 0",
        "var.dynamodb_policy_arn == null ? 1 : 0",
        "count is '${var.dynamodb_policy_arn == null ? 1 : 0}'",
    ),
    attached(
        "another policy",
        "policy_arn = var.dynamodb_policy_arn",
        'policy_arn = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"',
        "policy_arn is 'arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess'",
    ),
    attached(
        "execution role",
        "role       = aws_iam_role.flask_app_task.name",
        "role       = aws_iam_role.flask_app_execution.name",
        "role is '${aws_iam_role.flask_app_execution.name}'",
    ),
    ignoring(
        "revision not ignored",
        "ignore_changes = [desired_count]",
        "ignores changes of desired_count. Add lifecycle { ignore_changes = [task_definition] }.",
    ),
    ignoring("nothing ignored", "", "ignores changes of nothing"),
    ignoring("everything ignored", "ignore_changes = all", "ignores changes of all. Add"),
    SourceTwin(
        conventions.leaves_the_switch_alone,
        "switch set back by every apply",
        rewrite(DYNAMODB + "parameters.tf", "ignore_changes = [value]", ""),
        "aws_ssm_parameter.use_dynamodb",
        "ignores changes of nothing. Add lifecycle { ignore_changes = [value] }.",
    ),
    SourceTwin(
        conventions.leaves_the_switch_alone,
        "another attribute ignored",
        rewrite(DYNAMODB + "parameters.tf", "ignore_changes = [value]", "ignore_changes = [tags]"),
        "aws_ssm_parameter.use_dynamodb",
        "ignores changes of tags",
    ),
    SourceTwin(
        conventions.environments_share_their_code,
        "prod differs",
        rewrite(PROD + "main.tf", "var.desired_count", "3"),
        PROD + "main.tf",
        "differs from, or is missing in, terraform/environments/dev. Move values to tfvars.",
    ),
    SourceTwin(
        conventions.environments_share_their_code,
        "file in prod alone",
        write(PROD + "extra.tf", "locals {\n  a = 1\n}\n"),
        PROD + "extra.tf",
        "differs from, or is missing in",
    ),
    SourceTwin(
        conventions.environments_share_their_code,
        "file in dev alone",
        write(DEV + "extra.tf", "locals {\n  a = 1\n}\n"),
        PROD + "extra.tf",
        "differs from, or is missing in",
    ),
    SourceTwin(
        conventions.environments_share_their_code,
        "other provider in prod",
        append(PROD + ".terraform.lock.hcl", "# other"),
        PROD + ".terraform.lock.hcl",
        "differs from",
    ),
    SourceTwin(
        conventions.modules_have_fixed_files,
        "no README",
        remove(DYNAMODB + "README.md"),
        "terraform/modules/dynamodb",
        "is missing README.md. Add the missing files.",
    ),
    SourceTwin(
        conventions.modules_have_fixed_files,
        "no outputs",
        remove("modules/network/outputs.tf"),
        "terraform/modules/network",
        "is missing outputs.tf",
    ),
    SourceTwin(
        conventions.modules_have_fixed_files,
        "new module with one file",
        write("modules/new/main.tf", "locals {\n  a = 1\n}\n"),
        "terraform/modules/new",
        "is missing README.md, outputs.tf, variables.tf, versions.tf",
        also=PINNED,
    ),
    vague("type left out", "type        = bool", "", "has no type"),
    vague("any", "type        = bool", "type        = any", "has no type other than any"),
    vague("map of any", "type        = bool", "type = map(any)", "has no type other than any"),
    vague(
        "description left out",
        '"Name of the environment; part of every name and of the parameter path."',
        '""',
        "has no description",
    ),
    SourceTwin(
        conventions.interfaces_are_described,
        "output without description",
        append(DYNAMODB + "outputs.tf", 'output "x" {\n  value = 1\n}'),
        "output.x",
        "has no description",
    ),
    pinned("lower bound alone", '"~> 5.100"', '">= 5.100"', "provider aws has version >= 5.100."),
    pinned("major version alone", '"~> 5.100"', '"~> 5"', "provider aws has version ~> 5"),
    pinned("no version", 'version = "~> 5.100"', "", "provider aws has version unbounded"),
    pinned(
        "Terraform without an upper bound",
        '">= 1.11.0, < 2.0.0"',
        '">= 0.12"',
        "Terraform has version >= 0.12, without an upper bound",
    ),
    SourceTwin(
        conventions.providers_are_pinned,
        "no required_version",
        rewrite(DYNAMODB + "versions.tf", 'required_version = ">= 1.11.0, < 2.0.0"', ""),
        "terraform/modules/dynamodb",
        "required_version is missing. Add it to versions.tf.",
    ),
    SourceTwin(
        conventions.providers_are_pinned,
        "no pins at all",
        write(DYNAMODB + "versions.tf", "terraform {}\n"),
        "terraform/modules/dynamodb",
        "required_providers is missing",
    ),
    SourceTwin(
        conventions.locks_are_committed,
        "no lock file",
        every(remove(DEV + ".terraform.lock.hcl"), remove(PROD + ".terraform.lock.hcl")),
        PROD + ".terraform.lock.hcl",
        "has no hashes. Run `terraform providers lock`",
    ),
    SourceTwin(
        conventions.locks_are_committed,
        "hashes of one platform",
        every(*(rewrite(f + ".terraform.lock.hcl", '"zh:', '"h1:') for f in (DEV, PROD))),
        PROD + ".terraform.lock.hcl",
        "has h1: hashes",
    ),
    elsewhere("from the registry", "terraform-aws-modules/vpc/aws"),
    elsewhere("from Git", "git::https://example.com/network.git"),
    elsewhere("from the disk", "/opt/modules/network"),
    general("provider", 'provider "aws" {}', "the provider blocks are 'provider.aws'"),
    general(
        "backend",
        'terraform {\n  backend "s3" {}\n}',
        "the backends are 's3'; expected none",
    ),
    general(
        "account",
        'locals {\n  owner = "arn:aws:iam::123456789012:root"\n}',
        "the literal account ids are '123456789012'",
    ),
    general(
        "account deep within",
        'locals {\n  all = [{ ids = ["x-1", 210987654321] }]\n}',
        "'210987654321'",
    ),
]

HARMLESS = {
    "tags": append(
        DYNAMODB + "main.tf",
        'resource "aws_sns_topic" "x" {\n  name = "x"\n  tags = { Team = "a" }\n}',
    ),
    "more ignored": rewrite(BACKEND + "main.tf", IGNORED, IGNORED.replace("]", ", tags]")),
    "exact pins": rewrite(DYNAMODB + "versions.tf", '"~> 5.100"', '"5.100.0"'),
    "exact Terraform": rewrite(DYNAMODB + "versions.tf", '">= 1.11.0, < 2.0.0"', '"~> 1.11"'),
    "other values": rewrite(PROD + "prod.tfvars", "desired_count      = 2", "desired_count = 4"),
    "long number": append(DYNAMODB + "main.tf", "locals {\n  n = 1234567890123\n}"),
    "hidden folder": write(PROD + ".terraform/modules/x_override.tf", "locals {}\n"),
    "variable that is called any": rewrite(
        DYNAMODB + "variables.tf", "Scheduled backups", "any Scheduled backups"
    ),
    "same file in both": every(
        write(DEV + "extra.tf", "locals {\n  a = 1\n}\n"),
        write(PROD + "extra.tf", "locals {\n  a = 1\n}\n"),
    ),
}
