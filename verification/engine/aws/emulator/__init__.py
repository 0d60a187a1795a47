"""The embedded AWS: an emulator process of our own, its record of calls, its faults and its forks.

`EmbeddedAws.start()` starts a moto server on 127.0.0.1. Nothing here imports moto except what runs
inside that process: importing moto hooks itself into every botocore session of the importer.
"""

from verification.engine.aws.emulator.emulator import EmbeddedAws
from verification.engine.aws.emulator.isolation import allowed, environment, sealed
from verification.engine.aws.emulator.protocol import ACCOUNT, REGION, Call, Fault

__all__ = [
    "ACCOUNT",
    "REGION",
    "Call",
    "EmbeddedAws",
    "Fault",
    "allowed",
    "environment",
    "sealed",
]
