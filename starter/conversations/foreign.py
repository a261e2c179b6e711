"""The commonest messages in German and Chinese; the plan's arguments stay English, the reply is in the person's language."""

from random import Random

from pentimento.agent.types import Step
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing, edit, step
from pentimento.starter.conversations.words import a, one_of
from pentimento.starter.first.words import PLACES

_GERMAN = {
    "squirrel": ("das Eichhörnchen", "ein Eichhörnchen"),
    "nut": ("die Nuss", "eine Nuss"),
    "fox": ("den Fuchs", "einen Fuchs"),
    "cat": ("die Katze", "eine Katze"),
    "dog": ("den Hund", "einen Hund"),
    "rabbit": ("den Hasen", "einen Hasen"),
    "owl": ("die Eule", "eine Eule"),
    "duck": ("die Ente", "eine Ente"),
    "apple": ("den Apfel", "einen Apfel"),
    "mushroom": ("den Pilz", "einen Pilz"),
    "flower": ("die Blume", "eine Blume"),
    "tree": ("den Baum", "einen Baum"),
    "house": ("das Haus", "ein Haus"),
    "car": ("das Auto", "ein Auto"),
    "boat": ("das Boot", "ein Boot"),
    "balloon": ("den Ballon", "einen Ballon"),
}
_CHINESE = dict(
    zip(_GERMAN, "松鼠 坚果 狐狸 猫 狗 兔子 猫头鹰 鸭子 苹果 蘑菇 花 树 房子 汽车 船 气球".split(), strict=True)
)
_COLORS = {
    "red": ("rot", "红色"),
    "orange": ("orange", "橙色"),
    "yellow": ("gelb", "黄色"),
    "green": ("grün", "绿色"),
    "blue": ("blau", "蓝色"),
    "purple": ("lila", "紫色"),
    "pink": ("rosa", "粉色"),
    "white": ("weiß", "白色"),
}
_WHERE = {
    "forest": ("in einem Wald|im Wald", "森林里"),
    "beach": ("am Strand|an einem Strand", "海滩上"),
    "city": ("in einer Stadt|in der Stadt", "城市里"),
    "snow": ("im Schnee|im Winter", "雪地里"),
    "night": ("bei Nacht|in der Nacht|nachts", "夜晚"),
    "sunset": ("bei Sonnenuntergang|im Abendlicht", "日落时"),
}
_MOVES: dict[str, tuple[str, str]] = {
    "undo": (
        "rückgängig|mach das rückgängig|zurück|nein|nee|geh zurück|nimm das zurück|einen schritt zurück|das gefällt mir nicht",
        "撤销|撤回|不要|返回|退回去|取消|上一步|不好",
    ),
    "redo": ("wiederholen|wiederherstellen|doch wieder hin|nochmal vor|stell es wieder her", "重做|恢复|还原"),
    "log": ("zeig mir den verlauf|verlauf|zeig die versionen|was haben wir gemacht", "历史|显示历史|历史记录|看看历史"),
}
_DONE = ("Gut.", "好的。")


def foreign(scope: Scope) -> Move:
    """One message in German (three in four) or Chinese, about the picture-book world."""
    r, language = scope.r, 0 if scope.r.random() < 0.75 else 1
    known = [noun for noun in scope.picture.nouns() if noun in _GERMAN]
    roll = r.random()
    if roll < 0.25 or not scope.picture.things:
        return _draw(r, language)
    if roll < 0.45:
        tool = r.choice(tuple(_MOVES))
        return Move(one_of(r, _MOVES[tool][language]), (step(tool),), _DONE[language], (None,), order=False)
    if roll < 0.6 or not known:
        return r.choice((_put, _flip))(scope, language)
    return r.choice((_recolor, _recolor, _recolor, _remove, _swap, _add))(scope, language, r.choice(known))


def _move(scope: Scope, said: str, made: Step, language: int, picture: Picture | None = None) -> Move:
    return Move(said, (made,), _DONE[language], (picture or scope.picture,), order=False)


def _draw(r: Random, language: int) -> Move:
    noun, place, color = r.choice(tuple(_GERMAN)), r.choice(tuple(_WHERE)), r.choice(tuple(_COLORS))
    colored = r.random() < 0.4
    thing = Thing(noun, color if colored else "")
    where = one_of(r, _WHERE[place][language]) if r.random() < 0.7 else ""
    caption = f"{a(thing.phrase)} {PLACES[place][0]}" if where else a(thing.phrase)
    if language == 0:
        ways = "male {x} {w}|zeichne {x} {w}|ich möchte {x} {w}|zeig mir {x} {w}|{x} {w}|bitte male {x} {w}|mal mir {x} {w}"
        said = one_of(r, ways).format(x=_german(r, thing), w=where).strip()
    else:
        what = (_COLORS[color][1] + "的" if colored else "") + _CHINESE[noun]
        said = one_of(r, "画一个{w}的{x}|画{w}的{x}|{w}的{x}" if where else "画一个{x}|画{x}|我想要一个{x}").format(
            x=what, w=where
        )
    return Move(said, (step("generate", prompt=caption),), _DONE[language], (Picture((thing,), noun),), order=False)


def _german(r: Random, thing: Thing) -> str:
    """With its article and its colour: "einen roten Fuchs", or as a title "ein roter Fuchs"."""
    article, noun = _GERMAN[thing.noun][1].split()
    ending = {"einen": "en", "eine": "e", "ein": "es"}[article]
    if article == "einen" and r.random() < 0.5:
        article, noun, ending = "ein", {"Hasen": "Hase"}.get(noun, noun), "er"
    if not thing.color:
        return f"{article} {noun}"
    color = _COLORS[thing.color][0]
    return f"{article} {color if color in {'orange', 'lila', 'rosa'} else color + ending} {noun}"


def _recolor(scope: Scope, language: int, noun: str) -> Move:
    r, color = scope.r, scope.r.choice(tuple(_COLORS))
    name = _COLORS[color][language]
    it = noun == scope.picture.focus and r.random() < 0.3
    if language == 0:
        x = "es" if it else _GERMAN[noun][0]
        said = one_of(
            r,
            "mach {x} {c}|färbe {x} {c}|mal {x} {c} an|ich will {x} {c}|{x} in {c}|mache {x} bitte {c}|kannst du {x} {c} färben|"
            "kannst du {x} {c} machen|ich hätte {x} gern {c}|bitte {x} {c}|könntest du {x} {c} anmalen|{x} lieber in {c}",
        ).format(x=x, c=name)
    else:
        x = "它" if it else _CHINESE[noun]
        said = one_of(r, "把{x}变成{c}|把{x}改成{c}|让{x}变{c}|{x}变成{c}").format(x=x, c=name)
    return _move(scope, said, edit(f"make the {noun} {color}", noun, "object"), language)


def _remove(scope: Scope, language: int, noun: str) -> Move:
    ways = (
        "entferne {x}|lösche {x}|nimm {x} weg|ohne {x}|{x} soll weg"
        if language == 0
        else "删除{x}|去掉{x}|把{x}去掉|不要{x}"
    )
    name = _GERMAN[noun][0] if language == 0 else _CHINESE[noun]
    rest = tuple(thing for thing in scope.picture.things if thing.noun != noun)
    picture = Picture(rest, rest[0].noun if len(rest) == 1 else "")
    return _move(
        scope, one_of(scope.r, ways).format(x=name), edit(f"remove the {noun}", noun, "object"), language, picture
    )


def _swap(scope: Scope, language: int, noun: str) -> Move:
    new = scope.r.choice([other for other in _GERMAN if other not in scope.picture.nouns()])
    if language == 0:
        x, y = _GERMAN[noun][0], _GERMAN[new][1]
        ways = "ersetze {x} durch {y}|tausche {x} gegen {y}|mach aus {x} {y}|{y} statt {x}"
    else:
        x, y, ways = _CHINESE[noun], _CHINESE[new], "把{x}换成{y}|用{y}代替{x}|把{x}变成{y}"
    rest = tuple(thing for thing in scope.picture.things if thing.noun != noun)
    made = edit(f"replace the {noun} with {a(new)}", noun, "object")
    return _move(scope, one_of(scope.r, ways).format(x=x, y=y), made, language, Picture((*rest, Thing(new)), new))


def _add(scope: Scope, language: int, _noun: str) -> Move:
    r, new = scope.r, scope.r.choice([other for other in _GERMAN if other not in scope.picture.nouns()])
    side = r.choice(("left", "right"))
    if language == 0:
        where = {"left": " links", "right": r.choice((" rechts", ""))}[side]
        ways, y = "füge {y}{w} hinzu|noch {y}{w}|setz {y}{w} hin|ich will noch {y}{w}", _GERMAN[new][1]
    else:
        where = {"left": "在左边", "right": r.choice(("在右边", ""))}[side]
        ways, y = "{w}加一个{y}|{w}添加{y}|{w}再加一个{y}", _CHINESE[new]
    picture = Picture((*scope.picture.things, Thing(new)), new)
    return _move(
        scope, one_of(r, ways).format(y=y, w=where), edit(f"add {a(new)} on the {side}", new, side), language, picture
    )


def _put(scope: Scope, language: int) -> Move:
    place = scope.r.choice(tuple(_WHERE))
    where = one_of(scope.r, _WHERE[place][language])
    ways = "jetzt {w}|dasselbe {w}|{w} bitte|ich will es {w}" if language == 0 else "换到{w}|放在{w}|改成{w}"
    return _move(
        scope, one_of(scope.r, ways).format(w=where), edit(f"put it {PLACES[place][0]}", "", "picture"), language
    )


def _flip(scope: Scope, language: int) -> Move:
    ways = "spiegle es|spiegel das bild|dreh es um|spiegeln" if language == 0 else "翻转|左右翻转|镜像"
    return _move(scope, one_of(scope.r, ways), step("transform", op="flip"), language)
