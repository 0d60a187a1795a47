"""A stack read from live AWS APIs: the same facts as a plan's, as they really are.

Everything is found by its name's prefix, or reached from something found that way; nothing is
changed. `leftovers` names what is still there of an environment that should be gone.
"""

from verification.engine.aws.live.leftovers import leftovers
from verification.engine.aws.live.stack import read_live_stack

__all__ = ["leftovers", "read_live_stack"]
