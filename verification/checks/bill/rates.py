"""What a resource of each type costs a month, in US dollars, by kind of cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from verification.checks.stack.cost import table_parts
from verification.model.contract import Contract
from verification.model.cost import Prices, Usage
from verification.model.inventory import Inventory, PlannedResource
from verification.model.ternary import Unknown

Parts = Mapping[str, float]


class NoPrice(Exception):
    """The resource has settings that have no price here."""


class NotYetKnown(Exception):
    """The cost depends on a value that is known only after apply."""


class Rates:
    """The prices of a planned environment's resources."""

    def __init__(self, inventory: Inventory, contract: Contract) -> None:
        self._inventory, self._contract = inventory, contract
        self._prices: Prices = contract.cost.prices
        self._usage: Usage = contract.cost.usage

    def parts(self, resource: PlannedResource) -> Parts:
        """The monthly cost of a resource by kind of cost.

        Raises:
            NoPrice: its type, or one of its settings, has no price.
            NotYetKnown: it depends on a value that is known only after apply.
        """
        rate = _RATES.get(resource.type)
        if rate is None:
            raise NoPrice("its type has no price")
        return rate(self, resource)

    def _hourly(self, price: float) -> float:
        return price * self._prices.hours

    def _service(self, service: PlannedResource) -> Parts:
        """The tasks of the usual count; a task's size is that of its definition."""
        if service["launch_type"] != "FARGATE":
            raise NoPrice("only tasks with launch_type FARGATE have a price")
        count = max([_number(service, "desired_count"), *self._least_tasks(service)])
        definition, price = self._definition(service), self._prices.fargate
        units, memory = _number(definition, "cpu"), _number(definition, "memory")
        return {
            "CPU": count * units / 1024 * self._hourly(price.cpu_hour),
            "memory": count * memory / 1024 * self._hourly(price.gigabyte_hour),
        }

    def _least_tasks(self, service: PlannedResource) -> list[float]:
        """The minimum of each autoscaling target of the service, or of one that may be."""
        return [
            _number(target, "min_capacity")
            for target in self._inventory.of("aws_appautoscaling_target")
            if isinstance(target["resource_id"], Unknown)
            or str(target["resource_id"]).endswith(f"/{service['name']}")
        ]

    def _definition(self, service: PlannedResource) -> PlannedResource:
        for definition in self._inventory.of("aws_ecs_task_definition"):
            if service["task_definition"] in (
                Unknown(f"{definition.address}.arn"),
                definition["arn"],
                definition["family"],
            ):
                return definition
        raise NotYetKnown("its task definition is not one of the plan's")

    def _load_balancer(self, balancer: PlannedResource) -> Parts:
        """A public address in each zone, unless it is internal."""
        if balancer["load_balancer_type"] != "application":
            raise NoPrice("only application load balancers have a price")
        price, network = self._prices.load_balancer, self._prices.network
        zones = 0 if balancer["internal"] is True else self._zones(balancer["subnets"])
        return {
            "hours": self._hourly(price.hour),
            "capacity units": self._usage.load_balancer_units * self._hourly(price.unit_hour),
            "public addresses": zones * self._hourly(network.public_address_hour),
            "traffic": self._usage.internet_gigabytes * network.internet_gigabyte,
        }

    def _zones(self, subnets: Any) -> int:
        """The number of subnets; if it is unknown, that of all zones, which is the most."""
        if isinstance(subnets, list):
            return len(subnets)
        planned = self._inventory.of("aws_subnet")
        if not planned:
            raise NotYetKnown("the number of its subnets is known only after apply")
        return len({str(subnet["availability_zone"]) for subnet in planned})

    def _address(self, _: PlannedResource) -> Parts:
        return {"public addresses": self._hourly(self._prices.network.public_address_hour)}

    def _nat_gateway(self, _: PlannedResource) -> Parts:
        price = self._prices.network
        return {
            "hours": self._hourly(price.nat_gateway_hour),
            "traffic": self._usage.nat_gigabytes * price.nat_gigabyte,
        }

    def _endpoint(self, endpoint: PlannedResource) -> Parts:
        kind = endpoint["vpc_endpoint_type"]
        if kind == "Gateway":
            return {}
        if kind != "Interface":
            raise NoPrice(f"endpoints of type {kind} have no price")
        zones = self._zones(endpoint["subnet_ids"])
        return {"hours": zones * self._hourly(self._prices.network.endpoint_hour)}

    def _alarm(self, alarm: PlannedResource) -> Parts:
        """Each metric of an alarm is billed."""
        queries = [query.get("metric") for query in alarm.blocks("metric_query")]
        periods = [metric[0].get("period") for metric in queries if metric] or [alarm["period"]]
        if any(isinstance(period, int) and period < 60 for period in periods):
            raise NoPrice("alarms at high resolution have no price")
        return {"metrics": len(periods) * self._prices.cloudwatch.alarm_metric_month}

    def _scaling_policy(self, policy: PlannedResource) -> Parts:
        """Target tracking makes two alarms of its own."""
        if policy["policy_type"] != "TargetTrackingScaling":
            return {}
        return {"alarms": 2 * self._prices.cloudwatch.alarm_metric_month}

    def _log_group(self, group: PlannedResource) -> Parts:
        months, price = _number(group, "retention_in_days") / 30, self._prices.cloudwatch
        if not months:
            raise NoPrice("logs that are kept for ever have no price")
        size = self._usage.log_gigabytes
        return {
            "intake": size * price.log_gigabyte,
            "storage": size * months * price.log_gigabyte_month,
        }

    def _metric_filter(self, made: PlannedResource) -> Parts:
        count = len(made.blocks("metric_transformation"))
        return {"metrics": count * self._prices.cloudwatch.metric_month}

    def _dashboard(self, _: PlannedResource) -> Parts:
        return {"dashboards": self._prices.cloudwatch.dashboard_month}

    def _cluster(self, cluster: PlannedResource) -> Parts:
        settings = {one["name"]: one["value"] for one in cluster.blocks("setting")}
        insights = settings.get("containerInsights", "disabled")
        if insights == "disabled":
            return {}
        if insights != "enabled":
            raise NoPrice(f"containerInsights = {insights} has no price")
        price = self._prices.cloudwatch
        metrics = price.insights_metrics * price.metric_month
        events = self._usage.insights_gigabytes * price.log_gigabyte
        return {"Container Insights": metrics + events}

    def _bucket(self, _: PlannedResource) -> Parts:
        price, use = self._prices.s3, self._usage
        requests = use.uploads * price.write_thousand + use.downloads * price.read_thousand
        return {
            "storage": use.file_gigabytes * price.gigabyte_month,
            "requests": requests / 1000,
            "traffic": use.download_gigabytes * self._prices.network.internet_gigabyte,
        }

    def _repository(self, _: PlannedResource) -> Parts:
        return {"images": self._usage.image_gigabytes * self._prices.ecr.gigabyte_month}

    def _user_pool(self, _: PlannedResource) -> Parts:
        price = self._prices.cognito
        return {"users": max(0, self._usage.active_users - price.free_users) * price.user_month}

    def _topic(self, _: PlannedResource) -> Parts:
        return {"mails": self._usage.alarm_mails / 1000 * self._prices.sns.mail_thousand}

    def _parameter(self, parameter: PlannedResource) -> Parts:
        if parameter["tier"] in ("Advanced", "Intelligent-Tiering"):
            raise NoPrice(f"parameters of tier {parameter['tier']} have no price")
        return {}

    def _key(self, _: PlannedResource) -> Parts:
        return {"keys": self._prices.kms.key_month}

    def _table(self, resource: PlannedResource) -> Parts:
        """As in the check of the tables' own ceiling, without keys."""
        stack = self._inventory.stack
        table = next(one for one in stack.tables if one.address == resource.address)
        unsure = (table.name, table.billing_mode, table.replicas)
        if any(isinstance(value, Unknown) for value in unsure):
            raise NotYetKnown("its name, billing mode or replicas are known only after apply")
        if table.billing_mode != "PAY_PER_REQUEST":
            raise NoPrice("only tables that are billed on demand have a price")
        for rule in self._contract.tables:
            if self._contract.text(rule.name, stack) == table.name:
                backed_up = bool(stack.backup_selections)
                return dict(table_parts(table, rule, self._contract.cost, backed_up))
        raise NoPrice("its workload is not in the contract")


_RATES: dict[str, Callable[[Rates, PlannedResource], Parts]] = {
    "aws_appautoscaling_policy": Rates._scaling_policy,
    "aws_cloudwatch_dashboard": Rates._dashboard,
    "aws_cloudwatch_log_group": Rates._log_group,
    "aws_cloudwatch_log_metric_filter": Rates._metric_filter,
    "aws_cloudwatch_metric_alarm": Rates._alarm,
    "aws_cognito_user_pool": Rates._user_pool,
    "aws_dynamodb_table": Rates._table,
    "aws_ecr_repository": Rates._repository,
    "aws_ecs_cluster": Rates._cluster,
    "aws_ecs_service": Rates._service,
    "aws_eip": Rates._address,
    "aws_kms_key": Rates._key,
    "aws_lb": Rates._load_balancer,
    "aws_nat_gateway": Rates._nat_gateway,
    "aws_s3_bucket": Rates._bucket,
    "aws_sns_topic": Rates._topic,
    "aws_ssm_parameter": Rates._parameter,
    "aws_vpc_endpoint": Rates._endpoint,
}
PRICED = frozenset(_RATES)


def _number(resource: PlannedResource, name: str) -> float:
    """A number in an attribute, 0 for null; Fargate's sizes are strings of digits."""
    value = resource[name]
    if isinstance(value, Unknown):
        raise NotYetKnown(f"{name} is known only after apply")
    return float(value or 0)
