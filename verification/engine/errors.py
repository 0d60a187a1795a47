"""What can go wrong in the engine; each kind has an exit code of its own."""


class EngineError(Exception):
    """Anything that keeps the engine from giving a verdict. The message names thing and remedy."""


class EnvironmentUnavailable(EngineError):
    """Something that this machine lacks: a binary, a provider, a port, disk space."""


class ToolError(EngineError):
    """A tool ran and failed, or printed or held what we cannot read."""
