"""boto3 clients that read nothing from the shell: no profile, no file, no proxy, no endpoint.

The first client imports boto3: a run that makes none starts without it.
"""

import os
from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import Any

from verification.engine.aws.emulator.isolation import loopback
from verification.engine.aws.emulator.protocol import ACCESS_KEY, SECRET_KEY

ADMINISTRATOR = {"AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY}

# Creating clients from a session is not thread-safe; using them is.
_MAKING = Lock()

# Only a hang meets these times: it is a process of this machine, which may be a busy one.
# total_max_attempts counts the first try, max_attempts would not: a call is made exactly once.
# An empty proxies mapping (not None) keeps botocore from asking the shell for a proxy.
_SETTINGS: dict[str, Any] = {
    "connect_timeout": 60,
    "read_timeout": 300,
    "retries": {"total_max_attempts": 1, "mode": "standard"},
    "proxies": {},
    "use_fips_endpoint": False,
    "use_dualstack_endpoint": False,
    "max_pool_connections": 64,
    "s3": {"addressing_style": "path"},
}


def _variables() -> dict[str, tuple[str | None, None, Any, Any]]:
    """Return botocore's session variables, none of which comes from the environment."""
    from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES

    variables = {
        name: (key, None, default, convert)
        for name, (key, _, default, convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
    }
    files = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    return variables | files


def client(
    endpoint: str, service: str, region: str, keys: Mapping[str, str] = ADMINISTRATOR
) -> Any:
    """Return a boto3 client of the AWS at the endpoint, which must be on this machine."""
    from botocore.config import Config

    with _MAKING:
        return _session().client(
            service,
            region_name=region,
            endpoint_url=loopback(endpoint),
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(**_SETTINGS),
        )


@cache
def _session() -> Any:
    """Return the one session, which reads each service's large description only once."""
    import boto3
    import botocore.session

    return boto3.Session(botocore_session=botocore.session.Session(_variables()))
