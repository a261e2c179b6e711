"""How German and Chinese bend: things and colours as the words that fill a phrasing.

A thing under the letter x gives {x_nom}, {x_acc}, {x_dat} in German, {x}, {x_0} (without "a") and {x_m} (the "a") in Chinese.
"""

from random import Random

from pentimento.starter.conversations.foreign_words import CHINESE, COLORS, GERMAN, SIZES, UNBENT
from pentimento.starter.conversations.moves import Thing
from pentimento.starter.conversations.words import a, one_of

Slots = dict[str, str]

CASES = ("nom", "acc", "dat")
_THE = {"m": ("der", "den", "dem"), "f": ("die", "die", "der"), "n": ("das", "das", "dem")}
_A = {"m": ("ein", "einen", "einem"), "f": ("eine", "eine", "einer"), "n": ("ein", "ein", "einem")}
_IT = {"m": ("er", "ihn", "ihm"), "f": ("sie", "sie", "ihr"), "n": ("es", "es", "ihm")}
_AFTER_THE = {"m": ("e", "en", "en"), "f": ("e", "e", "en"), "n": ("e", "e", "en")}
_AFTER_A = {"m": ("er", "en", "en"), "f": ("e", "e", "en"), "n": ("es", "es", "en")}
_UNBENT = 0.7
"""Share of those who say "eine lila Katze", not "eine lilane"."""


def indefinite(r: Random, language: str, letter: str, thing: Thing, size: str = "") -> Slots:
    """A thing that is new; {x_en} is what it is called in a plan."""
    measure, _, all_words = CHINESE[thing.noun].partition(" ")
    # 小猫 and 大象 have a size of their own.
    plain = [word for word in all_words.split("|") if word[0] not in "小大"]
    size = size if plain or language == "de" else ""
    english = {f"{letter}_en": a(" ".join(filter(None, (size, thing.phrase))))}
    if language == "de":
        return english | _german(r, letter, GERMAN[thing.noun], (size, thing.color), definite=False)
    bare = _chinese(r, r.choice(plain or all_words.split("|")), thing.color, size)
    measure = f"一{measure if r.random() < 0.88 else '个'}"
    return english | {letter: measure + bare, f"{letter}_0": bare, f"{letter}_m": measure}


def definite(r: Random, language: str, letter: str, thing: Thing, *, it: bool = False) -> Slots:
    """A thing of the picture, or only "it"."""
    color = thing.color if thing.color in COLORS and r.random() < 0.15 else ""
    if language == "de":
        return _german(r, letter, GERMAN[thing.noun], ("", color), definite=True, it=it)
    measure, _, words = CHINESE[thing.noun].partition(" ")
    bare = _chinese(r, one_of(r, words), color)
    return {letter: "它" if it else one_of(r, "这|那") + measure + bare if r.random() < 0.08 else bare}


def ground(r: Random, words: str) -> Slots:
    """A place as the background, in German."""
    return _german(r, "b", words, ("", ""), definite=r.random() < 0.5)


def _german(
    r: Random, letter: str, words: str, adjectives: tuple[str, str], *, definite: bool, it: bool = False
) -> Slots:
    gender, _, noun = one_of(r, words).partition(" ")
    nominative, _, oblique = noun.partition("/")
    stems = _stems(r, *adjectives)
    articles, endings = (_THE, _AFTER_THE) if definite else (_A, _AFTER_A)
    bare = definite and not stems and r.random() < 0.05
    slots = {f"{letter}_rel": _THE[gender][0]}
    for case, name in enumerate(CASES):
        bent = [stem if stem in UNBENT else stem + endings[gender][case] for stem in stems]
        head = nominative if case == 0 or not oblique else oblique
        slots[f"{letter}_{name}"] = " ".join([*([] if bare else [articles[gender][case]]), *bent, head])
    if it:
        pronouns = _IT[gender] if r.random() < 0.6 else ("das", "das", _IT[gender][2])
        slots |= {f"{letter}_{name}": pronoun for name, pronoun in zip(CASES, pronouns, strict=True)}
    return slots


def _stems(r: Random, size: str, color: str) -> list[str]:
    stems = [SIZES[size][0]] if size else []
    if color:
        name = one_of(r, COLORS[color][0])
        stems.append(UNBENT[name] if name in UNBENT and r.random() > _UNBENT else name)
    return stems


def _chinese(r: Random, noun: str, color: str, size: str = "") -> str:
    noun = SIZES[size][1] + noun if size else noun
    if not color:
        return noun
    name = COLORS[color][1]
    return name + (one_of(r, "色的|色的|色的|色|") if name not in "橙粉棕" else one_of(r, "色的|色的|色")) + noun


def color(r: Random, language: str, name: str) -> Slots:
    """A colour as it is said of a thing, and before a word that is left out: "die rote"."""
    if language == "zh":
        return {"c": f"{COLORS[name][1]}色", "c1": COLORS[name][1]}
    said = one_of(r, COLORS[name][0])
    if said in UNBENT and r.random() < _UNBENT:
        return {"c": said, "c_e": said, "c_en": said}
    stem = UNBENT.get(said, said)
    return {"c": said, "c_e": f"{stem}e", "c_en": f"{stem}en"}
