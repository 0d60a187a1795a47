# What the module promises, on plans with a mocked provider: terraform init && terraform test

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  # Known only after an apply; without these, a plan would leave the container's definition open.
  override_resource {
    target          = aws_ecr_repository.backend
    override_during = plan
    values          = { repository_url = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app" }
  }

  override_resource {
    target          = aws_lb.backend
    override_during = plan

    values = {
      arn        = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/app-dev/1"
      arn_suffix = "app/app-dev/1"
      dns_name   = "app-dev-1.us-east-1.elb.amazonaws.com"
    }
  }
}

variables {
  project_name           = "app"
  environment            = "dev"
  aws_region             = "us-east-1"
  alb_security_group_id  = "sg-alb"
  cognito_client_id      = "client"
  cognito_user_pool_id   = "us-east-1_Abc"
  desired_count          = 1
  private_subnet_ids     = ["subnet-private-a", "subnet-private-b"]
  public_subnet_ids      = ["subnet-public-a", "subnet-public-b"]
  task_security_group_id = "sg-tasks"
  vpc_id                 = "vpc-1"
}

run "tasks_are_private_and_replaced_safely" {
  command = plan

  assert {
    condition = (
      aws_ecs_service.backend.network_configuration[0].assign_public_ip == false
      && aws_ecs_service.backend.network_configuration[0].subnets == toset(var.private_subnet_ids)
      && aws_ecs_service.backend.network_configuration[0].security_groups == toset(["sg-tasks"])
    )
    error_message = "Tasks have no public address, and run in private subnets."
  }

  assert {
    condition = (
      aws_ecs_service.backend.deployment_circuit_breaker[0].enable
      && aws_ecs_service.backend.deployment_circuit_breaker[0].rollback
      && aws_ecs_service.backend.deployment_minimum_healthy_percent == 100
    )
    error_message = "A deployment keeps tasks until others are healthy, and rolls back by itself."
  }

  assert {
    condition     = aws_ecr_repository.backend.image_tag_mutability == "IMMUTABLE"
    error_message = "An image that was deployed keeps its tag."
  }
}

run "containers_learn_of_the_tables_elsewhere" {
  command = plan

  assert {
    condition = {
      for one in jsondecode(aws_ecs_task_definition.backend.container_definitions)[0].environment :
      one.name => one.value
      } == {
      AWS_REGION           = "us-east-1"
      BYTES_PER_USER       = "1073741824"
      COGNITO_CLIENT_ID    = "client"
      COGNITO_USER_POOL_ID = "us-east-1_Abc"
      ENVIRONMENT          = "dev"
      FILES_PER_USER       = "100"
      LOG_LEVEL            = "INFO"
      PORT                 = "5000"
      PUBLIC_URL           = "http://app-dev-1.us-east-1.elb.amazonaws.com"
      UPLOADS_BUCKET_NAME  = "app-dev-uploads-123456789012"
    }
    error_message = "USE_DYNAMODB and table names come from parameters, the rest from here."
  }

  assert {
    condition     = length(aws_iam_role_policy_attachment.flask_app_dynamodb_policy_attachment) == 0
    error_message = "Without dynamodb_policy_arn the task has no access to tables."
  }

  assert {
    condition     = aws_lb_target_group.backend.health_check[0].path == "/started"
    error_message = "A task gets requests once it has reached its store; later its store may be away."
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_cors_configuration.uploads.cors_rule :
      rule.allowed_origins == toset(["http://app-dev-1.us-east-1.elb.amazonaws.com"])
    ])
    error_message = "The page's own address, and no other, may upload."
  }
}

run "the_task_has_the_policy_and_uploads_are_closed" {
  command = plan

  variables {
    dynamodb_policy_arn = "arn:aws:iam::123456789012:policy/app-dev-dynamodb-access"
  }

  assert {
    condition = (
      aws_iam_role_policy_attachment.flask_app_dynamodb_policy_attachment[0].policy_arn
      == "arn:aws:iam::123456789012:policy/app-dev-dynamodb-access"
      && aws_iam_role_policy_attachment.flask_app_dynamodb_policy_attachment[0].role
      == aws_iam_role.flask_app_task.name
    )
    error_message = "The policy is attached to the role that the application runs as."
  }

  assert {
    condition = data.aws_iam_policy_document.uploads_access.statement[0].resources == toset([
      "arn:aws:s3:::app-dev-uploads-123456789012/uploads/*"
    ])
    error_message = "The application's access to files is to those below uploads/."
  }

  assert {
    condition = (
      aws_s3_bucket_public_access_block.uploads.block_public_acls
      && aws_s3_bucket_public_access_block.uploads.block_public_policy
      && aws_s3_bucket_public_access_block.uploads.ignore_public_acls
      && aws_s3_bucket_public_access_block.uploads.restrict_public_buckets
    )
    error_message = "Uploads are closed to the public."
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_lifecycle_configuration.uploads.rule :
      rule.filter[0].prefix == "uploads/${rule.expiration[0].days}-days/"
      if length(rule.expiration) > 0
    ])
    error_message = "Files expire after the days in their prefix, and no others do."
  }

  assert {
    condition = sort([
      for rule in aws_s3_bucket_lifecycle_configuration.uploads.rule :
      format("%03d", rule.expiration[0].days) if length(rule.expiration) > 0
    ]) == sort(["001", "003", "007", "014", "030", "060", "090", "180", "365"])
    error_message = "There is a rule for each lifetime of files."
  }

  assert {
    condition = (
      aws_s3_bucket.uploads.force_destroy == false && aws_lb.backend.enable_deletion_protection
    )
    error_message = "By default files and load balancer are kept from being destroyed."
  }
}

run "ecs_starts_tasks_with_just_what_it_needs" {
  command = plan

  assert {
    condition = {
      for one in data.aws_iam_policy_document.execution.statement : one.sid => one.resources
      } == {
      SignInToRegistry = toset(["*"])
      PullImage        = toset(["arn:aws:ecr:us-east-1:123456789012:repository/app-dev-backend"])
      WriteLog = toset([
        "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app-dev-backend:*"
      ])
    }
    error_message = "ECS pulls this service's image, writes its log, and reads no parameter."
  }

  assert {
    condition = (
      aws_iam_role_policy.flask_app_execution.role == aws_iam_role.flask_app_execution.name
    )
    error_message = "The policy is that of the role as which ECS starts tasks."
  }
}

run "ecs_reads_just_the_secrets_that_are_named" {
  command = plan

  variables {
    secret_parameters = ["/fileshare/dev/api_key", "/fileshare/dev/signing_key"]
  }

  assert {
    condition = {
      for one in data.aws_iam_policy_document.execution.statement :
      join(", ", one.actions) => one.resources if one.sid == "ReadSecrets"
      } == {
      "ssm:GetParameters" = toset([
        "arn:aws:ssm:us-east-1:123456789012:parameter/fileshare/dev/api_key",
        "arn:aws:ssm:us-east-1:123456789012:parameter/fileshare/dev/signing_key",
      ])
    }
    error_message = "ECS reads the named parameters, and no others."
  }
}

run "plain_http_leads_to_https" {
  command = plan

  variables {
    autoscaling     = { min_capacity = 2, max_capacity = 6 }
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    domain_name     = "share.example.com"
  }

  assert {
    condition = (
      aws_lb_listener.http.default_action[0].type == "redirect"
      && aws_lb_listener.http.default_action[0].redirect[0].host == "share.example.com"
      && startswith(aws_lb_listener.https[0].ssl_policy, "ELBSecurityPolicy-TLS13-")
    )
    error_message = "With a certificate, HTTP is redirected to HTTPS at the domain's own name."
  }

  assert {
    condition     = output.public_url == "https://share.example.com"
    error_message = "Users are sent to the domain's own name."
  }

  assert {
    condition = (
      aws_appautoscaling_target.backend[0].min_capacity == 2
      && aws_appautoscaling_target.backend[0].max_capacity == 6
    )
    error_message = "The number of tasks stays within its bounds."
  }

  assert {
    condition = [
      for policy in [aws_appautoscaling_policy.cpu[0], aws_appautoscaling_policy.requests[0]] :
      policy.target_tracking_scaling_policy_configuration[0].target_value
    ] == [60, 3000]
    error_message = "Both targets are near the same load: 60 % of CPU, 57 % of a task's requests."
  }
}

run "bad_values_are_refused" {
  command = plan

  variables {
    project_name           = "App"
    environment            = "development-one"
    aws_region             = "us-east"
    autoscaling            = { min_capacity = 3, max_capacity = 2 }
    certificate_arn        = "share.example.com"
    container_port         = 0
    desired_count          = 0.5
    domain_name            = "https://share.example.com/"
    file_quota             = { files = 0 }
    health_check_path      = "started"
    image_count            = 1
    image_tag              = "repository:tag"
    log_level              = "debug"
    log_retention_days     = 31
    memory                 = 256
    secret_parameters      = ["/fileshare/dev/*"]
    upload_allowed_origins = ["*"]
  }

  expect_failures = [
    var.project_name,
    var.environment,
    var.aws_region,
    var.autoscaling,
    var.certificate_arn,
    var.container_port,
    var.desired_count,
    var.domain_name,
    var.file_quota,
    var.health_check_path,
    var.image_count,
    var.image_tag,
    var.log_level,
    var.log_retention_days,
    var.memory,
    var.secret_parameters,
    var.upload_allowed_origins,
  ]
}

run "sizes_that_fargate_does_not_offer_are_refused" {
  command = plan

  variables {
    autoscaling = { min_capacity = 1, max_capacity = 2, cpu_percent = 0 }
    cpu         = 300
    memory      = 1024
  }

  expect_failures = [var.autoscaling, var.cpu]
}
