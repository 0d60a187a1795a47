"""The target `aws`: an existing deployment in an account that the run may write to.

`credentials` identifies the account, `discovery` finds the deployment, `temporary_users` creates
the run's users, `cloudwatch` reads logs and metrics, and `target` ensures the order: nothing is
written before the account is known to be allowed, and everything that a run creates is removed at
its end.
"""

from verification.engine.smoke.account.credentials import regions
from verification.engine.smoke.account.target import AwsTarget, Settings

__all__ = ["AwsTarget", "Settings", "regions"]
