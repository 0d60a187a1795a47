resource "aws_cloudwatch_metric_alarm" "load_balancer_errors" {
  alarm_name          = "${local.name_prefix}-load-balancer-5xx"
  alarm_description   = "The load balancer answered 5xx itself: no task answers, or not in time."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_ELB_5XX_Count"
  dimensions          = { LoadBalancer = var.load_balancer_arn_suffix }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.http_5xx_per_minute
  period              = 60
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "backend_errors" {
  alarm_name        = "${local.name_prefix}-backend-5xx"
  alarm_description = "The backend answered 5xx: see its log."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "HTTPCode_Target_5XX_Count"
  dimensions = {
    LoadBalancer = var.load_balancer_arn_suffix
    TargetGroup  = var.target_group_arn_suffix
  }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.http_5xx_per_minute
  period              = 60
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# p95 of a few requests is the slowest of them, so a few are no reason to wake anybody.
# evaluate_low_sample_count_percentiles would ignore fewer than 200, which this load seldom has.
resource "aws_cloudwatch_metric_alarm" "response_time" {
  alarm_name          = "${local.name_prefix}-response-time-p95"
  alarm_description   = "One request in twenty takes longer than the limit."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.response_time_p95_seconds
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  # In the order in which a plan lists them, by which the suite finds what is known only later.
  metric_query {
    id = "p95"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "TargetResponseTime"
      stat        = "p95"
      period      = 300

      dimensions = {
        LoadBalancer = var.load_balancer_arn_suffix
        TargetGroup  = var.target_group_arn_suffix
      }
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"
      stat        = "Sum"
      period      = 300

      dimensions = {
        LoadBalancer = var.load_balancer_arn_suffix
        TargetGroup  = var.target_group_arn_suffix
      }
    }
  }

  metric_query {
    id          = "slow"
    label       = "p95, or 0 of fewer than ${var.response_time_minimum_requests} requests"
    expression  = "IF(requests >= ${var.response_time_minimum_requests}, p95, 0)"
    return_data = true
  }
}

resource "aws_cloudwatch_metric_alarm" "unhealthy_tasks" {
  alarm_name        = "${local.name_prefix}-unhealthy-tasks"
  alarm_description = "A task fails its health check."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "UnHealthyHostCount"
  dimensions = {
    LoadBalancer = var.load_balancer_arn_suffix
    TargetGroup  = var.target_group_arn_suffix
  }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# Each running task reports its CPU once a minute, so the number of samples is the number of tasks.
# Unlike RunningTaskCount, this metric is there without Container Insights. No task means no data:
# that is breaching. While a deploy or a rollback replaces tasks, new ones report a minute or two
# after the old ones have stopped.
resource "aws_cloudwatch_metric_alarm" "missing_tasks" {
  alarm_name          = "${local.name_prefix}-missing-tasks"
  alarm_description   = "Fewer tasks run than the service should have."
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  dimensions          = { ClusterName = var.cluster_name, ServiceName = var.service_name }
  statistic           = "SampleCount"
  comparison_operator = "LessThanThreshold"
  threshold           = var.minimum_task_count
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_log_metric_filter" "application_errors" {
  name           = "${local.name_prefix}-application-errors"
  log_group_name = var.log_group_name
  pattern        = "{ ($.level = \"ERROR\") || ($.level = \"CRITICAL\") }"

  metric_transformation {
    namespace     = local.metric_namespace
    name          = local.error_metric_name
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "application_errors" {
  alarm_name          = "${local.name_prefix}-application-errors"
  alarm_description   = "The backend logged an error."
  namespace           = local.metric_namespace
  metric_name         = local.error_metric_name
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
