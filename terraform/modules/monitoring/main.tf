data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name_prefix       = "${var.project_name}-${var.environment}"
  metric_namespace  = local.name_prefix
  error_metric_name = "ApplicationErrors"
}

# Not encrypted with alias/aws/sns: CloudWatch may not use that key, and its messages would be lost
# without a word. Alarms carry no user data.
resource "aws_sns_topic" "alarms" {
  name = "${local.name_prefix}-alarms"
}

data "aws_iam_policy_document" "alarms_topic" {
  statement {
    sid       = "LetAlarmsOfThisAccountPublish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values = [join(":", [
        "arn", data.aws_partition.current.partition, "cloudwatch", var.aws_region,
        data.aws_caller_identity.current.account_id, "alarm", "*"
      ])]
    }
  }

  # Without a condition: EventBridge gives SNS nothing to compare, and its messages would be lost.
  statement {
    sid       = "LetEventsPublish"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms_topic.json
}

# Each address gets a mail and hears nothing more until it has confirmed.
resource "aws_sns_topic_subscription" "email" {
  for_each = toset(var.alarm_emails)

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}
