# What the module promises, on plans with a mocked provider: terraform init && terraform test

mock_provider "aws" {}

variables {
  project_name = "app"
  environment  = "dev"
}

run "passwords_are_not_sent" {
  command = plan

  # Known only after an apply, which a plan without this would leave open.
  override_resource {
    target          = aws_cognito_user_pool.this
    override_during = plan
    values          = { id = "us-east-1_Abc" }
  }

  assert {
    condition = aws_cognito_user_pool_client.this.explicit_auth_flows == toset([
      "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"
    ])
    error_message = "By default the client signs in with SRP and nothing else."
  }

  assert {
    condition     = aws_cognito_user_pool.this.admin_create_user_config[0].allow_admin_create_user_only
    error_message = "Administrators alone make users."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.generate_secret == false
    error_message = "The client runs in a browser, which keeps no secret."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.prevent_user_existence_errors == "ENABLED"
    error_message = "A sign-in does not tell who has an account."
  }

  assert {
    condition = (
      output.user_pool_id == "us-east-1_Abc"
      && aws_cognito_user_pool_client.this.user_pool_id == "us-east-1_Abc"
    )
    error_message = "The client is one of the pool that the module hands out."
  }
}

run "accounts_are_kept" {
  command = plan

  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "ACTIVE"
    error_message = "By default AWS refuses to delete the user pool."
  }

  assert {
    condition     = aws_cognito_user_pool.this.password_policy[0].minimum_length >= 12
    error_message = "A password has 12 characters at least."
  }
}

run "passwords_are_sent_where_that_is_asked_for" {
  command = plan

  variables {
    allow_password_auth = true
  }

  assert {
    condition = contains(
      aws_cognito_user_pool_client.this.explicit_auth_flows, "ALLOW_USER_PASSWORD_AUTH"
    )
    error_message = "With allow_password_auth the client may send the password itself."
  }
}

run "bad_values_are_refused" {
  command = plan

  variables {
    project_name = "App"
    environment  = "development-one"
  }

  expect_failures = [var.project_name, var.environment]
}
