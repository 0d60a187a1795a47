# Where the state lies is in backend.hcl: terraform init -backend-config=backend.hcl
terraform {
  backend "s3" {}
}
