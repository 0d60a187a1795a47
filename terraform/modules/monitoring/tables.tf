locals {
  # Throttling is counted for a table and for each of its indexes separately.
  _throttled_things = merge([
    for key, table in var.tables : merge(
      { (key) = { TableName = table.name } },
      {
        for index in table.index_names :
        "${key}-${index}" => { TableName = table.name, GlobalSecondaryIndexName = index }
      }
    )
  ]...)

  throttles = merge([
    for thing, dimensions in local._throttled_things : {
      for kind in ["Read", "Write"] :
      "${thing}-${lower(kind)}" => {
        metric_name = "${kind}ThrottleEvents"
        dimensions  = dimensions
      }
    }
  ]...)

  # What the access policy allows. DynamoDB counts SystemErrors for each operation of a table, and
  # for no table as a whole: an alarm on the table alone would never have data.
  table_operations = [
    "BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem",
    "PutItem", "Query", "Scan", "UpdateItem",
  ]
}

resource "aws_cloudwatch_metric_alarm" "throttled" {
  for_each = local.throttles

  alarm_name          = "${local.name_prefix}-${each.key}-throttled"
  alarm_description   = "DynamoDB turned requests away: look for a hot key or a table limit."
  namespace           = "AWS/DynamoDB"
  metric_name         = each.value.metric_name
  dimensions          = each.value.dimensions
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "table_system_errors" {
  for_each = var.tables

  alarm_name          = "${local.name_prefix}-${each.key}-system-errors"
  alarm_description   = "DynamoDB itself failed on requests to this table: see the AWS health page."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "errors"
    label       = "System errors of all operations"
    expression  = join(" + ", [for name in local.table_operations : "FILL(${lower(name)}, 0)"])
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.table_operations

    content {
      id = lower(metric_query.value)

      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = "SystemErrors"
        dimensions  = { TableName = each.value.name, Operation = metric_query.value }
        stat        = "Sum"
        period      = 60
      }
    }
  }
}
