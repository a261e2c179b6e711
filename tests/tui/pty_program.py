"""The screen over a fake conversation, for tests that run it in a pseudo terminal: pty_program.py FOLDER MODE.

MODE: empty waits for words; one says one thing itself; harmless and hostile say many, and leave.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PIL import Image

from pentimento.agent.types import Plan, Request, Step, TurnStatus
from pentimento.tui.app import PentimentoApp
from pentimento.tui.terminal import end_with_terminal, find_display
from tests.fakes import Answer, FakeConversation, made_node
from tests.tui.hostile_texts import hostile_texts

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation


class TalkingApp(PentimentoApp):
    """Says everything it is given; leaves when all of more than one is answered."""

    said: tuple[str, ...] = ()

    def on_ready(self) -> None:
        for words in self.said:
            self._take(Request(words))
        if len(self.said) > 1:
            self.set_interval(0.05, self._leave_when_done)

    def _leave_when_done(self) -> None:
        if not self._waiting and self._current is None and self.picture.picture is not None:
            # A busy machine paints late: the last words are to be on the screen before it goes.
            self.set_timer(0.5, self.exit)


def answer(folder: Path, number: int, text: str) -> Answer:
    made = made_node(folder, number, text, picture=Image.new("RGB", (8, 8), "red"))
    plan = Plan((Step("edit", {"instruction": text, text: [text]}, {"src": text}),), text)
    return Answer(text, plan, (made,), status=TurnStatus.ASKED, stages=(text,), note=text)


def main(folder: Path, mode: str) -> None:
    texts = hostile_texts() if mode == "hostile" else [f"text {number}" for number in range(60)]
    # What the test looks for is said last: earlier words may have scrolled away before they were ever painted.
    texts = sorted(texts, key=lambda text: "]52;" in text)
    joined = tuple(" ".join(texts[at : at + 12]) for at in range(0, len(texts), 12))
    joined = joined[:1] if mode == "one" else joined
    answers = [answer(folder, number, text) for number, text in enumerate(joined, start=1)]
    conversation = FakeConversation(answers if mode != "empty" else (), name=joined[0])
    app_class = PentimentoApp if mode == "empty" else TalkingApp
    app = app_class(lambda: cast("Conversation", conversation), find_display())
    if isinstance(app, TalkingApp):
        app.said = joined
    end_with_terminal()
    app.run()
    app.close()
    sys.exit(app.return_code)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
