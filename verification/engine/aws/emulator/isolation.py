"""Environment variables that direct a child process to the embedded AWS and nowhere else."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from verification.engine.aws.emulator.protocol import ACCESS_KEY, REGION, SECRET_KEY
from verification.engine.errors import EngineError

REFUSING = "http://127.0.0.1:9"
"""A refusing proxy: a request that does not use the emulator fails instead of reaching AWS."""

_PROCESS = ("PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM", "NO_COLOR", "LD_LIBRARY_PATH")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PASSED = frozenset(_PROCESS + _CERTIFICATES)
"""All variables that a child inherits, plus LC_*; this excludes AWS_*, TF_* and proxies."""


def loopback(endpoint: str) -> str:
    """Return the endpoint if its host is a loopback address, else raise EngineError."""
    host = urlsplit(endpoint).hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise EngineError(f"not an embedded AWS: {endpoint!r} is not a loopback address")
    return endpoint


def environment(endpoint: str, region: str = REGION, proxy: str = REFUSING) -> dict[str, str]:
    """Return the variables of a process that may use only this endpoint as AWS."""
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
    # Both cases: curl and Python prefer lower case, Go prefers upper case.
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), loopback(proxy))
    proxies["NO_PROXY"] = "127.0.0.1,localhost"
    return aws | proxies | {name.lower(): value for name, value in proxies.items()}


def allowed(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return the allowed part of the user's environment, with another home."""
    passed = {k: v for k, v in environ.items() if k in PASSED or k.startswith("LC_")}
    return passed | {"HOME": str(home)}


def sealed(environ: Mapping[str, str], endpoint: str, home: Path) -> dict[str, str]:
    """Return the complete environment of a child that can use only this endpoint as AWS."""
    return allowed(environ, home) | environment(endpoint)
