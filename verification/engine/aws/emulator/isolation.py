"""The variables that tie a child process to the embedded AWS and to nothing else."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from verification.engine.aws.emulator.protocol import ACCESS_KEY, REGION, SECRET_KEY
from verification.engine.errors import EngineError

REFUSING = "http://127.0.0.1:9"
"""A proxy that refuses: what is not told to use the emulator must fail, not reach AWS."""

_PROCESS = ("PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM", "NO_COLOR", "LD_LIBRARY_PATH")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PASSED = frozenset(_PROCESS + _CERTIFICATES)
"""All that a child may inherit, with LC_*: AWS_*, TF_* and proxies stay out by not being here."""


def loopback(endpoint: str) -> str:
    """Give the endpoint back if its host is this machine itself, else refuse it."""
    host = urlsplit(endpoint).hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise EngineError(f"not an embedded AWS: {endpoint!r} is not a loopback address")
    return endpoint


def environment(endpoint: str, region: str = REGION, proxy: str = REFUSING) -> dict[str, str]:
    """Return the variables of a process that may talk to this endpoint and to no other AWS."""
    aws = {
        "AWS_ENDPOINT_URL": loopback(endpoint),
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    # Both spellings: curl and Python prefer the lower-case one, Go the upper-case one.
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), loopback(proxy))
    proxies["NO_PROXY"] = "127.0.0.1,localhost"
    return aws | proxies | {name.lower(): value for name, value in proxies.items()}


def allowed(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return what a child may see of the user's environment, with a home of its own."""
    passed = {k: v for k, v in environ.items() if k in PASSED or k.startswith("LC_")}
    return passed | {"HOME": str(home)}


def sealed(environ: Mapping[str, str], endpoint: str, home: Path) -> dict[str, str]:
    """Return the whole environment of a child that can reach only the AWS at the endpoint."""
    return allowed(environ, home) | environment(endpoint)
