project_name      = "file-sharing-app"
aws_region        = "us-east-1"
state_bucket_name = "file-sharing-app-terraform-state"

# Replace it with your own repository.
github_owner      = "example"
github_repository = "file-sharing-app"
github_branch     = "main"

# Users of prod are real: nothing that runs from GitHub may administer them.
environments = {
  dev  = { smoke_writes = true }
  prod = { smoke_writes = false }
}
