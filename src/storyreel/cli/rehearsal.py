"""
What a rehearsal cannot show of a storyboard, told before it begins.
"""

from __future__ import annotations

from storyreel.console import counted
from storyreel.fonts import divided, scripts
from storyreel.model.plan import Plan

CAPTIONED = ("video", "extend")
"""The steps in whose clips the sandbox writes the prompt."""

NAMED = 3


def caption_notes(plan: Plan) -> tuple[str, ...]:
    """Return a note of what the sandbox's captions lack of the prompts; none where they lack nothing."""
    prompts = [(step.scene, str(step.recipe.body.get("prompt", ""))) for step in plan.steps if step.kind in CAPTIONED]
    lacking = [(scene, divided(prompt)[1]) for scene, prompt in prompts if not prompt.isascii()]
    missing = "".join(characters for _, characters in lacking)
    if not missing:
        return ()
    scenes = list(dict.fromkeys(scene for scene, characters in lacking if characters))
    of = ", ".join(scenes[:NAMED]) + (f" and {len(scenes) - NAMED} more" if len(scenes) > NAMED else "")
    what = f"{counted(len(missing), 'character')} ({', '.join(scripts(missing))})"
    return (
        f"the rehearsal's captions cannot show {what} of {of}; what is sent has all, and real films have no captions",
    )
