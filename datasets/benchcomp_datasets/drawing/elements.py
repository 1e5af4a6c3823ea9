"""The parts of a façade, drawn one at a time: windows, sills, balconies, doors, shops and so on.

Each function draws its part with light, shadow and wear, and marks its class. The caller decides where.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchcomp_datasets.classes import CLASSES
from benchcomp_datasets.drawing.canvas import SIZE, Array, Box, Canvas, Colour, Cut, Dice, ramp, shade

__all__ = [
    "INDEX",
    "Light",
    "Materials",
    "WindowStyle",
    "balcony",
    "band",
    "blind",
    "cornice",
    "deco",
    "door",
    "pillar",
    "shop",
    "shutters",
    "sill",
    "window",
]

INDEX = {name: index for index, name in enumerate(CLASSES)}


@dataclass(frozen=True)
class Light:
    """Where the sun stands: a part that stands out by d casts its shadow by d times (x, y)."""

    x: float
    y: float
    shadow: float
    soft: float

    def cast(self, canvas: Canvas, box: Box, depth: float, cut: Cut | None = None) -> None:
        """Darken where a part at ``box`` that stands out by ``depth`` keeps the sun away."""
        shifted = Box(
            box.left + min(self.x * depth, 0),
            box.top,
            box.right + max(self.x * depth, 0),
            box.bottom + self.y * depth,
        )
        canvas.darken(shifted, self.shadow, soft=1 + self.soft * depth, cut=cut)


@dataclass(frozen=True)
class Materials:
    """The textures and colours of one house."""

    wall: Array
    trim: Array
    trim_colour: Colour
    glass: Array
    frame: Colour
    iron: Colour
    wood: Colour
    slats: Colour


@dataclass(frozen=True)
class WindowStyle:
    """What the windows of one floor have in common."""

    casing: float
    panes: Literal["cross", "tee", "two", "six", "one"]
    arched: bool
    depth: float


def window(
    canvas: Canvas, dice: Dice, light: Light, materials: Materials, box: Box, style: WindowStyle
) -> None:
    """A window in its opening, with casing, frame, panes, curtains, and the reveal's shadow."""
    cut = arch(box) if style.arched else None
    if style.casing > 0:
        outer = Box(box.left - style.casing, box.top - style.casing, box.right + style.casing, box.bottom)
        outer_cut = arch(outer) if style.arched else None
        light.cast(canvas, outer, 0.8, outer_cut)
        canvas.fill(outer, materials.trim, cut=outer_cut)
        canvas.darken(Box(outer.left, outer.top, outer.right, outer.top + 1), 1.1, cut=outer_cut)
        canvas.darken(Box(outer.right - 1, outer.top, outer.right, outer.bottom), 0.86, cut=outer_cut)
        canvas.darken(box.grown(0.7), 0.72, cut=arch(box.grown(0.7)) if style.arched else None)
    canvas.fill(box, shade(materials.frame, 0.42), cut=cut)
    pane = box.grown(-0.9)
    pane_cut = arch(pane) if style.arched else None
    start = dice.whole(0, SIZE - 70), dice.whole(0, SIZE - 50)
    canvas.fill(pane, materials.glass, cut=pane_cut, at=start)
    canvas.fill(
        pane.part(0, 0, 1, 0.45), (0.66, 0.73, 0.80), dice.between(0, 0.35), pane.height / 2, pane_cut
    )
    _curtains(canvas, dice, pane, pane_cut)
    _frame(canvas, dice, materials.frame, box, style, cut)
    depth = style.depth
    canvas.darken(Box(box.left, box.top, box.right, box.top + light.y * depth), light.shadow * 0.9, 1.5, cut)
    side = abs(light.x) * depth
    edge = (box.left, box.left + side) if light.x > 0 else (box.right - side, box.right)
    canvas.darken(Box(edge[0], box.top, edge[1], box.bottom), light.shadow, 1.5, cut)
    canvas.mark(box, INDEX["window"])


def _curtains(canvas: Canvas, dice: Dice, pane: Box, cut: Cut | None) -> None:
    kind = dice.between(0, 1)
    cloth = dice.vary((0.80, 0.78, 0.72), 0.12)
    if kind < 0.34:  # drawn to both sides, with folds
        part = dice.between(0.15, 0.42)
        for ends in ((0.0, part), (1 - part, 1.0)):
            strip = pane.part(ends[0], 0, ends[1], 1)
            canvas.fill(strip, cloth, dice.between(0.35, 0.75), cut=cut)
            folds = max(int(strip.width / 1.7), 1)
            for fold in range(folds):
                where = strip.part((fold + 0.5) / folds, 0, (fold + 0.9) / folds, 1)
                canvas.darken(where, dice.between(0.75, 0.95), cut=cut)
    elif kind < 0.52:  # half height
        canvas.fill(pane.part(0, dice.between(0.4, 0.65), 1, 1), cloth, dice.between(0.3, 0.7), cut=cut)
    elif kind < 0.60:  # a lamp behind
        canvas.fill(pane, (0.95, 0.78, 0.45), dice.between(0.2, 0.5), 3, cut)
    elif kind < 0.70:  # something on the window sill
        place = dice.between(0.1, 0.6)
        canvas.fill(pane.part(place, 0.72, place + 0.3, 1), dice.vary((0.35, 0.42, 0.28), 0.15), 0.8, 2, cut)


def _frame(canvas: Canvas, dice: Dice, colour: Colour, box: Box, style: WindowStyle, cut: Cut | None) -> None:
    colour = dice.vary(colour, 0.03)
    bar = min(max(box.width * 0.07, 0.8), 1.7)
    dark = shade(colour, 0.72)
    canvas.fill(Box(box.left, box.top, box.left + bar, box.bottom), colour, cut=cut)
    canvas.fill(Box(box.right - bar, box.top, box.right, box.bottom), dark, cut=cut)
    canvas.fill(Box(box.left, box.bottom - bar, box.right, box.bottom), colour, cut=cut)
    canvas.fill(Box(box.left, box.top, box.right, box.top + bar), dark, cut=cut)
    upright = {"cross": (0.5,), "tee": (0.5,), "two": (0.5,), "six": (0.5,), "one": ()}[style.panes]
    across = {"cross": (0.36,), "tee": (0.3,), "two": (), "six": (0.34, 0.67), "one": (0.72,)}[style.panes]
    for place in across:
        y = box.top + place * box.height
        canvas.fill(Box(box.left, y - bar * 0.6, box.right, y + bar * 0.6), colour, cut=cut)
        canvas.darken(Box(box.left + bar, y + bar * 0.6, box.right - bar, y + bar * 0.6 + 1), 0.7, cut=cut)
    for place in upright:
        x = box.left + place * box.width
        canvas.fill(Box(x - bar * 0.75, box.top, x + bar * 0.75, box.bottom), colour, cut=cut)
        canvas.darken(Box(x + bar * 0.75, box.top, x + bar * 0.75 + 0.8, box.bottom), 0.72, cut=cut)


def blind(canvas: Canvas, dice: Dice, materials: Materials, box: Box, fraction: float) -> None:
    """A roller shutter let down over the upper ``fraction`` of a window."""
    down = Box(box.left + 0.6, box.top + 0.6, box.right - 0.6, box.top + fraction * box.height)
    colour = dice.vary(materials.slats, 0.05)
    canvas.fill(down, colour)
    y = down.top
    while y < down.bottom:
        canvas.darken(Box(down.left, y, down.right, min(y + 0.8, down.bottom)), 0.82)
        y += 2.1
    canvas.darken(Box(box.left, box.top, box.right, box.top + 2.5), 0.68, 1.5)
    canvas.mark(Box(box.left, box.top, box.right, down.bottom), INDEX["blind"])


def shutters(canvas: Canvas, dice: Dice, light: Light, materials: Materials, box: Box) -> None:
    """Open wooden shutters at both sides of a window."""
    wide = box.width * 0.46
    for left in (box.left - wide - 0.5, box.right + 0.5):
        leaf = Box(left, box.top, left + wide, box.bottom)
        light.cast(canvas, leaf, 1.0)
        colour = dice.vary(materials.slats, 0.03)
        canvas.fill(leaf, colour)
        y = leaf.top + 1.5
        while y < leaf.bottom - 1.5:
            canvas.darken(Box(leaf.left + 1, y, leaf.right - 1, y + 0.9), 0.74)
            y += 2.0
        canvas.darken(Box(leaf.left, leaf.top, leaf.left + 0.8, leaf.bottom), 1.12)
        canvas.mark(leaf, INDEX["blind"])


def sill(canvas: Canvas, dice: Dice, light: Light, materials: Materials, box: Box) -> None:
    """A sill that stands out, with its shadow and the streaks that rain leaves below."""
    for _ in range(dice.whole(1, 3)):
        x = dice.between(box.left, box.right)
        long = dice.between(4, 13)
        streak = Box(x - 0.8, box.bottom, x + 0.8, box.bottom + long)
        canvas.darken(streak, dice.between(0.86, 0.95), 2.5)
    light.cast(canvas, box, 1.8)
    canvas.fill(box, materials.trim)
    canvas.darken(Box(box.left, box.top, box.right, box.top + 1), 1.14)
    canvas.darken(Box(box.left, box.bottom - 0.9, box.right, box.bottom), 0.74)
    canvas.mark(box, INDEX["sill"])


def cornice(
    canvas: Canvas, light: Light, materials: Materials, box: Box, kind: Literal["flat", "gable", "arc"]
) -> None:
    """The panel above a window: a flat hood, a triangular or a segmental pediment."""
    cut = {"flat": None, "gable": _gable(box), "arc": _arc(box)}[kind]
    light.cast(canvas, Box(box.left, box.bottom - 2, box.right, box.bottom), 2.6)
    canvas.fill(box, materials.trim, cut=cut)
    if cut is not None:  # the field inside is set back
        inner = Box(box.left + 2, box.top + 2, box.right - 2, box.bottom - 1.8)
        canvas.darken(inner, 0.83, cut=_gable(inner) if kind == "gable" else _arc(inner))
    canvas.darken(Box(box.left, box.bottom - 2, box.right, box.bottom - 1), 1.12)
    canvas.darken(Box(box.left, box.bottom - 1, box.right, box.bottom), 0.70)
    if kind == "flat":
        canvas.darken(Box(box.left, box.top, box.right, box.top + 1), 1.12)
    canvas.mark(box, INDEX["cornice"])


def balcony(
    canvas: Canvas, dice: Dice, light: Light, materials: Materials, box: Box, kind: Literal["iron", "stone"]
) -> None:
    """A balcony: slab at the bottom of ``box``, railing above it, and a deep shadow below."""
    slab = Box(box.left, box.bottom - 3, box.right, box.bottom)
    light.cast(canvas, slab, 5.0)
    light.cast(canvas, slab, 2.0)
    canvas.fill(slab, materials.trim)
    canvas.darken(Box(slab.left, slab.top, slab.right, slab.top + 1), 1.12)
    canvas.darken(Box(slab.left, slab.bottom - 1.2, slab.right, slab.bottom), 0.62)
    rail = Box(box.left, box.top, box.right, slab.top)
    canvas.darken(rail, 0.88, 2)
    step, wide = (2.6, 0.8) if kind == "iron" else (4.0, 2.4)
    count = max(int(rail.width / step), 2)
    for index in range(count + 1):
        x = rail.left + index * rail.width / count
        bar = Box(x - wide / 2, rail.top, x + wide / 2, rail.bottom)
        if kind == "iron":
            canvas.fill(bar, materials.iron, 0.85)
        else:
            canvas.fill(bar, materials.trim)
            canvas.darken(Box(bar.middle + 0.2, bar.top, bar.right, bar.bottom), 0.72)
    if kind == "iron":
        middle = rail.part(0, 0.45, 1, 0.62)
        for index in range(count):
            if dice.chance(0.55):
                where = middle.part(index / count, 0, (index + 1) / count, 1)
                canvas.fill(where, materials.iron, 0.5)
    paint = materials.trim if kind == "stone" else materials.iron
    canvas.fill(Box(rail.left - 0.5, rail.top - 0.8, rail.right + 0.5, rail.top + 0.9), paint)
    if dice.chance(0.3):
        for _ in range(dice.whole(2, 6)):
            x, size = dice.between(rail.left + 3, rail.right - 3), dice.between(1.5, 3.2)
            leaf = dice.pick(((0.25, 0.38, 0.16), (0.33, 0.45, 0.2), (0.7, 0.22, 0.24)))
            place = Box(x - size, rail.top - size, x + size, rail.top + size * 0.8)
            canvas.fill(place, dice.vary(leaf, 0.08), 0.85, 2.0)
    canvas.mark(box, INDEX["balcony"])


def band(canvas: Canvas, light: Light, materials: Materials, box: Box, depth: float, dentils: float) -> None:
    """A molding across the façade, in profile steps; ``dentils`` is their spacing, 0 for none."""
    light.cast(canvas, box, depth)
    canvas.fill(box, materials.trim)
    steps = max(int(box.height / 2.6), 1)
    for step in range(steps):
        part = box.part(0, step / steps, 1, (step + 1) / steps)
        canvas.darken(Box(part.left, part.top, part.right, part.top + 0.9), 1.10)
        canvas.darken(Box(part.left, part.bottom - 1.0, part.right, part.bottom), 0.78)
    if dentils and box.height > 6:
        row = box.part(0, 0.58, 1, 0.88)
        canvas.darken(row, 0.66)
        x = row.left + dentils / 2
        while x < row.right - 1:
            canvas.fill(Box(x, row.top, x + dentils / 2, row.bottom), materials.trim, 0.95)
            x += dentils
    canvas.darken(Box(box.left, box.bottom - 1, box.right, box.bottom), 0.72)
    canvas.mark(box, INDEX["molding"])


def pillar(canvas: Canvas, light: Light, materials: Materials, box: Box) -> None:
    """A pilaster with base and capital, rounded by shading."""
    light.cast(canvas, box, 1.3)
    canvas.fill(box, materials.trim)
    lit, dark = ((0.0, 0.3), (0.65, 1.0)) if light.x > 0 else ((0.7, 1.0), (0.0, 0.35))
    canvas.darken(box.part(lit[0], 0, lit[1], 1), 1.07, 1.5)
    canvas.darken(box.part(dark[0], 0, dark[1], 1), 0.80, 1.5)
    for place in (Box(box.left - 1, box.top, box.right + 1, box.top + 3), box.part(0, 1, 1, 1).grown(1, 2)):
        canvas.fill(place, materials.trim)
        canvas.darken(Box(place.left, place.bottom - 1, place.right, place.bottom), 0.72)
        canvas.darken(Box(place.left, place.top, place.right, place.top + 1), 1.10)
    canvas.mark(box, INDEX["pillar"])


def deco(canvas: Canvas, dice: Dice, light: Light, materials: Materials, box: Box) -> None:
    """Relief: a framed panel with a roundel, scrolls and rosettes in it."""
    canvas.darken(box, 0.86)
    canvas.fill(box.grown(-1), materials.trim, 0.8)
    radius = min(box.width, box.height) * 0.36
    middle_y = (box.top + box.bottom) / 2
    places = [box.middle]
    if box.width > box.height * 2:
        places += [box.left + box.width * 0.2, box.left + box.width * 0.8]
    for x in places:
        around = Box(x - radius - 2, box.top, x + radius + 2, box.bottom)
        canvas.darken(around.moved(light.x, 1), 0.68, cut=_disc(x + light.x, middle_y + 1, radius))
        canvas.darken(around, 1.22, cut=_disc(x, middle_y, radius))
        canvas.darken(around, 0.74, cut=_disc(x, middle_y + radius * 0.1, radius * 0.55))
    for _ in range(int(box.width / 2)):
        x, y = dice.between(box.left + 1, box.right - 2), dice.between(box.top + 1, box.bottom - 2)
        canvas.darken(Box(x, y, x + 1.4, y + 1.4), dice.pick((0.75, 0.8, 1.15)), 1.5)
    canvas.mark(box, INDEX["deco"])


def door(canvas: Canvas, dice: Dice, light: Light, materials: Materials, box: Box, arched: bool) -> None:
    """A door in a deep opening, with two leaves, panels, and a fanlight above."""
    surround = Box(box.left - 3, box.top - 3, box.right + 3, box.bottom)
    light.cast(canvas, surround, 1.2, arch(surround) if arched else None)
    canvas.fill(surround, materials.trim, cut=arch(surround) if arched else None)
    canvas.darken(Box(surround.right - 1, surround.top, surround.right, surround.bottom), 0.8)
    cut = arch(box) if arched else None
    wood = dice.vary(materials.wood, 0.05)
    canvas.fill(box, shade(wood, 0.5), cut=cut)
    fan = box.height * (0.30 if arched else 0.2)
    start = dice.whole(0, SIZE - 70), dice.whole(0, SIZE - 50)
    canvas.fill(
        Box(box.left + 1.5, box.top + 1.5, box.right - 1.5, box.top + fan),
        materials.glass,
        0.9,
        1,
        cut,
        start,
    )
    leaves = Box(box.left + 1, box.top + fan + 1, box.right - 1, box.bottom)
    canvas.fill(leaves, wood)
    for side in (0.0, 0.5):
        leaf = leaves.part(side + 0.03, 0, side + 0.47, 1)
        for top, bottom in ((0.05, 0.36), (0.42, 0.62), (0.68, 0.93)):
            panel = leaf.part(0.18, top, 0.82, bottom)
            canvas.darken(panel, 0.70)
            canvas.darken(panel.grown(-0.9), 1.30)
    canvas.darken(Box(leaves.middle - 0.5, leaves.top, leaves.middle + 0.5, leaves.bottom), 0.45)
    canvas.fill(
        Box(
            leaves.middle + 1.2,
            leaves.top + leaves.height * 0.5,
            leaves.middle + 2.4,
            leaves.top + leaves.height * 0.56,
        ),
        (0.75, 0.66, 0.4),
    )
    canvas.darken(Box(box.left, box.top, box.right, box.top + light.y * 3.5), light.shadow, 2, cut)
    side_edge = (box.left, box.left + 2.5) if light.x > 0 else (box.right - 2.5, box.right)
    canvas.darken(Box(side_edge[0], box.top, side_edge[1], box.bottom), light.shadow, 1.5, cut)
    canvas.mark(box, INDEX["door"])


def shop(canvas: Canvas, dice: Dice, light: Light, materials: Materials, box: Box) -> None:
    """A shop: signboard, plate glass with goods and lamps behind, perhaps an awning."""
    front = dice.pick(((0.16, 0.15, 0.15), (0.30, 0.12, 0.10), (0.12, 0.20, 0.17), (0.62, 0.58, 0.52)))
    canvas.fill(box, dice.vary(front, 0.04))
    board = box.part(0, 0, 1, 0.2)
    glass = Box(box.left + 2, board.bottom + 1, box.right - 2, box.bottom - box.height * 0.13)
    start = dice.whole(0, SIZE - 90), dice.whole(0, SIZE - 100)
    canvas.fill(glass, materials.glass, at=start)
    canvas.darken(glass, 0.62)
    for _ in range(max(int(glass.width / 4), 3)):  # goods
        x, high = dice.between(glass.left, glass.right - 3), dice.between(0.15, 0.55)
        wide = dice.between(1.5, 6)
        goods = Box(x, glass.bottom - high * glass.height, min(x + wide, glass.right), glass.bottom)
        hue = dice.pick(((0.6, 0.5, 0.4), (0.5, 0.25, 0.2), (0.3, 0.35, 0.45), (0.75, 0.72, 0.66)))
        canvas.fill(goods, dice.vary(hue, 0.15), dice.between(0.25, 0.7), 2.2)
    for _ in range(dice.whole(1, 4)):  # lamps
        x, y = dice.between(glass.left + 2, glass.right - 4), dice.between(glass.top, glass.top + 6)
        canvas.fill(Box(x - 1, y, x + 3, y + 2), (1.0, 0.92, 0.72), 0.8, 2.5)
    canvas.fill(glass, (0.78, 0.84, 0.9), 0.28, cut=_slanted_stripes(dice.between(0, 1)))
    count = max(int(glass.width / 16), 1)
    for index in range(count + 1):
        x = glass.left + index * glass.width / count
        canvas.fill(Box(x - 0.7, glass.top, x + 0.7, glass.bottom), front)
    canvas.darken(Box(glass.left, glass.top, glass.right, glass.top + 3), 0.55, 2)
    _sign(canvas, dice, board)
    canvas.darken(Box(box.left, box.top, box.right, box.top + 1), 1.25)
    if dice.chance(0.4):
        _awning(
            canvas, dice, light, Box(box.left, board.bottom - 2, box.right, board.bottom + box.height * 0.17)
        )
    canvas.mark(box, INDEX["shop"])


def _sign(canvas: Canvas, dice: Dice, board: Box) -> None:
    ground = dice.pick(
        ((0.55, 0.08, 0.08), (0.1, 0.2, 0.42), (0.88, 0.84, 0.74), (0.1, 0.28, 0.18), (0.1, 0.1, 0.11))
    )
    ink = (0.95, 0.92, 0.82) if ground[0] + ground[1] + ground[2] < 1.6 else (0.2, 0.12, 0.1)
    canvas.fill(board.grown(-1), ground)
    canvas.darken(Box(board.left, board.bottom - 1.5, board.right, board.bottom), 0.7)
    high = board.height * 0.5
    x, top = board.left + board.width * dice.between(0.08, 0.25), board.top + board.height * 0.25
    end = board.right - board.width * dice.between(0.08, 0.25)
    while x + high * 0.7 < end:  # letters, as far as they can be made out
        wide = high * dice.between(0.45, 0.75)
        if dice.chance(0.86):
            canvas.fill(Box(x, top, x + 1.1, top + high), ink, 0.9)
            for place in (0.0, 0.45, 0.82):
                if dice.chance(0.55):
                    y = top + place * high
                    canvas.fill(Box(x, y, x + wide - 0.6, y + 1.0), ink, 0.85)
            if dice.chance(0.4):
                canvas.fill(Box(x + wide - 1.4, top, x + wide - 0.4, top + high), ink, 0.85)
        x += wide + 0.9


def _awning(canvas: Canvas, dice: Dice, light: Light, box: Box) -> None:
    cloth = dice.pick(((0.55, 0.13, 0.12), (0.13, 0.25, 0.42), (0.15, 0.34, 0.22), (0.8, 0.62, 0.25)))
    plain = dice.chance(0.6)
    light.cast(canvas, box, 5)
    count = max(int(box.width / 5), 2)
    for index in range(count):
        strip = box.part(index / count, 0, (index + 1) / count, 1)
        canvas.fill(strip, cloth if index % 2 or plain else (0.82, 0.79, 0.72))
        canvas.darken(strip.part(0.6, 0, 1, 1), 0.88, 1.5)
    canvas.darken(box.part(0, 0, 1, 0.45), 1.12, 3)
    canvas.darken(Box(box.left, box.bottom - 2.2, box.right, box.bottom), 0.74)


def arch(box: Box) -> Cut:
    """A rectangle whose top is rounded to a half or a flatter ellipse."""
    rise = min(box.width / 2, box.height * 0.3)

    def cut(x: Array, y: Array) -> Array:
        across = (x - box.middle) / (box.width / 2)
        return ramp(y - (box.top + rise - rise * np.sqrt(np.maximum(1 - across * across, 0))) + 0.5)

    return cut


def _gable(box: Box) -> Cut:
    def cut(x: Array, y: Array) -> Array:
        return ramp((y - box.top) / box.height * (box.width / 2) - np.abs(x - box.middle) + 0.5)

    return cut


def _arc(box: Box) -> Cut:
    def cut(x: Array, y: Array) -> Array:
        across = (x - box.middle) / (box.width / 2)
        return ramp(y - (box.bottom - (1 - across * across) * box.height) + 0.5)

    return cut


def _disc(centre_x: float, centre_y: float, radius: float) -> Cut:
    def cut(x: Array, y: Array) -> Array:
        across, down = x - centre_x, y - centre_y
        return ramp(radius - np.sqrt(across * across + down * down) + 0.5)

    return cut


def _slanted_stripes(shift: float) -> Cut:
    def cut(x: Array, y: Array) -> Array:
        slope = (x + 0.8 * y) * 0.05 + shift
        return ramp(0.9 - np.abs(slope - np.floor(slope) - 0.5) * 5)

    return cut
