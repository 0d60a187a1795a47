"""Reads the wiring: settings that are provided or read, from the repository's root."""

from __future__ import annotations

from verification.engine.source import backend_config as code
from verification.engine.source import deploy_workflow as pipeline
from verification.model.contract import Contract
from verification.model.source import Source
from verification.model.wiring import Wiring


def read_wiring(source: Source, contract: Contract) -> Wiring:
    """The settings of Terraform, the backend and the deploy workflow.

    Args:
        source: Terraform's; its `base` contains the other two.
        contract: has the parameters.

    Raises:
        ToolError: a file of the backend is not Python; the message has file and line.
    """
    modules = code.modules(source.base)
    configuration = code.configuration(modules)
    provided = pipeline.provided(source, contract)
    deploy, options = pipeline.deploy_command(source.base)
    tasks = source.find("resource", "aws_ecs_task_definition")
    return Wiring(
        files=code.files(modules),
        configuration=configuration,
        routes=code.routes(modules),
        constants=code.constants(modules),
        provided={name: tuple(places) for name, places in provided.items()},
        ports=(*pipeline.ports(source), *code.ports(source.base, configuration)),
        health_checks=tuple(pipeline.health_paths(source)),
        probes=tuple(pipeline.probes(source)),
        image_tag=pipeline.value_of(source, "${var.image_tag}", next(iter(tasks), None)),
        grace=code.grace(modules),
        stops=tuple(pipeline.stops(source)),
        drains=tuple(pipeline.drains(source)),
        deploy=deploy,
        options=options,
    )
