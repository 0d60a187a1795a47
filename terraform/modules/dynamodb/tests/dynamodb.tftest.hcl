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
  project_name = "app"
  environment  = "dev"
  aws_region   = "us-east-1"

  on_demand_throughput = {
    max_read_request_units  = 200
    max_write_request_units = 100
  }
}

run "tables_keep_what_they_hold" {
  command = plan

  assert {
    condition = alltrue([
      for table in [aws_dynamodb_table.users, aws_dynamodb_table.urls] :
      table.point_in_time_recovery[0].enabled && table.deletion_protection_enabled
    ])
    error_message = "By default a table has point-in-time recovery and deletion protection."
  }

  assert {
    condition = alltrue([
      for table in [aws_dynamodb_table.users, aws_dynamodb_table.urls] :
      table.server_side_encryption[0].enabled && table.billing_mode == "PAY_PER_REQUEST"
    ])
    error_message = "A table is encrypted with a key of KMS, and billed on demand."
  }

  assert {
    condition     = aws_dynamodb_table.urls.ttl[0].attribute_name == "expires_at_ttl"
    error_message = "Links expire by expires_at_ttl."
  }

  assert {
    condition = alltrue([
      for part in flatten([
        for table in [aws_dynamodb_table.users, aws_dynamodb_table.urls] :
        [table.on_demand_throughput, table.global_secondary_index[*].on_demand_throughput]
      ]) : part.max_read_request_units == 200 && part.max_write_request_units == 100
    ])
    error_message = "Each table and each index has the maximum throughput."
  }

  assert {
    condition     = length(aws_dynamodb_table.users.ttl) == 0
    error_message = "Users do not expire."
  }
}

run "parameters_are_the_six_of_the_plan" {
  command = plan

  assert {
    condition = toset([
      for parameter in [
        aws_ssm_parameter.dynamodb_policy_arn,
        aws_ssm_parameter.dynamodb_urls_table_arn,
        aws_ssm_parameter.dynamodb_urls_table_name,
        aws_ssm_parameter.dynamodb_users_table_arn,
        aws_ssm_parameter.dynamodb_users_table_name,
        aws_ssm_parameter.use_dynamodb,
      ] : "${basename(parameter.name)} = ${nonsensitive(parameter.value)}"
      ]) == toset([
      "dynamodb_policy_arn = arn:aws:iam::123456789012:policy/app-dev-dynamodb-access",
      "dynamodb_urls_table_arn = arn:aws:dynamodb:us-east-1:123456789012:table/app-dev-urls",
      "dynamodb_urls_table_name = app-dev-urls",
      "dynamodb_users_table_arn = arn:aws:dynamodb:us-east-1:123456789012:table/app-dev-users",
      "dynamodb_users_table_name = app-dev-users",
      "use_dynamodb = true",
    ])
    error_message = "Names and values of the parameters are the plan's, known before an apply."
  }

  assert {
    condition     = dirname(aws_ssm_parameter.use_dynamodb.name) == "/fileshare/dev"
    error_message = "They lie where the deploy workflow reads them."
  }

  assert {
    condition = length(setintersection(keys(aws_ssm_parameter.table), [
      "urls_table_arn", "urls_table_name", "users_table_arn", "users_table_name",
    ])) == 0
    error_message = "Each parameter of the plan's tables is written once."
  }
}

run "access_is_to_the_tables_alone" {
  command = plan

  # What AWS calls itself elsewhere, such as in China.
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn" }
  }

  assert {
    condition = length(setsubtract([
      "arn:aws-cn:dynamodb:us-east-1:123456789012:table/app-dev-urls",
      "arn:aws-cn:dynamodb:us-east-1:123456789012:table/app-dev-urls/index/*",
      "arn:aws-cn:dynamodb:us-east-1:123456789012:table/app-dev-users",
      "arn:aws-cn:dynamodb:us-east-1:123456789012:table/app-dev-users/index/*",
    ], data.aws_iam_policy_document.dynamodb_access.statement[0].resources)) == 0
    error_message = "The policy names both tables and their indexes."
  }

  assert {
    condition = alltrue([
      for arn in data.aws_iam_policy_document.dynamodb_access.statement[0].resources :
      !strcontains(trimsuffix(arn, "/index/*"), "*")
    ])
    error_message = "Behind a table's name may be any index; no other wildcard is allowed."
  }

  assert {
    condition = (
      length(data.aws_iam_policy_document.dynamodb_access.statement) == 1
      && alltrue([
        for action in data.aws_iam_policy_document.dynamodb_access.statement[0].actions :
        !strcontains(action, "*") && !strcontains(action, "Table")
      ])
    )
    error_message = "The policy names each action, and none that administers a table."
  }

  assert {
    condition = output.policy_arn == join(":", [
      "arn:aws-cn:iam:", "123456789012", "policy/app-dev-dynamodb-access"
    ])
    error_message = "The policy's ARN is known before an apply, for whoever counts on it."
  }
}

run "backups_are_of_every_table" {
  command = plan

  variables {
    backup = { schedule = "cron(0 3 * * ? *)", retention_days = 90 }
  }

  assert {
    condition = length(setsubtract([
      "arn:aws:dynamodb:us-east-1:123456789012:table/app-dev-urls",
      "arn:aws:dynamodb:us-east-1:123456789012:table/app-dev-users",
    ], aws_backup_selection.this[0].resources)) == 0
    error_message = "The backup plan selects both tables."
  }

  assert {
    condition     = aws_backup_vault.this[0].force_destroy == false
    error_message = "With deletion protection, a vault that holds backups cannot be destroyed."
  }

  assert {
    condition     = output.backup_vault_name == "app-dev-dynamodb"
    error_message = "The vault's name is known before it is made."
  }

  assert {
    condition = (
      aws_backup_vault_lock_configuration.this[0].backup_vault_name == "app-dev-dynamodb"
      && aws_backup_vault_lock_configuration.this[0].min_retention_days == 90
      && aws_backup_vault_lock_configuration.this[0].changeable_for_days == null
    )
    error_message = "A lock in governance mode keeps each backup for as long as it was to be kept."
  }
}

run "an_unprotected_vault_has_no_lock" {
  command = plan

  variables {
    backup                      = { schedule = "rate(1 day)", retention_days = 7 }
    deletion_protection_enabled = false
  }

  assert {
    condition = (
      length(aws_backup_vault_lock_configuration.this) == 0
      && aws_backup_vault.this[0].force_destroy
    )
    error_message = "Without deletion protection the vault can be destroyed with its backups."
  }
}

run "bad_values_are_refused" {
  command = plan

  variables {
    project_name        = "App"
    environment         = "development-one"
    aws_region          = "us-east"
    backup              = { schedule = "daily", retention_days = 90 }
    kms_key_arn         = "alias/app"
    parameter_namespace = "/fileshare/"

    on_demand_throughput = {
      max_read_request_units  = 0
      max_write_request_units = 1.5
    }
  }

  expect_failures = [
    var.project_name,
    var.environment,
    var.aws_region,
    var.backup,
    var.kms_key_arn,
    var.on_demand_throughput,
    var.parameter_namespace,
  ]
}

run "backups_of_no_day_and_keys_of_no_replica_are_refused" {
  command = plan

  variables {
    backup               = { schedule = "rate(1 day)", retention_days = 0 }
    replica_kms_key_arns = { eu-west-1 = "arn:aws:kms:eu-west-1:123456789012:key/1" }
  }

  expect_failures = [var.backup, var.replica_kms_key_arns]
}

# Alone: the condition of replica_kms_key_arns is about it, and is not looked at where it fails.
run "a_replica_at_home_is_refused" {
  command = plan

  variables {
    replica_regions = ["us-east-1"]
  }

  expect_failures = [var.replica_regions]
}
