"""Broken wires: one change of one file each, and the findings that it must lead to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CONFIG = "backend/config.py"
ADAPTER = "backend/dynamodb_adapter.py"
WORKFLOW = ".github/workflows/deploy-backend.yml"
SERVICE = "terraform/modules/ecs-flask-backend"
PARAMETERS = "terraform/modules/dynamodb/parameters.tf"
SECOND_PARAMETER = """
resource "aws_ssm_parameter" "extra" {
  name  = "${local.parameter_path}/colour"
  type  = "String"
  value = "blue"
}
"""


@dataclass(frozen=True)
class Says:
    """A finding that must come: at the line of `file` that holds `at`, with this text."""

    file: str
    at: str
    text: str

    def line(self, root: Path) -> str:
        """The finding's beginning, with the number of the line in the changed file."""
        lines = (root / self.file).read_text(encoding="utf-8").splitlines()
        number = next(n for n, line in enumerate(lines, 1) if self.at in line)
        return f"{self.file}:{number}: {self.text}"


@dataclass(frozen=True)
class Twin:
    """A change of one file, and the findings that it must lead to."""

    file: str
    old: str
    new: str
    says: tuple[Says, ...]


def deploys(old: str, new: str, text: str) -> Twin:
    """A change of the workflow that shows where it deploys."""
    says = Says(WORKFLOW, "python -m backend.deploy", f"backend.deploy: {text}")
    return Twin(WORKFLOW, old, new, (says,))


def writes(file: str, old: str, new: str, at: str, text: str) -> Twin:
    """A change that shows in the file itself."""
    return Twin(file, old, new, (Says(file, at, text),))


def asks(file: str, old: str, new: str, *texts: str) -> Twin:
    """A change that shows at the load balancer's health check."""
    address = "aws_lb_target_group.backend"
    says = (Says(f"{SERVICE}/alb.tf", "health_check {", f"{address}: {text}") for text in texts)
    return Twin(file, old, new, tuple(says))


TWINS = {
    "workflow drops the path": deploys(
        '            --parameter-path "/fileshare/$ENVIRONMENT/" \\\n',
        "",
        "the parameter path is not set; expected '/fileshare/{environment}/'",
    ),
    "workflow renames the path": deploys(
        "/fileshare/$ENVIRONMENT/",
        "/fileshare/${ENVIRONMENT}/app/",
        "the parameter path is '/fileshare/{environment}/app/'; expected",
    ),
    "workflow deploys elsewhere": deploys(
        '--environment "$ENVIRONMENT" \\\n',
        "--environment dev \\\n",
        "the environment is 'dev'; expected '$ENVIRONMENT'",
    ),
    "deployment reads another path": writes(
        "backend/deploy.py",
        '"/fileshare/{environment}/"',
        '"/other/{environment}/"',
        "/other/",
        "PARAMETER_PATH: PARAMETER_PATH is '/other/{environment}/'; expected",
    ),
    "deployment goes to another project": writes(
        "backend/deploy.py",
        '"file-sharing-app"',
        '"another-app"',
        "another-app",
        "PROJECT: PROJECT is 'another-app'; expected 'file-sharing-app'",
    ),
    "deployment looks for another container": writes(
        "backend/deployment/target.py",
        'CONTAINER = "backend"',
        'CONTAINER = "web"',
        '"web"',
        "CONTAINER: CONTAINER is 'web'; expected 'backend'",
    ),
    "backend reads what nobody provides": writes(
        CONFIG,
        'region = read.text("AWS_REGION")\n    aws_endpoint',
        'region = read.text("PAYMENT_KEY")\n    aws_endpoint',
        "PAYMENT_KEY",
        "PAYMENT_KEY: is read but not provided. Add a parameter payment_key",
    ),
    "backend reads another name": Twin(
        CONFIG,
        '"DYNAMODB_USERS_TABLE_NAME"',
        '"USERS_TABLE"',
        (
            Says(CONFIG, "USERS_TABLE", "USERS_TABLE: is read but not provided."),
            Says(
                PARAMETERS,
                "/dynamodb_users_table_name",
                "parameter dynamodb_users_table_name: DYNAMODB_USERS_TABLE_NAME is not read",
            ),
        ),
    ),
    "backend works out a name": writes(
        CONFIG,
        'read.table("DYNAMODB_USERS_TABLE_NAME")',
        'read.table("DYNAMODB_" + "USERS")',
        '"DYNAMODB_" +',
        "a variable: the variable's name is not a constant. Read it by a constant name.",
    ),
    "parameter that nobody reads": writes(
        PARAMETERS,
        'resource "aws_ssm_parameter" "use_dynamodb" {',
        f'{SECOND_PARAMETER}\nresource "aws_ssm_parameter" "use_dynamodb" {{',
        "/colour",
        "parameter colour: COLOUR is not read. Correct its name",
    ),
    "variable of Terraform's that nobody reads": writes(
        f"{SERVICE}/main.tf",
        "    LOG_LEVEL            = var.log_level\n",
        "    LOG_LEVEL            = var.log_level\n    VERBOSE = true\n",
        "VERBOSE",
        "local.container_environment: VERBOSE is not read.",
    ),
    "variable provided twice": writes(
        f"{SERVICE}/main.tf",
        "    ENVIRONMENT          = var.environment\n",
        '    ENVIRONMENT          = var.environment\n    USE_DYNAMODB = "true"\n',
        "USE_DYNAMODB =",
        "local.container_environment: USE_DYNAMODB is provided by parameter use_dynamodb and by "
        "local.container_environment.",
    ),
    "load balancer asks another path": asks(
        f"{SERVICE}/variables.tf",
        'default     = "/started"',
        'default     = "/healthz"',
        "the health check path is '/healthz'; expected '/started'",
        "/healthz is served by no route of the backend.",
    ),
    "module is called with another path": asks(
        "terraform/environments/dev/main.tf",
        'source = "../../modules/ecs-flask-backend"\n',
        'source = "../../modules/ecs-flask-backend"\n  health_check_path = "/live"\n',
        "the health check path is '/live'; expected '/started'",
    ),
    "backend answers another path": asks(
        "backend/routes/health.py",
        '"/started"',
        '"/startup"',
        "/started is served by no route of the backend.",
    ),
    "container asks another path": writes(
        f"{SERVICE}/main.tf",
        "${var.container_port}/health'",
        "${var.container_port}/live'",
        "container_definitions =",
        "aws_ecs_task_definition.backend: /live is served by no route of the backend.",
    ),
    "image listens elsewhere": writes(
        "backend/Dockerfile",
        "EXPOSE 5000",
        "EXPOSE 8080",
        "EXPOSE",
        "the image's port: the port is '8080'; expected '5000'",
    ),
    "load balancer talks to another port": writes(
        f"{SERVICE}/alb.tf",
        "port                 = var.container_port",
        "port                 = 8080",
        "= 8080",
        "aws_lb_target_group.backend: the port is '8080'; expected '5000'",
    ),
    "table name written out": writes(
        ADAPTER,
        "import functools\n",
        'import functools\n\nTABLE = "file-sharing-app-dev-users"\n',
        "TABLE =",
        f"{ADAPTER}: contains 'file-sharing-app-dev-users'. Read it from {CONFIG}",
    ),
    "table name pieced together": writes(
        ADAPTER,
        "import functools\n",
        'import functools\n\nTABLE = f"file-sharing-app-{functools.__name__}"\n',
        "TABLE =",
        f"{ADAPTER}: contains 'file-sharing-app-'",
    ),
    "table name by default": writes(
        CONFIG,
        'read.table("DYNAMODB_USERS_TABLE_NAME")',
        'read.text("DYNAMODB_USERS_TABLE_NAME", "users")',
        '"users")',
        "DYNAMODB_USERS_TABLE_NAME: has a default, which hides a missing table name",
    ),
    "environment read elsewhere": writes(
        ADAPTER,
        "import functools\n",
        'import os\nimport functools\n\nTABLE = os.getenv("TABLE")\n',
        "os.getenv",
        f"{ADAPTER}: reads the environment. Read it in {CONFIG}",
    ),
    "environment imported elsewhere": writes(
        ADAPTER,
        "import functools\n",
        "import functools\nfrom os import environ\n",
        "import environ",
        f"{ADAPTER}: reads the environment",
    ),
    "environment read past the reader": writes(
        CONFIG,
        'region = read.text("AWS_REGION")\n    aws_endpoint',
        'region = os.environ["AWS_REGION"]\n    aws_endpoint',
        'os.environ["AWS_REGION"]',
        f"{CONFIG}: reads the environment",
    ),
    "task killed before its requests end": writes(
        f"{SERVICE}/main.tf",
        "    essential   = true\n",
        "    essential   = true\n    stopTimeout = 10\n",
        "container_definitions =",
        "aws_ecs_task_definition.backend: stopTimeout is 10 s, graceful_timeout 25 s "
        "(backend/gunicorn.conf.py:",
    ),
    "load balancer that does not wait": writes(
        f"{SERVICE}/alb.tf",
        "deregistration_delay = 30",
        "deregistration_delay = 5",
        "deregistration_delay",
        "aws_lb_target_group.backend: deregistration_delay is 5 s, graceful_timeout 25 s",
    ),
    "requests that take longer than anything waits": Twin(
        "backend/gunicorn.conf.py",
        "graceful_timeout = 25",
        "graceful_timeout = 45",
        (
            Says(
                f"{SERVICE}/main.tf", "container_definitions =", "aws_ecs_task_definition.backend"
            ),
            Says(f"{SERVICE}/alb.tf", "deregistration_delay", "aws_lb_target_group.backend"),
        ),
    ),
}
