"""What can be done to pixels: one tool, one file; the models behind them."""

from typing import Any

from pentimento.tools.edit import EDIT
from pentimento.tools.generate import GENERATE
from pentimento.tools.recolor import RECOLOR
from pentimento.tools.transform import TRANSFORM
from pentimento.tools.types import Tool

__all__ = ["EDIT", "GENERATE", "RECOLOR", "TOOLS", "TRANSFORM"]

TOOLS: dict[str, Tool[Any]] = {tool.name: tool for tool in (GENERATE, EDIT, RECOLOR, TRANSFORM)}
"""Every pixel tool by name, in the order in which the language model is told of them."""
