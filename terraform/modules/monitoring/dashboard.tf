locals {
  _alb_5xx = ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"]
  _table_metrics = [
    "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits",
    "ReadThrottleEvents", "WriteThrottleEvents",
  ]

  # Each metric as CloudWatch writes it: namespace, name, dimensions, options.
  _alb = ["LoadBalancer", var.load_balancer_arn_suffix]
  _ecs = ["ClusterName", var.cluster_name, "ServiceName", var.service_name]

  # In the order in which they are shown.
  _widgets = concat(
    [
      {
        title = "Requests and server errors"
        metrics = [
          for name in concat(["RequestCount"], local._alb_5xx) :
          concat(["AWS/ApplicationELB", name], local._alb, [{ stat = "Sum" }])
        ]
      },
      {
        title = "Response time (s)"
        metrics = [
          for stat in ["p50", "p95", "p99"] :
          concat(["AWS/ApplicationELB", "TargetResponseTime"], local._alb, [{ stat = stat }])
        ]
      },
      {
        title = "Load of the tasks (%)"
        metrics = [
          for name in ["CPUUtilization", "MemoryUtilization"] :
          concat(["AWS/ECS", name], local._ecs, [{ stat = "Average" }])
        ]
      },
      {
        title = "Running tasks"
        metrics = [
          concat(["AWS/ECS", "CPUUtilization"], local._ecs, [{ stat = "SampleCount" }]),
        ]
      },
      {
        title   = "Errors in the log"
        metrics = [[local.metric_namespace, local.error_metric_name, { stat = "Sum" }]]
      },
    ],
    [
      for key, table in var.tables : {
        title = "Table ${key}"
        metrics = [
          for name in local._table_metrics :
          ["AWS/DynamoDB", name, "TableName", table.name, { stat = "Sum" }]
        ]
      }
    ],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.name_prefix

  # Two widgets to a row.
  dashboard_body = jsonencode({
    widgets = [
      for i, widget in local._widgets : {
        type   = "metric"
        x      = 12 * (i % 2)
        y      = 6 * floor(i / 2)
        width  = 12
        height = 6
        properties = {
          title   = widget.title
          region  = var.aws_region
          view    = "timeSeries"
          period  = 60
          metrics = widget.metrics
        }
      }
    ]
  })
}
