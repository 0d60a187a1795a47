locals {
  # Bucket names are global, so the account makes this one ours.
  uploads_bucket_name = "${local.name_prefix}-uploads-${local.account_id}"
  uploads_bucket_arn  = "arn:${local.partition}:s3:::${local.uploads_bucket_name}"

  # How long a link to a file may last, in days: LIFETIMES in backend/uploads.py. The backend puts a
  # file below the shortest that is as long as its link's.
  file_lifetimes = [1, 3, 7, 14, 30, 60, 90, 180, 365]
}

resource "aws_s3_bucket" "uploads" {
  bucket        = local.uploads_bucket_name
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# With the key that AWS manages for S3: it costs nothing, and who may use the bucket may use it. A key
# of the bucket's own spares it almost every request to KMS, which has a price.
resource "aws_s3_bucket_server_side_encryption_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_versioning" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  rule {
    id     = "forget-what-was-deleted"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  # A file ends when its link has, at the latest at the next midnight (UTC): S3 counts from the upload,
  # which is never before the link. No rule for all of uploads/: files that were shared before there
  # were lifetimes have links without an end.
  dynamic "rule" {
    for_each = local.file_lifetimes

    content {
      id     = "expire-after-${rule.value}-days"
      status = "Enabled"

      filter {
        prefix = "uploads/${rule.value}-days/"
      }

      expiration {
        days = rule.value
      }
    }
  }

  # Rules about old versions mean nothing before versioning is on.
  depends_on = [aws_s3_bucket_versioning.uploads]
}

# The browser uploads straight to the bucket through a presigned URL, from the page's own address.
resource "aws_s3_bucket_cors_configuration" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  cors_rule {
    allowed_headers = ["Content-Type", "If-None-Match"]
    allowed_methods = ["GET", "PUT"]
    allowed_origins = distinct(concat([local.public_url], var.upload_allowed_origins))
    max_age_seconds = 3000
  }
}

moved {
  from = aws_s3_bucket_cors_configuration.uploads[0]
  to   = aws_s3_bucket_cors_configuration.uploads
}

data "aws_iam_policy_document" "uploads_tls_only" {
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.uploads_bucket_arn, "${local.uploads_bucket_arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "uploads" {
  bucket = aws_s3_bucket.uploads.id
  policy = data.aws_iam_policy_document.uploads_tls_only.json

  # S3 refuses two changes of a bucket's access at the same moment.
  depends_on = [aws_s3_bucket_public_access_block.uploads]
}
