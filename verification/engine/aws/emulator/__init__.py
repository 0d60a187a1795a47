"""The embedded AWS: a moto server with a call log, fault injection and forks.

`EmbeddedAws.start()` starts the server on 127.0.0.1. Only modules that run in that process import
moto, because importing moto hooks into every botocore session of the process.
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
