data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name_prefix  = "${var.project_name}-${var.environment}"
  account_id   = data.aws_caller_identity.current.account_id
  partition    = data.aws_partition.current.partition
  service_name = "${local.name_prefix}-backend"

  log_group_name = "/ecs/${local.service_name}"

  # The beginning of the ARNs of what policies name, known at plan time.
  regional_arn = {
    for service in ["ecr", "logs", "ssm"] :
    service => "arn:${local.partition}:${service}:${var.aws_region}:${local.account_id}"
  }

  public_url = join("://", [
    var.certificate_arn != null ? "https" : "http",
    var.domain_name != null ? var.domain_name : aws_lb.backend.dns_name,
  ])

  # What Terraform knows. USE_DYNAMODB and the table names are not here: the deploy workflow reads
  # them from the parameter store, so that the quick rollback needs no apply.
  container_environment = {
    AWS_REGION           = var.aws_region
    BYTES_PER_USER       = tostring(var.file_quota.bytes)
    COGNITO_CLIENT_ID    = var.cognito_client_id
    COGNITO_USER_POOL_ID = var.cognito_user_pool_id
    ENVIRONMENT          = var.environment
    FILES_PER_USER       = tostring(var.file_quota.files)
    LOG_LEVEL            = var.log_level
    PORT                 = tostring(var.container_port)
    PUBLIC_URL           = local.public_url
    UPLOADS_BUCKET_NAME  = local.uploads_bucket_name
  }
}

resource "aws_ecs_cluster" "this" {
  name = local.name_prefix

  setting {
    name  = "containerInsights"
    value = var.container_insights ? "enabled" : "disabled"
  }
}

resource "aws_cloudwatch_log_group" "backend" {
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
}

################################################################################
# Images
################################################################################

resource "aws_ecr_repository" "backend" {
  name                 = local.service_name
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.force_destroy

  # With the key that AWS manages for ECR: it costs nothing.
  encryption_configuration {
    encryption_type = "KMS"
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "backend" {
  repository = aws_ecr_repository.backend.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Keep the last ${var.image_count}: enough to go back, not for ever."
      action       = { type = "expire" }
      selection = {
        tagStatus   = "any"
        countType   = "imageCountMoreThan"
        countNumber = var.image_count
      }
    }]
  })
}

################################################################################
# Task and service
################################################################################

resource "aws_ecs_task_definition" "backend" {
  family                   = local.service_name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.flask_app_execution.arn
  task_role_arn            = aws_iam_role.flask_app_task.arn

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([{
    name        = "backend"
    image       = "${aws_ecr_repository.backend.repository_url}:${var.image_tag}"
    essential   = true
    environment = [for name, value in local.container_environment : { name = name, value = value }]

    portMappings = [{
      containerPort = var.container_port
      hostPort      = var.container_port
      protocol      = "tcp"
    }]

    # Without DynamoDB the backend keeps its SQLite file on the task's own disk.
    readonlyRootFilesystem = false

    # Liveness only: a new task would reach a store that is away no better.
    healthCheck = {
      command = ["CMD", "python", "-c", join("; ", [
        "from urllib.request import urlopen",
        "urlopen('http://127.0.0.1:${var.container_port}/health', timeout=3)",
      ])]
      interval    = 10
      retries     = 3
      startPeriod = 20
      timeout     = 5
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.backend.name
        awslogs-region        = var.aws_region
        awslogs-stream-prefix = "backend"
        # Never wait for CloudWatch Logs, but hold some minutes of a bad time, too.
        mode            = "non-blocking"
        max-buffer-size = "25m"
      }
    }
  }])
}

resource "aws_ecs_service" "backend" {
  name                               = local.service_name
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.backend.arn
  launch_type                        = "FARGATE"
  desired_count                      = var.desired_count
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  availability_zone_rebalancing      = "ENABLED"
  health_check_grace_period_seconds  = 60
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"

  # On the first apply there is no image yet, so waiting for tasks could only time out.
  wait_for_steady_state = false

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.backend.arn
    container_name   = "backend"
    container_port   = var.container_port
  }

  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = [var.task_security_group_id]
    assign_public_ip = false
  }

  # Each has another owner after creation: the deploy workflow makes new revisions, and autoscaling
  # moves the count. An apply must undo neither. `lifecycle` cannot depend on a variable, so the
  # count is left alone without autoscaling too: there, change it with `aws ecs update-service`.
  lifecycle {
    ignore_changes = [desired_count, task_definition]
  }

  # ECS refuses a target group that no listener uses, and a task needs its role's policies to start.
  depends_on = [
    aws_iam_role_policy.flask_app_execution,
    aws_iam_role_policy_attachment.flask_app_dynamodb_policy_attachment,
    aws_lb_listener.http,
    aws_lb_listener.https,
  ]
}
