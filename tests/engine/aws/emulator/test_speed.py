"""What the emulator works out once, shown in a process of its own: moto must not come in here."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# Counts how often moto looks at the disk and at a class while it answers, with or without a fix.
COUNTING = """
import inspect, os, sys
from moto import backends
from moto.core import responses
from moto.ecs.responses import EC2ContainerServiceResponse as Ecs
from verification.engine.aws.emulator import moto_patches

counted = []
if sys.argv[1] == "fixed":
    moto_patches.install()
for owner, name in ((os, "listdir"), (inspect, "getmembers")):
    def count(*args, original=getattr(owner, name), name=name, **more):
        counted.append(name)
        return original(*args, **more)
    setattr(owner, name, count)
for _ in range(3):
    assert {"dynamodb", "ecs"} <= set(backends.list_of_moto_modules())
    assert "describe_services" in responses.method_names_from_class(Ecs)
print(counted.count("listdir"), counted.count("getmembers"))
"""


@pytest.mark.parametrize(("how", "counted"), [("fixed", "0 1"), ("as it is", "3 3")])
def test_services_and_operations_are_listed_once(how: str, counted: str) -> None:
    """Three requests list the services' folders never, and a service's operations once."""
    command = [sys.executable, "-c", COUNTING, how]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == counted.split()
