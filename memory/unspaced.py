"""Words of scripts that put no spaces between them: 狐狸 stands within 一只狐狸, which an index takes for one word."""

import re

_LETTERS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Chinese, and Japanese."""


def is_unspaced(word: str) -> bool:
    return _LETTERS.search(word) is not None
