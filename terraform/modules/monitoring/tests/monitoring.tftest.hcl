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
}

variables {
  project_name             = "app"
  environment              = "dev"
  aws_region               = "us-east-1"
  alarm_emails             = ["alerts@example.com", "oncall@example.com"]
  cluster_name             = "app-dev"
  load_balancer_arn_suffix = "app/app-dev/1"
  log_group_name           = "/ecs/app-dev-backend"
  minimum_task_count       = 2
  monthly_budget           = 50
  service_name             = "app-dev-backend"
  target_group_arn_suffix  = "targetgroup/app-dev/1"

  tables = {
    users = { name = "app-dev-users", index_names = ["email-index"] }
    audit = { name = "app-dev-audit", index_names = [] }
  }
}

run "every_alarm_is_heard" {
  command = plan

  # Known only after an apply, which a plan without this would leave open.
  override_resource {
    target          = aws_sns_topic.alarms
    override_during = plan
    values          = { arn = "arn:aws:sns:us-east-1:123456789012:app-dev-alarms" }
  }

  assert {
    condition = alltrue([
      for alarm in concat(
        values(aws_cloudwatch_metric_alarm.throttled),
        values(aws_cloudwatch_metric_alarm.table_system_errors),
        [
          aws_cloudwatch_metric_alarm.load_balancer_errors,
          aws_cloudwatch_metric_alarm.backend_errors,
          aws_cloudwatch_metric_alarm.response_time,
          aws_cloudwatch_metric_alarm.unhealthy_tasks,
          aws_cloudwatch_metric_alarm.missing_tasks,
          aws_cloudwatch_metric_alarm.application_errors,
        ],
      ) : alarm.alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:app-dev-alarms"])
    ])
    error_message = "Every alarm goes to the topic."
  }

  assert {
    condition = (
      toset([for one in aws_sns_topic_subscription.email : one.endpoint]) == toset(var.alarm_emails)
      && alltrue([
        for one in aws_sns_topic_subscription.email :
        one.topic_arn == "arn:aws:sns:us-east-1:123456789012:app-dev-alarms"
      ])
    )
    error_message = "Each address hears of the topic."
  }
}

run "every_table_is_watched" {
  command = plan

  assert {
    condition = toset([
      for alarm in aws_cloudwatch_metric_alarm.throttled :
      join(" ", concat([alarm.alarm_name, alarm.metric_name], values(alarm.dimensions)))
      ]) == toset([
      "app-dev-audit-read-throttled ReadThrottleEvents app-dev-audit",
      "app-dev-audit-write-throttled WriteThrottleEvents app-dev-audit",
      "app-dev-users-read-throttled ReadThrottleEvents app-dev-users",
      "app-dev-users-write-throttled WriteThrottleEvents app-dev-users",
      "app-dev-users-email-index-read-throttled ReadThrottleEvents email-index app-dev-users",
      "app-dev-users-email-index-write-throttled WriteThrottleEvents email-index app-dev-users",
    ])
    error_message = "Reads and writes of each table and of each index have an alarm of their own."
  }

  assert {
    condition = alltrue([
      for key, alarm in aws_cloudwatch_metric_alarm.table_system_errors :
      toset([for query in alarm.metric_query : query.metric[0].dimensions if query.id != "errors"])
      == toset([
        for operation in local.table_operations :
        tomap({ TableName = var.tables[key].name, Operation = operation })
      ])
    ])
    error_message = "System errors are added up over the operations of the table itself."
  }
}

run "the_service_is_watched" {
  command = plan

  assert {
    condition = alltrue([
      for alarm in [
        aws_cloudwatch_metric_alarm.backend_errors,
        aws_cloudwatch_metric_alarm.unhealthy_tasks,
      ] :
      alarm.dimensions == tomap({
        LoadBalancer = var.load_balancer_arn_suffix
        TargetGroup  = var.target_group_arn_suffix
      })
    ])
    error_message = "What the tasks answer is counted behind the load balancer."
  }

  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.response_time.metric_query :
      query.id => query.expression if query.id == "slow"
    } == { slow = "IF(requests >= 20, p95, 0)" }
    error_message = "The slowest of a few requests is no alarm."
  }

  assert {
    condition = toset([
      for query in aws_cloudwatch_metric_alarm.response_time.metric_query :
      join(" ", [query.id, query.metric[0].metric_name, query.metric[0].stat]) if query.id != "slow"
    ]) == toset(["p95 TargetResponseTime p95", "requests RequestCount Sum"])
    error_message = "Response times are judged beside the number of requests."
  }

  assert {
    condition = alltrue([
      for query in aws_cloudwatch_metric_alarm.response_time.metric_query :
      query.metric[0].dimensions == tomap({
        LoadBalancer = var.load_balancer_arn_suffix
        TargetGroup  = var.target_group_arn_suffix
      }) if query.id != "slow"
    ])
    error_message = "Both are those of the tasks behind the load balancer."
  }

  assert {
    condition = aws_cloudwatch_metric_alarm.load_balancer_errors.dimensions == tomap({
      LoadBalancer = "app/app-dev/1"
    })
    error_message = "What the load balancer answers itself is counted for no target group."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.missing_tasks.threshold == 2
      && aws_cloudwatch_metric_alarm.missing_tasks.comparison_operator == "LessThanThreshold"
      && aws_cloudwatch_metric_alarm.missing_tasks.treat_missing_data == "breaching"
    )
    error_message = "Fewer tasks than minimum_task_count, or none that reports, is an alarm."
  }

  assert {
    condition = (
      aws_cloudwatch_log_metric_filter.application_errors.log_group_name == "/ecs/app-dev-backend"
      && aws_cloudwatch_metric_alarm.application_errors.namespace
      == aws_cloudwatch_log_metric_filter.application_errors.metric_transformation[0].namespace
      && aws_cloudwatch_metric_alarm.application_errors.metric_name
      == aws_cloudwatch_log_metric_filter.application_errors.metric_transformation[0].name
    )
    error_message = "The alarm on errors watches what is counted in the backend's log."
  }
}

run "the_bill_is_watched" {
  command = plan

  assert {
    condition = (
      aws_budgets_budget.monthly.limit_amount == "50"
      && toset([for filter in aws_budgets_budget.monthly.cost_filter : filter.values])
      == toset([tolist(["user:Environment$dev"])])
    )
    error_message = "The budget counts what has the environment's tag."
  }

  assert {
    condition = alltrue([
      for mail in aws_budgets_budget.monthly.notification :
      toset(mail.subscriber_email_addresses) == toset(var.alarm_emails) && mail.threshold == 100
    ])
    error_message = "Each address hears when forecast or costs exceed the limit."
  }
}

run "failures_without_a_metric_are_reported" {
  command = plan

  variables {
    backup_vault_name = "app-dev-dynamodb"
  }

  override_resource {
    target          = aws_sns_topic.alarms
    override_during = plan
    values          = { arn = "arn:aws:sns:us-east-1:123456789012:app-dev-alarms" }
  }

  assert {
    condition = {
      for key, rule in aws_cloudwatch_event_rule.failed : key => jsondecode(rule.event_pattern)
      } == {
      backups = {
        source        = ["aws.backup"]
        "detail-type" = ["Backup Job State Change"]
        detail = {
          backupVaultName = ["app-dev-dynamodb"]
          state           = ["ABORTED", "EXPIRED", "FAILED"]
        }
      }
      deployments = {
        source        = ["aws.ecs"]
        "detail-type" = ["ECS Deployment State Change"]
        resources     = ["arn:aws:ecs:us-east-1:123456789012:service/app-dev/app-dev-backend"]
        detail        = { eventName = ["SERVICE_DEPLOYMENT_FAILED"] }
      }
    }
    error_message = "What fails in this vault, or in this service, is reported."
  }

  assert {
    condition = alltrue([
      for key, target in aws_cloudwatch_event_target.failed :
      target.rule == "app-dev-failed-${key}"
      && target.arn == "arn:aws:sns:us-east-1:123456789012:app-dev-alarms"
    ])
    error_message = "Each rule goes to the topic."
  }
}

run "without_backups_none_can_fail" {
  command = plan

  assert {
    condition     = toset(keys(aws_cloudwatch_event_rule.failed)) == toset(["deployments"])
    error_message = "Without a vault there is no rule about one."
  }
}

run "bad_values_are_refused" {
  command = plan

  variables {
    project_name                   = "App"
    environment                    = "development-one"
    aws_region                     = "us-east"
    alarm_emails                   = []
    http_5xx_per_minute            = -1
    minimum_task_count             = -1
    monthly_budget                 = 0
    response_time_minimum_requests = 19
    response_time_p95_seconds      = 0
  }

  expect_failures = [
    var.project_name,
    var.environment,
    var.aws_region,
    var.alarm_emails,
    var.http_5xx_per_minute,
    var.minimum_task_count,
    var.monthly_budget,
    var.response_time_minimum_requests,
    var.response_time_p95_seconds,
  ]
}

run "more_addresses_than_a_budget_tells_are_refused" {
  command = plan

  variables {
    alarm_emails = [for number in range(11) : "alerts-${number}@example.com"]
  }

  expect_failures = [var.alarm_emails]
}

run "addresses_that_are_none_are_refused" {
  command = plan

  variables {
    alarm_emails = ["alerts"]
  }

  expect_failures = [var.alarm_emails]
}
