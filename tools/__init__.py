"""What can be done to pixels: one tool, one file; the models behind them."""

from typing import Any

from pentimento.tools.adjust import ADJUST
from pentimento.tools.arrange import ARRANGE
from pentimento.tools.blend import BLEND
from pentimento.tools.composite import COMPOSITE
from pentimento.tools.describe import DESCRIBE
from pentimento.tools.draw_text import DRAW_TEXT
from pentimento.tools.edit import EDIT
from pentimento.tools.generate import GENERATE
from pentimento.tools.inpaint import INPAINT
from pentimento.tools.outpaint import OUTPAINT
from pentimento.tools.recolor import RECOLOR
from pentimento.tools.segment import SEGMENT
from pentimento.tools.transform import TRANSFORM
from pentimento.tools.types import Tool
from pentimento.tools.upscale import UPSCALE
from pentimento.tools.variations import VARIATIONS
from pentimento.tools.verify import VERIFY

__all__ = ["EDIT", "GENERATE", "RECOLOR", "TOOLS", "TRANSFORM"]

_OFTEN = (GENERATE, EDIT, RECOLOR, TRANSFORM, INPAINT, ADJUST, DRAW_TEXT, ARRANGE, COMPOSITE, BLEND, SEGMENT)
_ALL = (*_OFTEN, UPSCALE, OUTPAINT, VARIATIONS, DESCRIBE, VERIFY)

TOOLS: dict[str, Tool[Any]] = {tool.name: tool for tool in _ALL}
"""Every pixel tool by name, in the order in which the language model is told of them."""
