"""What a person wants from now on, as words: which keys there are, what each may say, how they are told."""

import json
from collections.abc import Mapping

KEYS = ("ratio", "n", "avoid", "style", "rewrite")
RATIOS = {
    "square": "square",
    "1:1": "square",
    "wide": "wide",
    "16:9": "wide",
    "landscape": "wide",
    "tall": "tall",
    "9:16": "tall",
    "portrait": "tall",
}
"""As people say it → as it is kept."""
MOST = 4
"""Pictures at once; more are for one step alone, which says so."""
SAYINGS = {"ratio": (*RATIOS,), "n": tuple(map(str, range(1, MOST + 1))), "rewrite": ("on", "off")}
"""What may be said, of keys that take no words of one's own."""
LONGEST = 100
"""Characters of words that are added to every description."""
FILLS = {"generate": ("ratio", "n", "avoid")}
"""Which arguments of a tool are filled by the preference of the same name where a step leaves them out."""


def normal(key: str, value: str) -> str:
    """As it is kept; empty: back to the default."""
    words = " ".join(value.split())
    match key:
        case "ratio":
            return RATIOS.get(words.lower(), words)
        case "rewrite":
            return "" if words.lower() == "on" else words.lower()
        case _:
            return words


def problem(key: str, value: str) -> str:
    """Why a value can't be used, a clause; empty for one that can."""
    words = normal(key, value)
    match key:
        case "ratio" if words and words not in RATIOS.values():
            return f"ratio is square, wide or tall, not “{words[:40]}”"
        case "n" if words and words not in SAYINGS["n"]:
            return f"n, how many pictures at once, is 1 to {MOST}, not “{words[:40]}”"
        case "rewrite" if words not in ("", "off"):
            return f"rewrite is on or off, not “{words[:40]}”"
        case _ if len(words) > LONGEST:
            return f"{key} is too long; say it in {LONGEST} characters"
        case _:
            return ""


def usable(preferred: Mapping[str, str]) -> dict[str, str]:
    """Those of a session that mean something here, in one order; another version or another home may have written others."""
    return {key: preferred[key] for key in KEYS if preferred.get(key) and not problem(key, preferred[key])}


def told(preferred: Mapping[str, str]) -> str:
    """ "ratio=wide avoid=people style="oil on canvas" "; empty where there are none."""
    return " ".join(f"{key}={_quoted(words)}" for key, words in usable(preferred).items())


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False) if " " in words or '"' in words else words
