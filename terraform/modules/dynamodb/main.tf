data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name_prefix = "${var.project_name}-${var.environment}"
  account_id  = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  policy_name = "${local.name_prefix}-dynamodb-access"

  # Every table by its key: access, backups, parameters and alarms follow from here.
  tables = {
    urls  = aws_dynamodb_table.urls
    users = aws_dynamodb_table.users
  }

  # Built from names, not read from the resources: a resource's own `arn` is unknown until apply,
  # and so would be the policy document and every `count` that asks for the policy's ARN.
  _table_arn_prefix = "arn:${local.partition}:dynamodb:${var.aws_region}:${local.account_id}:table"
  policy_arn        = "arn:${local.partition}:iam::${local.account_id}:policy/${local.policy_name}"
  table_arns = {
    for key, table in local.tables : key => "${local._table_arn_prefix}/${table.name}"
  }

  # Global tables replicate through streams, and only through this view of them.
  _replicated = length(var.replica_regions) > 0
}

resource "aws_dynamodb_table" "users" {
  name                        = "${local.name_prefix}-users"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "user_id"
  deletion_protection_enabled = var.deletion_protection_enabled
  stream_enabled              = local._replicated
  stream_view_type            = local._replicated ? "NEW_AND_OLD_IMAGES" : null

  attribute {
    name = "user_id"
    type = "S"
  }

  attribute {
    name = "email"
    type = "S"
  }

  global_secondary_index {
    name            = "email-index"
    hash_key        = "email"
    projection_type = "ALL"

    on_demand_throughput {
      max_read_request_units  = var.on_demand_throughput.max_read_request_units
      max_write_request_units = var.on_demand_throughput.max_write_request_units
    }
  }

  on_demand_throughput {
    max_read_request_units  = var.on_demand_throughput.max_read_request_units
    max_write_request_units = var.on_demand_throughput.max_write_request_units
  }

  point_in_time_recovery {
    enabled = var.enable_point_in_time_recovery
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  dynamic "replica" {
    for_each = toset(var.replica_regions)

    content {
      region_name            = replica.value
      kms_key_arn            = lookup(var.replica_kms_key_arns, replica.value, null)
      point_in_time_recovery = var.enable_point_in_time_recovery
      propagate_tags         = true
    }
  }
}

resource "aws_dynamodb_table" "urls" {
  name                        = "${local.name_prefix}-urls"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "short_code"
  deletion_protection_enabled = var.deletion_protection_enabled
  stream_enabled              = local._replicated
  stream_view_type            = local._replicated ? "NEW_AND_OLD_IMAGES" : null

  attribute {
    name = "short_code"
    type = "S"
  }

  attribute {
    name = "created_by_user"
    type = "S"
  }

  global_secondary_index {
    name            = "user-index"
    hash_key        = "created_by_user"
    projection_type = "ALL"

    on_demand_throughput {
      max_read_request_units  = var.on_demand_throughput.max_read_request_units
      max_write_request_units = var.on_demand_throughput.max_write_request_units
    }
  }

  # DynamoDB removes an expired link within days, not at once: readers must check the time as well.
  ttl {
    attribute_name = "expires_at_ttl"
    enabled        = true
  }

  on_demand_throughput {
    max_read_request_units  = var.on_demand_throughput.max_read_request_units
    max_write_request_units = var.on_demand_throughput.max_write_request_units
  }

  point_in_time_recovery {
    enabled = var.enable_point_in_time_recovery
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  dynamic "replica" {
    for_each = toset(var.replica_regions)

    content {
      region_name            = replica.value
      kms_key_arn            = lookup(var.replica_kms_key_arns, replica.value, null)
      point_in_time_recovery = var.enable_point_in_time_recovery
      propagate_tags         = true
    }
  }
}
