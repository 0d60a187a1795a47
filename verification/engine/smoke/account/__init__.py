"""The target `aws`: a deployment that this suite did not make, in an account that it may touch.

`credentials` asks whose they are, `discovery` finds the deployment, `temporary_users` makes the
run's, `cloudwatch` reads logs and metrics, and `target` keeps to the order: nothing is written
before the account is known to be allowed, and all that a run made is removed at its end.
"""

from verification.engine.smoke.account.credentials import regions
from verification.engine.smoke.account.target import AwsTarget, Settings

__all__ = ["AwsTarget", "Settings", "regions"]
