# The bucket that this folder creates: state_bucket_name in bootstrap.tfvars.
bucket       = "file-sharing-app-terraform-state"
key          = "fileshare/bootstrap/terraform.tfstate"
region       = "us-east-1"
encrypt      = true
use_lockfile = true
