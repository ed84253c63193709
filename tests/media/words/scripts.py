"""A line in each script that titles are tried in, and the font that it takes: the package's own, or a part of another."""

from pathlib import Path

from storyreel.model.recipe import sha256_of

FONTS = Path(__file__).parents[2] / "fixtures" / "fonts"
ARABIC, JAPANESE = FONTS / "NotoSansArabic-part.ttf", FONTS / "NotoSansJP-part.otf"

LINES: dict[str, tuple[str, Path | None]] = {
    "latin": ("Ninguém espera assim por um elétrico.", None),
    "cyrillic": ("Никто так не ждёт трамвая.", None),
    "greek": ("Κανείς δεν περιμένει έτσι το τραμ.", None),
    "arabic": ("لا أحد ينتظر الترام هكذا.", ARABIC),
    "japanese": ("誰もこんな夜に終電を待たない。雨の坂の上で。", JAPANESE),
}
"""Nobody waits for a tram like this; the Japanese one on a night such as this, in the rain, up the hill."""

FILES = {sha256_of(path): path for path in (ARABIC, JAPANESE)}
"""The fonts by their content."""


def font_of(script: str) -> str | None:
    """Return the content of the font that a script takes; None for the package's own."""
    path = LINES[script][1]
    return None if path is None else sha256_of(path)
