"""A stack read from live AWS APIs: the same facts as from a plan, with actual values.

Resources are found by the prefix of their names, or through other resources. Nothing is changed.
`leftovers` lists what still exists of a destroyed environment.
"""

from verification.engine.aws.live.leftovers import leftovers
from verification.engine.aws.live.stack import read_live_stack

__all__ = ["leftovers", "read_live_stack"]
