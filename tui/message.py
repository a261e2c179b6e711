"""What may be said in one message; the same for the shell and for the screen."""

from pentimento.tui.problems import MessageError

MAX_MESSAGE = 4000
"""Characters: far more than a person says of a picture, and little enough to be planned for at once."""


def checked_message(words: str) -> str:
    """`words` without the space around them. Raises MessageError when nothing or too much is left."""
    message = words.strip()
    if not message:
        raise MessageError("The message is empty: say what you would like to see, or what to change.")
    if len(message) > MAX_MESSAGE:
        raise MessageError(f"The message has {len(message):,} characters; at most {MAX_MESSAGE:,} are read.")
    return message
