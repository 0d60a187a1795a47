"""The live reader: what it finds in an account, what it leaves out, and how it fails."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import NoCredentialsError

from verification.engine.aws.emulator import EmbeddedAws, Fault, boto_clients
from verification.engine.aws.live import leftovers, read_live_stack
from verification.engine.aws.live.monitoring import read_subscriptions
from verification.engine.errors import EnvironmentUnavailable, ToolError
from verification.model.stack import BudgetNotification, LifecycleRule, Metric, Stack

pytestmark = pytest.mark.slow

DEAD = "http://127.0.0.1:9"
HERE = "us-east-1:123456789012"
CONTAINER = {"name": "web", "image": "i", "memory": 1}


@pytest.fixture(scope="module")
def world(empty_aws: EmbeddedAws) -> Iterator[EmbeddedAws]:
    """A world that the tests of this file share; each test makes what it reads."""
    with empty_aws.fork() as started:
        yield started


@pytest.fixture(autouse=True)
def _no_faults(world: EmbeddedAws) -> Iterator[None]:
    yield
    world.clear_faults()


def read(world: EmbeddedAws, prefix: str = "shop-dev") -> Stack:
    """Read the environment "dev"."""
    return read_live_stack(world.client, "dev", prefix, "/shop/dev/")


def make_table(world: EmbeddedAws, name: str) -> None:
    """Make a table with the fewest settings."""
    world.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def make_alarm(world: EmbeddedAws, name: str, **more: Any) -> None:
    """Make an alarm; what it watches is given."""
    limit = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 0, "EvaluationPeriods": 1}
    world.client("cloudwatch").put_metric_alarm(AlarmName=name, **limit, **more)


def statement(action: str) -> dict[str, Any]:
    """Return a policy that allows an action on everything."""
    allowed = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [allowed]}


def tags(project: str, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Return the tags of a project's "dev", in the words of the service."""
    pairs = {"Project": project, "Environment": "dev"}
    return [{key: name, value: content} for name, content in pairs.items()]


def test_empty_account_gives_an_empty_stack(world: EmbeddedAws) -> None:
    """Where nothing of the environment is, the stack still says where it looked."""
    stack = read(world, "nothing-dev")
    assert (stack.resources(), stack.environment, stack.partition) == ((), "dev", "aws")
    assert f"{stack.region}:{stack.account}" == HERE


def test_ttl_that_is_off_has_no_attribute(world: EmbeddedAws) -> None:
    """Only an enabled TTL counts: a disabled one expires nothing."""
    for name in ("ttl-dev-on", "ttl-dev-off"):
        make_table(world, name)
    world.client("dynamodb").update_time_to_live(
        TableName="ttl-dev-on",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
    )
    found = {table.name: table.ttl_attribute for table in read(world, "ttl-dev").tables}
    assert found == {"ttl-dev-on": "expires_at", "ttl-dev-off": None}


def test_lock_of_a_vault_is_read(world: EmbeddedAws) -> None:
    """A vault without a lock, or of another environment, is not taken for a locked one."""
    backup = world.client("backup")
    for name in ("vault-dev-locked", "vault-dev-open", "vault-development-locked"):
        backup.create_backup_vault(BackupVaultName=name)
        if name.endswith("locked"):
            backup.put_backup_vault_lock_configuration(BackupVaultName=name, MinRetentionDays=7)
    found = {vault.name: vault.locked for vault in read(world, "vault-dev").backup_vaults}
    assert found == {"vault-dev-locked": True, "vault-dev-open": False}


def test_budgets_are_read_with_whom_they_tell(world: EmbeddedAws) -> None:
    """Limit, filter, and the mails of each notification; a topic is no mail."""
    account = {"AccountId": "123456789012"}
    told = (("EMAIL", "a@example.com"), ("SNS", f"arn:aws:sns:{HERE}:alarms"))
    world.client("budgets").create_budget(
        **account,
        Budget={
            "BudgetName": "spent-dev-monthly",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "90", "Unit": "USD"},
            "CostFilters": {"TagKeyValue": ["user:Environment$dev"]},
        },
        NotificationsWithSubscribers=[
            {
                "Notification": {
                    "NotificationType": "ACTUAL",
                    "ComparisonOperator": "GREATER_THAN",
                    "Threshold": 80,
                },
                "Subscribers": [{"SubscriptionType": kind, "Address": to} for kind, to in told],
            }
        ],
    )
    (budget,) = read(world, "spent-dev").budgets
    assert budget.address == "arn:aws:budgets::123456789012:budget/spent-dev-monthly"
    assert (budget.type, budget.period, budget.limit, budget.unit) == ("COST", "MONTHLY", 90, "USD")
    assert budget.filters == {"TagKeyValue": ("user:Environment$dev",)}
    expected = BudgetNotification("GREATER_THAN", 80, "PERCENTAGE", ("a@example.com",))
    assert budget.notifications == (expected,)
    assert budget.address in leftovers(world.client, "spent-dev", "spent", "dev")


def test_prefix_ends_at_a_hyphen(world: EmbeddedAws) -> None:
    """Another environment whose name merely begins alike is not ours."""
    for prefix in ("shop-dev", "shop-development"):
        make_table(world, f"{prefix}-users")
        world.client("sns").create_topic(Name=f"{prefix}-alarms")
        world.client("logs").create_log_group(logGroupName=f"/ecs/{prefix}-backend")
        make_alarm(world, f"{prefix}-errors", Namespace="N", MetricName="M", Statistic="Sum")
    stack = read(world)
    assert [table.name for table in stack.tables] == ["shop-dev-users"]
    assert [topic.address.split(":")[-1] for topic in stack.topics] == ["shop-dev-alarms"]
    assert [group.name for group in stack.log_groups] == ["/ecs/shop-dev-backend"]
    assert [alarm.name for alarm in stack.alarms] == ["shop-dev-errors"]


def test_parameters_are_read_beyond_the_first_page(world: EmbeddedAws) -> None:
    """AWS gives ten parameters a page; those of a path that merely begins alike are not ours."""
    names = [f"/shop/dev/{number:02}" for number in range(23)]
    for name in [*names, "/shop/development/other"]:
        world.client("ssm").put_parameter(Name=name, Value="v", Type="String")
    assert sorted(str(parameter.name) for parameter in read(world).parameters) == names


def test_metric_math_alarm_watches_the_metrics_of_its_queries(world: EmbeddedAws) -> None:
    """An expression over two metrics watches both, with the period of its queries."""
    metric = {"Namespace": "AWS/DynamoDB", "MetricName": "SystemErrors"}
    queries = [{"Id": "total", "Expression": "getitem + putitem", "ReturnData": True}]
    for operation in ("GetItem", "PutItem"):
        watched = metric | {"Dimensions": [{"Name": "Operation", "Value": operation}]}
        stat = {"Metric": watched, "Period": 60, "Stat": "Sum"}
        queries.append({"Id": operation.lower(), "MetricStat": stat, "ReturnData": False})
    make_alarm(world, "math-dev-errors", Metrics=queries)
    (alarm,) = read(world, "math-dev").alarms
    assert sorted(alarm.metrics, key=repr) == [
        Metric("AWS/DynamoDB", "SystemErrors", "Sum", {"Operation": operation}, operation.lower())
        for operation in ("GetItem", "PutItem")
    ]
    assert (alarm.period, alarm.expression) == (60, "getitem + putitem")


def test_event_rule_has_its_pattern_and_targets(world: EmbeddedAws) -> None:
    """A rule is read with its targets; one that is disabled, and one of others, is told apart."""
    events, pattern = world.client("events"), {"source": ["aws.ecs"]}
    for name, state in (("rule-dev-on", "ENABLED"), ("rule-dev-off", "DISABLED")):
        events.put_rule(Name=name, EventPattern=json.dumps(pattern), State=state)
    events.put_rule(Name="rule-development", EventPattern=json.dumps(pattern))
    target = f"arn:aws:sns:{HERE}:rule-dev-alarms"
    events.put_targets(Rule="rule-dev-on", Targets=[{"Id": "alarms", "Arn": target}])
    rules = {rule.name: rule for rule in read(world, "rule-dev").event_rules}
    assert rules.keys() == {"rule-dev-on", "rule-dev-off"}
    assert (rules["rule-dev-on"].enabled, rules["rule-dev-on"].targets) == (True, (target,))
    assert (rules["rule-dev-off"].enabled, rules["rule-dev-off"].targets) == (False, ())
    assert rules["rule-dev-on"].pattern == pattern


def test_pending_subscription_is_told() -> None:
    """Until an address has confirmed, SNS has a word instead of an ARN."""
    topic = f"arn:aws:sns:{HERE}:mail-dev-alarms"
    listed = [
        {"SubscriptionArn": word, "Protocol": "email", "Endpoint": f"{number}@example.com"}
        for number, word in enumerate(["PendingConfirmation", f"{topic}:1"])
    ]
    pages = {"list_topics": [{"TopicArn": topic}], "list_subscriptions_by_topic": listed}
    scope = Mock(pages=lambda service, operation, result, **arguments: pages[operation])
    found = [(one.endpoint, one.pending) for one in read_subscriptions(scope)]
    assert found == [("0@example.com", True), ("1@example.com", False)]


def test_percentile_is_a_statistic(world: EmbeddedAws) -> None:
    """What CloudWatch calls an extended statistic is the alarm's statistic."""
    watched = {"Namespace": "N", "MetricName": "M", "Period": 60}
    make_alarm(world, "p95-dev-slow", **watched, ExtendedStatistic="p95")
    (alarm,) = read(world, "p95-dev").alarms
    assert (alarm.metrics[0].statistic, alarm.period) == ("p95", 60)


def test_bucket_without_a_public_access_block_blocks_nothing(world: EmbeddedAws) -> None:
    """A missing block is four switches that are off, in the order of the API."""
    for name in ("open-dev-a", "open-dev-b"):
        world.client("s3").create_bucket(Bucket=name)
    world.client("s3").put_public_access_block(
        Bucket="open-dev-b",
        PublicAccessBlockConfiguration={"BlockPublicAcls": True, "BlockPublicPolicy": True},
    )
    found = {bucket.name: bucket.public_access_block for bucket in read(world, "open-dev").buckets}
    assert found == {"open-dev-a": (False,) * 4, "open-dev-b": (True, False, True, False)}


def test_lifecycle_rules_are_read(world: EmbeddedAws) -> None:
    """Prefix, tags, days and noncurrent days; a bucket without rules has none."""
    s3 = world.client("s3")
    for name in ("rules-dev-a", "rules-dev-b"):
        s3.create_bucket(Bucket=name)
    tag = {"Key": "k", "Value": "v"}
    given: list[dict[str, Any]] = [
        {"Filter": {"Prefix": "a/"}, "Expiration": {"Days": 7}},
        {"Filter": {"And": {"Prefix": "b/", "Tags": [tag]}}, "Expiration": {"Days": 1}},
        {"Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}},
        {"Filter": {"Prefix": "c/"}, "Expiration": {"Date": datetime(2030, 1, 1, tzinfo=UTC)}},
    ]
    all_ = [rule | {"ID": str(i), "Status": "Enabled"} for i, rule in enumerate(given)]
    all_[0]["Status"] = "Disabled"
    s3.put_bucket_lifecycle_configuration(
        Bucket="rules-dev-b", LifecycleConfiguration={"Rules": all_}
    )
    found = {bucket.name: bucket.lifecycle for bucket in read(world, "rules-dev").buckets}
    assert found == {
        "rules-dev-a": (),
        "rules-dev-b": (
            LifecycleRule("0", False, "a/", False, 7, None),
            LifecycleRule("1", True, "b/", True, 1, None),
            LifecycleRule("2", True, "", False, None, 30),
            LifecycleRule("3", True, "c/", False, 0, None),
        ),
    }


def test_policy_counts_when_one_of_our_roles_has_it(world: EmbeddedAws) -> None:
    """A policy of any name is read, in its default version, when it is attached to our role."""
    iam, role = world.client("iam"), {"RoleName": "role-dev-task"}
    old, new = statement("s3:GetObject"), statement("s3:PutObject")
    iam.create_role(**role, AssumeRolePolicyDocument=json.dumps(old))
    made = iam.create_policy(PolicyName="elsewhere", PolicyDocument=json.dumps(old))["Policy"]
    policy = {"PolicyArn": made["Arn"]}
    iam.create_policy_version(**policy, PolicyDocument=json.dumps(new), SetAsDefault=True)
    iam.attach_role_policy(**role, **policy)
    iam.put_role_policy(**role, PolicyName="inline", PolicyDocument=json.dumps(old))
    stack = read(world, "role-dev")
    (found,) = stack.roles
    assert (found.attached, found.inline, found.trust) == ((made["Arn"],), (old,), old)
    assert [(p.arn, p.document) for p in stack.policies] == [(made["Arn"], new)]


def test_boundary_of_a_role_is_read_with_its_document(world: EmbeddedAws) -> None:
    """What limits a role is told apart from what is attached to it, and its document is read."""
    iam = world.client("iam")
    limit = json.dumps(statement("dynamodb:*"))
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]
    trust = json.dumps(statement("sts:AssumeRole"))
    for name, more in (("bound-dev-a", {"PermissionsBoundary": arn}), ("bound-dev-b", {})):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)
    stack = read(world, "bound-dev")
    assert {role.name: role.boundary for role in stack.roles} == {
        "bound-dev-a": arn,
        "bound-dev-b": None,
    }
    assert [policy.document for policy in stack.policies] == [statement("dynamodb:*")]


def test_deleted_service_does_not_count(world: EmbeddedAws) -> None:
    """An inactive service is gone, though still listed; a family's newest revision counts."""
    ecs, here = world.client("ecs"), {"cluster": "ecs-dev"}
    ecs.create_cluster(clusterName="ecs-dev")
    for _ in range(2):
        ecs.register_task_definition(family="ecs-dev-web", containerDefinitions=[CONTAINER])
    for name in ("ecs-dev-web", "ecs-dev-old"):
        ecs.create_service(**here, serviceName=name, taskDefinition="ecs-dev-web", desiredCount=1)
    ecs.delete_service(**here, service="ecs-dev-old", force=True)
    stack = read(world, "ecs-dev")
    assert [service.name for service in stack.services] == ["ecs-dev-web"]
    assert [str(d.arn).split("/")[-1] for d in stack.task_definitions] == ["ecs-dev-web:2"]


def test_network_is_that_of_the_load_balancer(world: EmbeddedAws) -> None:
    """Subnets and NAT gateways are found through the load balancer; a deleted gateway is gone."""
    ec2 = world.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    world.client("elbv2").create_load_balancer(Name="net-dev", Subnets=[subnet])
    made = [ec2.create_nat_gateway(SubnetId=subnet)["NatGateway"] for _ in range(2)]
    ec2.delete_nat_gateway(NatGatewayId=made[0]["NatGatewayId"])
    stack = read(world, "net-dev")
    assert [found.id for found in stack.subnets] == [subnet]
    (gateway,) = stack.nat_gateways
    assert gateway.address.endswith(made[1]["NatGatewayId"])


def test_leftovers_are_named(world: EmbeddedAws) -> None:
    """What is left is named whether tags, or only its name, tell that it is ours."""
    make_table(world, "gone-dev-users")
    given = [{"ResourceType": "elastic-ip", "Tags": tags("gone")}]
    address = world.client("ec2").allocate_address(Domain="vpc", TagSpecifications=given)
    key = world.client("kms").create_key(Tags=tags("gone", "TagKey", "TagValue"))["KeyMetadata"]
    pool = world.client("cognito-idp").create_user_pool(PoolName="gone-dev-users")["UserPool"]
    insights = "/aws/ecs/containerinsights/gone-dev/performance"
    world.client("logs").create_log_group(logGroupName=insights)
    assert leftovers(world.client, "gone-dev", "gone", "dev") == [
        pool["Arn"],
        f"arn:aws:dynamodb:{HERE}:table/gone-dev-users",
        f"arn:aws:ec2:{HERE}:elastic-ip/{address['AllocationId']}",
        key["Arn"],
        f"arn:aws:logs:{HERE}:log-group:{insights}",
    ]


def test_what_aws_shows_after_its_deletion_is_no_leftover(world: EmbeddedAws) -> None:
    """An inactive cluster, a deregistered task definition and a doomed key are gone."""
    ecs, kms = world.client("ecs"), world.client("kms")
    ecs.create_cluster(clusterName="end-dev", tags=tags("end", "key", "value"))
    ecs.register_task_definition(
        family="end-dev-web", containerDefinitions=[CONTAINER], tags=tags("end", "key", "value")
    )
    key = kms.create_key(Tags=tags("end", "TagKey", "TagValue"))["KeyMetadata"]["KeyId"]
    assert len(leftovers(world.client, "end-dev", "end", "dev")) == 3
    ecs.deregister_task_definition(taskDefinition="end-dev-web:1")
    ecs.delete_cluster(cluster="end-dev")
    kms.schedule_key_deletion(KeyId=key)
    assert leftovers(world.client, "end-dev", "end", "dev") == []
    assert read(world, "end-dev").task_definitions == ()


def test_dead_endpoint_is_named() -> None:
    """Where nothing answers, the message names the endpoint that was asked."""
    with pytest.raises(EnvironmentUnavailable, match=DEAD):
        read_live_stack(lambda s: boto_clients.client(DEAD, s, "us-east-1"), "dev", "x-dev", "/x/")


def test_missing_credentials_are_an_environment_problem() -> None:
    """Without credentials the message says how to get them."""
    with pytest.raises(EnvironmentUnavailable, match="Sign in again"):
        leftovers(Mock(side_effect=NoCredentialsError()), "x-dev", "x", "dev")


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("ExpiredTokenException", EnvironmentUnavailable, r"have expired \(ListTables\)"),
        (
            "UnrecognizedClientException",
            EnvironmentUnavailable,
            r"rejected the credentials \(ListTables",
        ),
        ("AccessDeniedException", EnvironmentUnavailable, "denied ListTables.*ReadOnlyAccess"),
        ("ValidationException", ToolError, "ListTables failed with ValidationException"),
    ],
)
def test_refusal_names_the_call(
    world: EmbeddedAws, code: str, kind: type[Exception], message: str
) -> None:
    """A refused call becomes one sentence with the call, and the remedy where there is one."""
    world.inject(Fault("dynamodb", "ListTables", code=code))
    with pytest.raises(kind, match=message):
        read(world)
