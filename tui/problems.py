"""What ends a command, beside what the conversation raises: each message is one sentence that says what to do.

Problem
├── MessageError   nothing, or too much, was said
└── ScriptError    a script that cannot be run
"""


class Problem(Exception):
    """Bad input."""


class MessageError(Problem):
    """A message that is not worth a turn."""


class ScriptError(Problem):
    """A script that cannot be run; names the file, and the line where there is one."""
