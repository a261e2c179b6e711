"""`describe`, answered by the language model that sees, where the profile has one; all other tools run as ever."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import Image

from pentimento.agent import prompting
from pentimento.agent.shown import PICTURE, as_url
from pentimento.agent.types import LLM, Form
from pentimento.tools.describe import DESCRIBE, DescribeArgs, with_story
from pentimento.tools.types import Progress, Report, ToolCall, ToolResult

if TYPE_CHECKING:
    from pentimento.agent.steps import RunTool


@dataclass(frozen=True)
class Describing:
    llm: LLM
    run: "RunTool"
    max_tokens: int
    """Longest description."""

    def __call__(
        self, call: ToolCall, inputs: Mapping[str, Image.Image], report: Report, cancel: threading.Event
    ) -> ToolResult:
        if call.tool != DESCRIBE.name:
            return self.run(call, inputs, report, cancel)
        report(Progress("looking at the picture", 0.0))
        prompt = prompting.load("describe")
        asked = {"role": "user", "content": prompt.template.render(), PICTURE: as_url(inputs["src"])}
        answer = self.llm.complete([asked], Form(), self.max_tokens, cancel)
        said = " ".join(answer.text.split()) + ("" if answer.finished else " …")
        story = with_story(said, DescribeArgs.model_validate(dict(call.arguments)), described=True)
        return replace(story, measures={**story.measures, "prompt_sha": prompt.sha})
