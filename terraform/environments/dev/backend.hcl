# Replace the bucket with one of your own: versioned, private, in your account.
bucket       = "file-sharing-app-terraform-state"
key          = "fileshare/dev/terraform.tfstate"
region       = "us-east-1"
encrypt      = true
use_lockfile = true
