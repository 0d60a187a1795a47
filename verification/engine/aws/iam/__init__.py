"""IAM's documented evaluation logic: is a request allowed, denied, or undecidable?

`decide(policies, request)` evaluates identity policies, a permissions boundary and session
policies; `needed(operation, body, ...)` returns the permissions that an API call needs,
`analysis.comparison.beyond` what policies allow beyond others, and `action_catalogue` has all
actions. The rules are those of the IAM User Guide, cited where they are used. If the guide does not
define a case, or a value is known only after apply, the verdict is UNKNOWN, which never allows.

Not supported: resource-based policies (bucket, queue, topic, key and trust policies), service and
resource control policies, VPC endpoint policies, `iam:PassRole` and other actions that a service
checks in addition to the one called.
"""

from verification.engine.aws.iam.evaluator.decision import decide
from verification.engine.aws.iam.evaluator.model import Decision, Policies, Request, Ruling
from verification.engine.aws.iam.required.api import needed

__all__ = ["Decision", "Policies", "Request", "Ruling", "decide", "needed"]
