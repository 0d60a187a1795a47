module "network" {
  source = "../../modules/network"

  project_name            = var.project_name
  environment             = var.environment
  aws_region              = var.aws_region
  availability_zones      = var.availability_zones
  flow_log_retention_days = var.flow_log_retention_days
  nat_gateway_per_zone    = var.nat_gateway_per_zone
  vpc_cidr                = var.vpc_cidr
}

module "dynamodb" {
  source = "../../modules/dynamodb"

  project_name                  = var.project_name
  environment                   = var.environment
  aws_region                    = var.aws_region
  enable_point_in_time_recovery = var.enable_point_in_time_recovery
  backup                        = var.backup
  deletion_protection_enabled   = var.deletion_protection_enabled
  kms_key_arn                   = var.dynamodb_kms_key_arn
  on_demand_throughput          = var.on_demand_throughput
  parameter_namespace           = var.parameter_namespace
  replica_kms_key_arns          = var.replica_kms_key_arns
  replica_regions               = var.replica_regions
}

module "identity" {
  source = "../../modules/identity"

  project_name                = var.project_name
  environment                 = var.environment
  allow_password_auth         = var.allow_password_auth
  deletion_protection_enabled = var.deletion_protection_enabled
}

module "backend" {
  source = "../../modules/ecs-flask-backend"

  project_name                = var.project_name
  environment                 = var.environment
  aws_region                  = var.aws_region
  alb_security_group_id       = module.network.alb_security_group_id
  autoscaling                 = var.autoscaling
  certificate_arn             = var.certificate_arn
  cognito_client_id           = module.identity.user_pool_client_id
  cognito_user_pool_id        = module.identity.user_pool_id
  container_insights          = var.container_insights
  cpu                         = var.cpu
  deletion_protection_enabled = var.deletion_protection_enabled
  desired_count               = var.desired_count
  domain_name                 = var.domain_name
  dynamodb_policy_arn         = module.dynamodb.policy_arn
  force_destroy               = var.force_destroy
  image_tag                   = var.image_tag
  log_level                   = var.log_level
  log_retention_days          = var.log_retention_days
  memory                      = var.memory
  private_subnet_ids          = module.network.private_subnet_ids
  public_subnet_ids           = module.network.public_subnet_ids
  task_security_group_id      = module.network.task_security_group_id
  upload_allowed_origins      = var.upload_allowed_origins
  vpc_id                      = module.network.vpc_id

  secret_parameters = [
    for name in var.secret_parameters : "/${var.parameter_namespace}/${var.environment}/${name}"
  ]
}

module "monitoring" {
  source = "../../modules/monitoring"

  project_name              = var.project_name
  environment               = var.environment
  aws_region                = var.aws_region
  alarm_emails              = var.alarm_emails
  backup_vault_name         = module.dynamodb.backup_vault_name
  cluster_name              = module.backend.cluster_name
  load_balancer_arn_suffix  = module.backend.load_balancer_arn_suffix
  log_group_name            = module.backend.log_group_name
  minimum_task_count        = try(var.autoscaling.min_capacity, var.desired_count)
  monthly_budget            = var.monthly_budget
  response_time_p95_seconds = var.response_time_p95_seconds
  service_name              = module.backend.service_name
  tables                    = module.dynamodb.tables
  target_group_arn_suffix   = module.backend.target_group_arn_suffix
}
