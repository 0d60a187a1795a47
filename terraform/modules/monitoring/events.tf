# What no metric shows: EventBridge publishes it to the alarms' topic.

locals {
  _account = data.aws_caller_identity.current.account_id

  service_arn = join(":", [
    "arn", data.aws_partition.current.partition, "ecs", var.aws_region, local._account,
    "service/${var.cluster_name}/${var.service_name}",
  ])

  _failures = {
    backups = {
      description = "A scheduled backup of a table was not made: see its job in AWS Backup."
      source      = "aws.backup"
      detail_type = "Backup Job State Change"
      more = {
        detail = {
          backupVaultName = [var.backup_vault_name]
          state           = ["ABORTED", "EXPIRED", "FAILED"]
        }
      }
    }

    # Also of one that was rolled back, after which the service looks well again.
    deployments = {
      description = "A deployment of the service failed: see the service's events in ECS."
      source      = "aws.ecs"
      detail_type = "ECS Deployment State Change"
      more = {
        resources = [local.service_arn]
        detail    = { eventName = ["SERVICE_DEPLOYMENT_FAILED"] }
      }
    }
  }

  failures = {
    for key, failure in local._failures : key => failure
    if key != "backups" || var.backup_vault_name != null
  }
}

resource "aws_cloudwatch_event_rule" "failed" {
  for_each = local.failures

  name        = "${local.name_prefix}-failed-${each.key}"
  description = each.value.description

  event_pattern = jsonencode(merge(
    { source = [each.value.source], "detail-type" = [each.value.detail_type] },
    each.value.more,
  ))
}

resource "aws_cloudwatch_event_target" "failed" {
  for_each = aws_cloudwatch_event_rule.failed

  rule      = each.value.name
  target_id = "alarms"
  arn       = aws_sns_topic.alarms.arn
}
