"""The engine's errors; each kind has its own exit code."""


class EngineError(Exception):
    """The engine cannot produce a verdict. The message names the cause and the remedy."""


class EnvironmentUnavailable(EngineError):
    """This machine lacks something: a binary, a provider, a port, disk space."""


class ToolError(EngineError):
    """A tool failed, or its output, or a file, cannot be parsed."""
