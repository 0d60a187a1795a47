"""Backups of tables: DynamoDB's own, and those of AWS Backup."""
