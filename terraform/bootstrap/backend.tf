# Where the state lies is in backend.hcl. The first apply makes that bucket, so it runs without this file: see README.md.
terraform {
  backend "s3" {}
}
