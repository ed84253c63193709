"""
Read a prompt for what can be drawn: the place, the hour, the weather, who and what is in it, and in which colours.

Only words are looked at, with plain vocabularies; a prompt that names nothing still gets a scene, chosen by its hash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from storyreel.sandbox.stage.paint import Colour, mix, shade

COLOURS: dict[str, Colour] = {
    "red": (206, 44, 48), "crimson": (176, 28, 52), "scarlet": (220, 46, 36), "maroon": (120, 28, 40),
    "rust": (190, 86, 38), "orange": (238, 130, 40), "amber": (244, 170, 52), "copper": (184, 104, 62),
    "yellow": (248, 206, 62), "gold": (222, 172, 62), "golden": (226, 176, 68), "mustard": (208, 160, 44),
    "green": (62, 142, 82), "emerald": (24, 146, 100), "olive": (112, 118, 56), "mint": (146, 214, 180),
    "teal": (28, 130, 136), "turquoise": (54, 180, 184), "cyan": (60, 204, 224), "blue": (48, 102, 192),
    "navy": (28, 44, 92), "indigo": (66, 58, 150), "violet": (128, 84, 190), "purple": (120, 62, 160),
    "magenta": (214, 48, 150), "pink": (240, 140, 178), "rose": (226, 108, 132), "white": (240, 240, 236),
    "ivory": (240, 230, 208), "cream": (242, 230, 204), "beige": (216, 196, 162), "brown": (120, 80, 52),
    "tan": (194, 152, 104), "grey": (128, 134, 142), "gray": (128, 134, 142), "silver": (190, 198, 206),
    "black": (34, 34, 42), "ginger": (214, 122, 52), "chrome": (200, 208, 216), "iron": (92, 96, 104),
}  # fmt: skip
_DEEPER = {"deep": -0.22, "dark": -0.38, "light": 0.35, "pale": 0.5, "bright": 0.1, "soft": 0.25}

# Each kind with its words. A word is found with or without a plural's s.
KINDS: dict[str, str] = {
    "woman": "woman women lady girl mother grandmother queen actress mira she her heroine waitress princess bride",
    "man": "man men boy father keeper grandfather king fisherman sailor farmer monk worker detective hero he him his"
    " actor knight soldier chef guy barista carpenter smith hiker traveller traveler wanderer captain person someone",
    "child": "child children kid toddler daughter son",
    "crowd": "crowd people commuters passengers villagers dancers audience pedestrians family",
    "runner": "runner jogger athlete sprinter",
    "astronaut": "astronaut cosmonaut spacewalker",
    "robot": "robot android droid automaton cyborg",
    "fox": "fox foxes vixen", "wolf": "wolf wolves", "dog": "dog puppy hound retriever", "cat": "cat kitten",
    "horse": "horse pony stallion mare", "camel": "camel dromedary caravan", "deer": "deer stag doe elk reindeer",
    "bear": "bear", "sheep": "sheep lamb flock", "elephant": "elephant", "cow": "cow cattle",
    "gull": "gull seagull bird birds swallow crow raven pigeon dove heron albatross", "whale": "whale orca",
    "fish": "fish shoal salmon dolphin", "butterfly": "butterfly butterflies",
    "lighthouse": "lighthouse beacon", "house": "house cottage cabin hut farmhouse barn", "church": "church chapel cathedral",
    "castle": "castle fortress palace", "tower": "tower", "windmill": "windmill mill turbine", "bridge": "bridge viaduct",
    "boat": "boat rowboat dinghy canoe", "sailboat": "sailboat sail sailing yacht schooner regatta",
    "ship": "ship trawler ferry freighter tanker steamer", "car": "car taxi cab sedan van jeep convertible automobile",
    "bus": "bus tram", "train": "train locomotive railway", "bicycle": "bicycle bike cyclist",
    "plane": "plane airplane aeroplane jet aircraft", "rocket": "rocket spaceship", "balloon": "balloon",
    "ufo": "ufo saucer", "lantern": "lantern lamp torch flashlight", "campfire": "campfire bonfire fire hearth",
    "umbrella": "umbrella parasol", "bottle": "bottle perfume flask wine vial", "cup": "cup coffee mug tea espresso latte cappuccino",
    "shoe": "shoe sneaker trainer boot", "phone": "phone smartphone handset", "watch": "wristwatch watch chronograph",
    "headphones": "headphones headset", "book": "book novel", "door": "door doorway gate", "stairs": "stair stairs staircase stairwell steps spiral",
    "window": "window", "tree": "tree oak birch", "pine": "pine fir spruce", "palm": "palm", "flower": "flower rose tulip sunflower daisy blossom",
    "tent": "tent camp", "table": "table desk counter",
}  # fmt: skip
PEOPLE = frozenset({"woman", "man", "child", "crowd", "runner", "astronaut", "robot"})
PRODUCTS = frozenset({"bottle", "cup", "shoe", "phone", "watch", "headphones", "book"})
INDOORS = frozenset({"wall", "stairs", "lamproom", "room", "product", "space", "moon", "underwater"})

GARMENTS = {
    "parka": "coat", "coat": "coat", "jacket": "coat", "raincoat": "coat", "dress": "coat", "sweater": "coat", "cloak": "coat",
    "shirt": "coat", "suit": "coat", "jumper": "coat", "hoodie": "coat", "robe": "coat", "cape": "coat", "oilskin": "coat",
    "scarf": "scarf", "shawl": "scarf", "beanie": "hat", "hat": "hat", "cap": "hat", "hood": "hat", "helmet": "hat", "beret": "hat",
    "hair": "hair", "beard": "beard",
}  # fmt: skip

PLACES: tuple[tuple[str, str], ...] = (
    ("space", r"space|orbit|galaxy|asteroid|spacewalk|nebula"),
    ("moon", r"on (?:the |a )?(?:\w+ )?moon|lunar|mars|alien planet|crater"),
    ("underwater", r"underwater|coral|reef|seabed|beneath the (?:sea|waves|surface)|deep sea"),
    ("stairs", r"spiral|staircase|stairwell|stairs?\b|climbs the tower"),
    ("lamproom", r"lamp[- ]?room|lantern room"),
    ("wall", r"door\b|doorway|gate\b"),
    ("harbour", r"harbou?r|port\b|quay|pier|dock|marina|rigging|wharf"),
    ("product", r"product shot|pack ?shot|advert\w*|commercial|studio|turntable|pedestal|hero shot"),
    ("street", r"street|alley|avenue|boulevard|sidewalk|crosswalk|road through (?:a |the )?city|market"),
    ("city", r"city|skyline|skyscrapers?|downtown|metropolis|tokyo|new york|rooftops?|urban|neon"),
    (
        "room",
        r"room|kitchen|interior|indoors?|caf[eé]|bedroom|library|office|workshop|bar\b|restaurant|by the window|desk|table",
    ),
    ("cliff", r"lighthouse|cliff|headland|breakwater|rocky (?:coast|island|shore)"),
    ("beach", r"beach|shore|surf|sand\b|tropical|lagoon"),
    ("sea", r"sea\b|ocean|waves?\b|sail\w*|boat|ship|whale|bay\b|island|storm at sea|yacht|swell"),
    ("desert", r"desert|dunes?|sahara|camels?|oasis|savanna\w*|canyon|arid"),
    ("village", r"village|cottage|hamlet|snowy roofs|town\b|church"),
    ("forest", r"forest|woods?\b|woodland|jungle|pines?\b|trees|grove|foxe?s?\b|deer"),
    ("mountain", r"mountains?|alps?|peaks?|summit|glacier|ridge|valley|himalaya\w*|hik\w+"),
    ("lake", r"lake|river|pond|lagoon|fjord"),
    ("meadow", r"meadow|fields?|grass|farm|hills?|prairie|park|garden|countryside|road|highway|track"),
)

HOURS: tuple[tuple[str, str], ...] = (
    ("neon", r"neon|cyberpunk|synthwave"),
    ("night", r"night|midnight|moonlit|moonlight|starry|stars|nocturnal|dark\b"),
    ("dusk", r"dusk|twilight|blue hour|evening|gloaming|nightfall"),
    ("sunset", r"sunset|golden hour|sundown|golden light|golden"),
    ("dawn", r"dawn|sunrise|daybreak|first light|morning|early light"),
    ("storm", r"storm\w*|tempest|thunder\w*|gale|waves break|hurricane"),
    ("pale", r"snow\w*|winter|overcast|fog\w*|mist\w*|blizzard|grey sky|frost\w*|rain\w*|drizzle"),
    ("day", r"day\b|noon|sunny|summer|bright|midday|afternoon|blue sky|daylight"),
)

WEATHERS: tuple[tuple[str, str], ...] = (
    ("storm", r"storm\w*|thunder\w*|lightning|tempest|hurricane"),
    ("rain", r"rain\w*|drizzl\w*|downpour|wet\b"),
    ("snow", r"snow(?!y roofs)\w*|blizzard|snowfall"),
    ("fog", r"fog\w*|mist\w*|haz[ey]\b|smoke|smoky"),
    ("leaves", r"autumn|leaves|windy|wind\b|gust\w*"),
    ("petals", r"blossoms?|petals|cherry|spring\b"),
    ("embers", r"embers?|sparks?|fire\b|flames?|campfire|forge"),
    ("fireflies", r"fireflies|firefly|magic\w*|fairy|enchanted"),
)

_MOVING = r"walk|run|ran\b|sprint|gallop|trot|ride|riding|drive|driving|cross|climb|march|chase|race|travel|cycl|jog|follow|stride|stroll|wander|head(?:s|ing)\b|dash|hurr|speed|rush"
_FAST = r"run|sprint|gallop|chase|race|dash|hurr|speed|rush|jog|athlete"


@dataclass(frozen=True)
class Subject:
    """One thing to draw: its kind, its colours by part (`""` for the whole), and whether there are several."""

    kind: str
    colours: tuple[tuple[str, Colour], ...] = ()
    several: bool = False

    def colour(self, part: str = "") -> Colour | None:
        """Return the colour of a part, or None where the prompt says none."""
        return dict(self.colours).get(part)


def seed_of(prompt: str) -> int:
    """Return the number that stands for a prompt: the same on every machine."""
    return int.from_bytes(sha256(prompt.encode()).digest()[:6], "big")


def _kind_of(word: str) -> tuple[str, bool] | None:
    several = word.endswith("s") and word not in ("his", "stairs", "steps", "headphones", "glass", "dress")
    for form, plural in ((word, several), (word[:-1] if several else word, several), (word.removesuffix("es"), True)):
        if form in _WORDS:
            return _WORDS[form], plural and _WORDS[form] not in ("stairs", "headphones")
    return None


_WORDS = {word: kind for kind, words in KINDS.items() for word in words.split()}
_PRONOUNS = frozenset(["she", "her", "he", "him", "his"])


class Cues:
    """What a prompt says that can be drawn. Everything is worked out from its words when it is asked for."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self.words = re.sub(r"<[A-Z]+_\d+>", " ", prompt).lower()
        self.seed = seed_of(prompt)

    def says(self, pattern: str) -> bool:
        """Whether the words match a pattern at the beginning of a word."""
        return re.search(rf"\b(?:{pattern})", self.words) is not None

    def _first(self, table: tuple[tuple[str, str], ...]) -> str:
        return next((name for name, pattern in table if self.says(pattern)), "")

    @cached_property
    def place(self) -> str:
        """Where it is."""
        place = self._first(PLACES)
        kinds = {s.kind for s in self.subjects}
        if place == "wall" and self.says(r"open sea|harbou?r") and "door" not in kinds:
            place = "harbour"
        if place in ("", "room", "meadow") and kinds & PRODUCTS and not kinds & PEOPLE:
            return "product" if place != "room" or self.says(r"product|advert") else "room"
        if place == "cliff" and not self.says("lighthouse|cliff|headland|rock|breakwater|beacon"):
            place = "sea"
        if place:
            return place
        if kinds & {"rocket", "ufo", "astronaut"}:
            return "moon"
        if kinds & {"plane", "balloon"}:
            return "meadow"
        return ("mountain", "meadow", "forest", "lake", "sea")[self.seed % 5]

    @cached_property
    def hour(self) -> str:
        """The light: a key of the hours' table."""
        hour = self._first(HOURS)
        if hour in ("pale", "storm") and self.says(r"night|midnight"):
            return "night"
        if hour:
            return hour
        if self.place in ("city", "street") and "rain" in self.weathers:
            return "neon"
        return ("day", "dawn", "sunset", "dusk", "day")[self.seed // 7 % 5]

    @cached_property
    def weathers(self) -> tuple[str, ...]:
        """What falls or drifts, at most two."""
        return tuple(name for name, pattern in WEATHERS if self.says(pattern))[:2]

    @cached_property
    def moving(self) -> bool:
        """Whether somebody goes somewhere."""
        return self.says(_MOVING)

    @cached_property
    def fast(self) -> bool:
        """Whether in a hurry."""
        return self.says(_FAST)

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Who and what is in it, in the order of the words, each kind once, at most six."""
        tokens = re.findall(r"[a-zà-ÿ']+", self.words.replace("-", " "))
        kinds: dict[str, bool] = {}
        spots: list[tuple[int, str]] = []
        pronouns: list[tuple[int, str]] = []
        for k, token in enumerate(tokens):
            named = _kind_of(token.removesuffix("'s"))
            if not named:
                continue
            kind, several = named
            if token in _PRONOUNS:
                pronouns.append((k, kind))
                continue
            if kind == "watch" and tokens[k - 1 : k] and tokens[k - 1] in ("they", "people", "to", "we"):
                continue
            kinds[kind] = kinds.get(kind, False) or several
            spots.append((k, kind))
        if not any(kind in PEOPLE for kind in kinds) and not any(
            kind in ("fox", "dog", "cat", "horse", "wolf", "bear", "deer") for kind in kinds
        ):
            for k, kind in pronouns[:1]:
                kinds[kind] = False
                spots.append((k, kind))
        if "sailboat" in kinds and self.says("sail(?:ing)? ?boat"):
            kinds.pop("boat", None)
        colours = _colours(tokens, spots)
        return tuple(
            Subject(kind, tuple(colours.get(kind, {}).items()), several) for kind, several in list(kinds.items())[:6]
        )

    @cached_property
    def colour(self) -> Colour | None:
        """The first colour that the words name, whatever it stands before."""
        tokens = re.findall(r"[a-z]+", self.words)
        return next((COLOURS[t] for t in tokens if t in COLOURS and t not in ("iron", "golden")), None)

    def subject(self, *kinds: str) -> Subject | None:
        """Return the first subject of one of these kinds."""
        return next((s for s in self.subjects if s.kind in kinds), None)


def _colours(tokens: list[str], spots: list[tuple[int, str]]) -> dict[str, dict[str, Colour]]:
    """Give each colour to the thing that it stands before: a garment (then to its wearer's part), or the thing itself."""
    given: dict[str, dict[str, Colour]] = {}
    at = dict(spots)
    people = [(k, kind) for k, kind in spots if kind in PEOPLE]
    for k, token in enumerate(tokens):
        stem = token.removesuffix("ish") if token.endswith("ish") else token
        if stem not in COLOURS:
            continue
        colour = COLOURS[stem]
        if k and tokens[k - 1] in _DEEPER:
            colour = shade(colour, _DEEPER[tokens[k - 1]])
        if k and tokens[k - 1] in COLOURS:
            colour = mix(COLOURS[tokens[k - 1]], colour, 0.5)
        for j in range(k + 1, min(k + 5, len(tokens))):
            if tokens[j] in GARMENTS:
                wearer = min(people, key=lambda p: abs(p[0] - j), default=None)
                if wearer:
                    given.setdefault(wearer[1], {}).setdefault(GARMENTS[tokens[j]], colour)
                break
            if j in at:
                given.setdefault(at[j], {}).setdefault("", colour)
                break
    return given
