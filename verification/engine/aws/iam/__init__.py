"""IAM's documented evaluation logic: would AWS allow this request, deny it, or can nobody tell yet?

`decide(policies, request)` weighs identity policies, a permissions boundary and session policies;
`needed(operation, body, ...)` says which requests an API call consists of,
`analysis.comparison.beyond` what policies allow that others do not, and `action_catalogue` which
actions there are. Rules are those of the IAM User Guide, each named where it is used. Where the
guide does not say, or a value is unknown until apply, the verdict is UNKNOWN, which is never a yes.

Not part of it: resource-based policies (bucket, queue, topic, key and trust policies), service and
resource control policies, VPC endpoint policies, `iam:PassRole` and other actions that a service
asks for besides the one called.
"""

from verification.engine.aws.iam.evaluator.decision import decide
from verification.engine.aws.iam.evaluator.model import Decision, Policies, Request, Ruling
from verification.engine.aws.iam.required.api import needed

__all__ = ["Decision", "Policies", "Request", "Ruling", "decide", "needed"]
