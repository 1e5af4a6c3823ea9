"""Plans a house and its street from a seed, has its parts drawn, and takes the photograph.

:func:`draw` is the whole interface. A plan is a few numbers (storeys, bays, styles); drawing goes from
the back (sky) to the front (cars, trees, people), and the camera adds its blur, cast and noise.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from benchcomp import Pixels
from benchcomp_datasets.classes import paint
from benchcomp_datasets.drawing import elements, textures
from benchcomp_datasets.drawing.canvas import SIZE, Array, Box, Canvas, Colour, Cut, Dice, noise, ramp, shade
from benchcomp_datasets.drawing.elements import INDEX, Light, Materials, WindowStyle

__all__ = ["SIZE", "draw"]

_WALLS: tuple[Colour, ...] = (
    (0.80, 0.70, 0.48),
    (0.83, 0.76, 0.60),
    (0.78, 0.62, 0.52),
    (0.72, 0.72, 0.70),
    (0.64, 0.63, 0.60),
    (0.76, 0.52, 0.42),
    (0.70, 0.72, 0.60),
    (0.86, 0.84, 0.79),
    (0.62, 0.55, 0.46),
    (0.72, 0.60, 0.40),
)
_BRICKS: tuple[Colour, ...] = ((0.56, 0.30, 0.22), (0.62, 0.40, 0.28), (0.50, 0.34, 0.28), (0.68, 0.55, 0.38))
_TRIMS: tuple[Colour, ...] = ((0.84, 0.81, 0.74), (0.76, 0.72, 0.64), (0.88, 0.87, 0.84), (0.66, 0.62, 0.55))
_ROOFS: tuple[Colour, ...] = ((0.50, 0.28, 0.20), (0.34, 0.31, 0.31), (0.42, 0.33, 0.27), (0.28, 0.29, 0.32))
_FRAMES: tuple[Colour, ...] = ((0.86, 0.86, 0.84), (0.86, 0.86, 0.84), (0.40, 0.27, 0.18), (0.25, 0.30, 0.26))
_SLATS: tuple[Colour, ...] = ((0.30, 0.40, 0.32), (0.50, 0.20, 0.17), (0.72, 0.70, 0.66), (0.42, 0.36, 0.30))
_CARS: tuple[Colour, ...] = ((0.60, 0.62, 0.64), (0.14, 0.15, 0.17), (0.50, 0.10, 0.10), (0.16, 0.24, 0.40))


@dataclass(frozen=True)
class Storey:
    """One floor: its height in the picture and what its windows are like."""

    top: float
    bottom: float
    style: WindowStyle
    opening: tuple[float, float, float]
    hood: Literal["", "flat", "gable", "arc"]
    sill: bool
    balcony: Literal["", "each", "middle", "long"]
    closing: Literal["", "roller", "shutters"]


@dataclass(frozen=True)
class Plan:
    """A house: where it stands, its storeys from the top down, its bays from left to right."""

    house: Box
    ground: Box
    storeys: tuple[Storey, ...]
    bays: tuple[Box, ...]
    window_width: float
    pillars: bool
    bands: bool
    railing: Literal["iron", "stone"]
    shops: bool


def draw(seed: int) -> tuple[Pixels, Pixels]:
    """Draw one façade.

    Args:
        seed: 0 or larger; the same seed gives the same samples on every machine.

    Returns:
        The photograph and its label map in the exact class colours; both uint8, (SIZE, SIZE, 3).
    """
    dice = Dice(seed)
    canvas = Canvas()
    light = Light(
        dice.pick((-1, 1)) * dice.between(0.3, 1.0), dice.between(0.6, 1.3), 0.7, dice.between(0.4, 1.0)
    )
    if dice.chance(0.55):  # direct sun
        light = Light(light.x, light.y + 0.3, dice.between(0.46, 0.6), 0.15)
    plan = _plan(dice)
    materials = _materials(dice)
    _surroundings(canvas, dice, light, plan)
    _walls(canvas, dice, light, plan, materials)
    _upper_storeys(canvas, dice, light, plan, materials)
    _ground_storey(canvas, dice, light, plan, materials)
    _weather(canvas, dice, light, plan)
    _clutter(canvas, dice, light, plan)
    _foreground(canvas, dice, plan)
    image, classes = _placed(canvas, dice)
    return _photograph(image, dice), paint(classes)


def _plan(dice: Dice) -> Plan:
    left = dice.between(2, 26) if dice.chance(0.65) else -4
    right = SIZE - dice.between(2, 26) if dice.chance(0.65) else SIZE + 4
    top, bottom = dice.between(2, 50), dice.between(232, 254)
    floors = dice.whole(2, 5)
    ground_height = (bottom - top) / (floors + 1) * dice.between(1.0, 1.3)
    house, ground = Box(left, top, right, bottom), Box(left, bottom - ground_height, right, bottom)
    eaves = dice.between(7, 15)
    height = (ground.top - top - eaves) / floors
    bay_count = min(max(int(house.width / (height * dice.between(0.75, 1.25)) + 0.5), 3), 9)
    margin = dice.between(3, 12)
    inner = Box(left + margin, top, right - margin, bottom)
    bays = tuple(inner.part(index / bay_count, 0, (index + 1) / bay_count, 1) for index in range(bay_count))
    width = bays[0].width * dice.between(0.38, 0.60)
    common = _storey(dice, 0, 1, width)
    storeys = []
    for floor in range(floors):
        floor_top = top + eaves + floor * height
        own = _storey(dice, floor_top, floor_top + height, width)
        if dice.chance(0.55):  # mostly as the others
            own = Storey(
                floor_top,
                own.bottom,
                common.style,
                common.opening,
                common.hood,
                common.sill,
                own.balcony,
                common.closing,
            )
        storeys.append(own)
    return Plan(
        house,
        ground,
        tuple(storeys),
        bays,
        width,
        dice.chance(0.3),
        dice.chance(0.6),
        "stone" if dice.chance(0.3) else "iron",
        dice.chance(0.5),
    )


def _storey(dice: Dice, top: float, bottom: float, width: float) -> Storey:
    style = WindowStyle(
        dice.between(0.8, 2.6) if dice.chance(0.75) else 0.0,
        dice.pick(("cross", "tee", "tee", "two", "six", "one")),
        dice.chance(0.18),
        dice.between(1.5, 3.2),
    )
    first = dice.between(0.20, 0.32)
    opening = (first, dice.between(0.76, 0.86), dice.between(0.9, 1.1))
    return Storey(
        top,
        bottom,
        style,
        opening,
        "" if style.arched or dice.chance(0.45) else dice.pick(("flat", "flat", "gable", "arc")),
        dice.chance(0.75),
        "" if dice.chance(0.66) else dice.pick(("each", "middle", "long")),
        "" if dice.chance(0.6) or width < 9 else dice.pick(("roller", "roller", "shutters")),
    )


def _materials(dice: Dice) -> Materials:
    kind = dice.between(0, 1)
    if kind < 0.22:
        wall = textures.brick(dice, dice.vary(dice.pick(_BRICKS), 0.05))
    elif kind < 0.34:
        wall = textures.stone(
            dice, dice.vary(dice.pick(_WALLS), 0.05), dice.between(5, 8), dice.between(11, 18), 0.14
        )
    else:
        wall = textures.plaster(dice, dice.vary(dice.pick(_WALLS), 0.06), dice.between(1.0, 2.4))
    trim = dice.vary(dice.pick(_TRIMS), 0.05)
    likeness = dice.between(0, 0.75)  # trim is often rendered nearly like the wall
    middle = wall[SIZE // 2, SIZE // 2]
    trim = (
        trim[0] + (float(middle[0]) * 1.08 - trim[0]) * likeness,
        trim[1] + (float(middle[1]) * 1.08 - trim[1]) * likeness,
        trim[2] + (float(middle[2]) * 1.08 - trim[2]) * likeness,
    )
    return Materials(
        wall,
        textures.plaster(dice, trim, dice.between(1.3, 2.2)),
        trim,
        textures.glass(dice),
        dice.pick(_FRAMES),
        dice.vary((0.17, 0.17, 0.18), 0.05),
        dice.vary(
            dice.pick(((0.40, 0.25, 0.14), (0.28, 0.19, 0.13), (0.20, 0.28, 0.22), (0.48, 0.34, 0.2))), 0.04
        ),
        dice.vary(dice.pick(_SLATS), 0.05),
    )


def _surroundings(canvas: Canvas, dice: Dice, light: Light, plan: Plan) -> None:
    """Sky, the houses at both sides, the roof, the street."""
    everything = Box(-5, -5, SIZE + 5, SIZE + 5)
    canvas.fill(everything, textures.sky(dice))
    house = plan.house
    for side in (Box(-5, 0, house.left, SIZE), Box(house.right, 0, SIZE + 5, SIZE)):
        if dice.chance(0.8):
            _neighbour(
                canvas, dice, light, Box(side.left, house.top + dice.between(-14, 34), side.right, SIZE)
            )
    if dice.chance(0.7):
        _roof(
            canvas, dice, light, Box(house.left, house.top - dice.between(10, 30), house.right, house.top + 1)
        )
    street = textures.paving(dice, dice.vary((0.47, 0.46, 0.45), 0.06))
    canvas.fill(Box(-5, house.bottom - 2, SIZE + 5, SIZE + 5), street)


def _neighbour(canvas: Canvas, dice: Dice, light: Light, box: Box) -> None:
    wall = textures.plaster(dice, dice.vary(dice.pick(_WALLS), 0.08), 1.2)
    canvas.fill(box, wall)
    canvas.fill(Box(box.left, box.top - 4, box.right, box.top + 2), (0.36, 0.30, 0.27))
    canvas.darken(Box(box.left, box.top + 2, box.right, box.top + 6), 0.7, 2)
    step = dice.between(28, 42)
    wide = dice.between(8, 13)
    x = box.right - wide - 5 if box.left < 0 else box.left + 6
    y = box.top + 12
    while y < box.bottom - 30:
        place = Box(x, y, x + wide, y + step * 0.52)
        canvas.fill(place.grown(1.5), shade(dice.pick(_TRIMS), 0.95))
        canvas.fill(place, dice.vary((0.24, 0.27, 0.30), 0.06))
        canvas.fill(Box(place.middle - 0.6, place.top, place.middle + 0.6, place.bottom), (0.78, 0.78, 0.76))
        canvas.darken(Box(place.left, place.top, place.right, place.top + 2), 0.6, 1.5)
        y += step


def _roof(canvas: Canvas, dice: Dice, light: Light, box: Box) -> None:
    colour = dice.vary(dice.pick(_ROOFS), 0.04)
    slope = dice.between(0, 0.8)

    def cut(x: Array, y: Array) -> Array:
        inset = (box.bottom - y) * slope
        return ramp(x - box.left - inset + 0.5) * ramp(box.right - inset - x + 0.5)

    for _ in range(dice.whole(0, 3)):  # chimneys
        x = dice.between(box.left + 20, box.right - 30)
        chimney = Box(x, box.top - dice.between(5, 12), x + dice.between(5, 9), box.top + 6)
        canvas.fill(chimney, dice.vary((0.52, 0.36, 0.29), 0.08))
        canvas.darken(chimney.part(0.6 if light.x > 0 else 0, 0, 1 if light.x > 0 else 0.4, 1), 0.7)
        canvas.darken(Box(chimney.left - 1, chimney.top, chimney.right + 1, chimney.top + 1.5), 0.7)
    canvas.fill(box, textures.tiles(dice, colour), cut=cut)
    canvas.darken(Box(box.left, box.top, box.right, box.top + 1.5), 0.75, cut=cut)
    if box.height > 18 and dice.chance(0.6):
        count = dice.whole(2, 4)
        for index in range(count):
            middle = box.left + box.width * (index + 0.5) / count
            _dormer(canvas, dice, light, Box(middle - 6, box.bottom - 15, middle + 6, box.bottom - 2))


def _dormer(canvas: Canvas, dice: Dice, light: Light, box: Box) -> None:
    light.cast(canvas, box, 3)
    canvas.fill(box, (0.74, 0.71, 0.66))
    pane = box.grown(-2.2, -2.6)
    canvas.fill(pane, dice.vary((0.22, 0.25, 0.29), 0.06))
    canvas.fill(Box(pane.middle - 0.6, pane.top, pane.middle + 0.6, pane.bottom), (0.82, 0.82, 0.8))
    canvas.fill(Box(box.left - 1.5, box.top - 1.5, box.right + 1.5, box.top + 1), (0.40, 0.33, 0.29))
    canvas.mark(pane, INDEX["window"])


def _walls(canvas: Canvas, dice: Dice, light: Light, plan: Plan, materials: Materials) -> None:
    house, ground = plan.house, plan.ground
    canvas.fill(house, materials.wall)
    canvas.mark(house, INDEX["facade"])
    if dice.chance(0.55):
        own = dice.chance(0.5)
        colour = dice.vary(materials.trim_colour if own else (0.58, 0.54, 0.48), 0.04)
        blocks = textures.stone(dice, shade(colour, 0.92), dice.between(6, 10), dice.between(14, 26))
        canvas.fill(ground, blocks)
    plinth = Box(house.left, house.bottom - dice.between(5, 11), house.right, house.bottom)
    canvas.darken(plinth, dice.between(0.68, 0.88))
    canvas.darken(Box(plinth.left, plinth.top, plinth.right, plinth.top + 1), 1.2)


def _upper_storeys(canvas: Canvas, dice: Dice, light: Light, plan: Plan, materials: Materials) -> None:
    house = plan.house
    eaves = Box(house.left - 2, house.top, house.right + 2, plan.storeys[0].top)
    if plan.bands:
        for storey in plan.storeys[1:]:
            if dice.chance(0.7):
                high = dice.between(2.5, 5)
                band = Box(house.left, storey.top - high / 2, house.right, storey.top + high / 2)
                elements.band(canvas, light, materials, band, 1.5, 0)
    base = Box(house.left, plan.ground.top - dice.between(3, 7), house.right, plan.ground.top + 2)
    elements.band(canvas, light, materials, base, 2.5, 0)
    if plan.pillars:
        wide = dice.between(3.5, 6)
        for x in [plan.bays[0].left] + [bay.right for bay in plan.bays]:
            place = Box(x - wide / 2, eaves.bottom + 2, x + wide / 2, base.top)
            elements.pillar(canvas, light, materials, place)
    deco = dice.chance(0.35)
    for storey in plan.storeys:
        _storey_windows(canvas, dice, light, plan, materials, storey, deco)
    elements.band(
        canvas, light, materials, eaves, dice.between(4, 9), dice.between(3, 5) if dice.chance(0.6) else 0
    )


def _storey_windows(
    canvas: Canvas, dice: Dice, light: Light, plan: Plan, materials: Materials, storey: Storey, deco: bool
) -> None:
    height = storey.bottom - storey.top
    first, last, wider = storey.opening
    half = plan.window_width * wider / 2
    boxes = [
        Box(bay.middle - half, storey.top + first * height, bay.middle + half, storey.top + last * height)
        for bay in plan.bays
    ]
    boxes = [box.moved(dice.between(-0.4, 0.4), dice.between(-0.4, 0.4)) for box in boxes]
    middle = len(boxes) // 2
    aprons = storey.sill and dice.chance(0.35)
    if deco:
        _ornaments(canvas, dice, light, materials, boxes)
    for index, box in enumerate(boxes):
        if storey.hood:
            high = min(height * (0.10 if storey.hood == "flat" else 0.15), box.top - storey.top - 1.5)
            hood = Box(
                box.left - 3,
                box.top - storey.style.casing - high - 0.5,
                box.right + 3,
                box.top - storey.style.casing,
            )
            elements.cornice(canvas, light, materials, hood, storey.hood)
        elements.window(canvas, dice, light, materials, box, storey.style)
        if storey.closing == "roller" and not storey.style.arched and dice.chance(0.55):
            elements.blind(canvas, dice, materials, box, dice.pick((0.25, 0.4, 0.6, 0.95)))
        elif (
            storey.closing == "shutters" and box.width * 1.95 < plan.bays[0].width and not storey.style.arched
        ):
            elements.shutters(canvas, dice, light, materials, box)
        alone = storey.balcony == "each" or (
            storey.balcony == "middle" and index in {middle, len(boxes) - 1 - middle}
        )
        if alone:
            place = Box(box.left - 4, box.bottom - height * 0.30, box.right + 4, box.bottom + 2)
            elements.balcony(canvas, dice, light, materials, place, plan.railing)
        elif aprons and storey.balcony != "long":
            low = min(box.bottom + height * 0.16, storey.bottom - 1)
            elements.sill(
                canvas, dice, light, materials, Box(box.left - 1.5, box.bottom, box.right + 1.5, low)
            )
        elif storey.sill and storey.balcony != "long":
            elements.sill(
                canvas, dice, light, materials, Box(box.left - 2, box.bottom, box.right + 2, box.bottom + 2.6)
            )
    if storey.balcony == "long":
        bottom = boxes[0].bottom + 2
        place = Box(boxes[0].left - 5, bottom - height * 0.32, boxes[-1].right + 5, bottom)
        elements.balcony(canvas, dice, light, materials, place, plan.railing)


def _ornaments(canvas: Canvas, dice: Dice, light: Light, materials: Materials, boxes: list[Box]) -> None:
    """Reliefs on the wall between the windows of a storey."""
    for before, after in itertools.pairwise(boxes):
        gap = after.left - before.right
        if gap > 9:
            middle, half = (before.right + after.left) / 2, min(gap * 0.3, 6)
            top = before.top + before.height * 0.1
            place = Box(middle - half, top, middle + half, top + min(half * 2.4, before.height * 0.7))
            elements.deco(canvas, dice, light, materials, place)


def _ground_storey(canvas: Canvas, dice: Dice, light: Light, plan: Plan, materials: Materials) -> None:
    ground = plan.ground
    entrance = dice.whole(0, len(plan.bays) - 1)
    arched = dice.chance(0.4)
    style = WindowStyle(dice.between(0, 2), dice.pick(("cross", "two", "one")), dice.chance(0.3), 2.5)
    half = plan.window_width / 2
    for index, bay in enumerate(plan.bays):
        if index == entrance:
            wide = max(half * dice.between(1.0, 1.25), 6)
            place = Box(
                bay.middle - wide, ground.top + ground.height * 0.22, bay.middle + wide, ground.bottom - 1.5
            )
            elements.door(canvas, dice, light, materials, place, arched)
        elif plan.shops and dice.chance(0.8):
            place = Box(bay.left + 1.5, ground.top + ground.height * 0.16, bay.right - 1.5, ground.bottom - 3)
            elements.shop(canvas, dice, light, materials, place)
        elif dice.chance(0.9):
            place = Box(
                bay.middle - half,
                ground.top + ground.height * 0.24,
                bay.middle + half,
                ground.top + ground.height * 0.72,
            )
            elements.window(canvas, dice, light, materials, place, style)
            if dice.chance(0.7):
                lower = Box(place.left - 2, place.bottom, place.right + 2, place.bottom + 2.4)
                elements.sill(canvas, dice, light, materials, lower)


def _weather(canvas: Canvas, dice: Dice, light: Light, plan: Plan) -> None:
    """Dirt, uneven light, gutters, and the shadow of what stands opposite."""
    house = plan.house
    dirt = (
        1
        + 0.06 * noise(dice, 70)
        + 0.04 * noise(dice, 5, 60)
        + 0.05 * noise(dice, 22)
        + 0.05 * noise(dice, 2.2)
    )
    canvas.fill(Box(house.left, house.top, house.right, SIZE + 9), canvas.image * dirt[..., None])
    canvas.darken(Box(house.left, house.bottom - 22, house.right, house.bottom + 4), 0.86, 34)
    canvas.darken(Box(house.left, house.bottom - 1.5, house.right, house.bottom + 1.5), 0.6, 3)
    if dice.chance(0.5):
        x = dice.pick((house.left + 2, house.right - 3.5))
        pipe = Box(x, house.top + 8, x + 2.0, house.bottom)
        light.cast(canvas, pipe, 1.5)
        canvas.fill(pipe, dice.vary((0.46, 0.45, 0.43), 0.08))
        canvas.darken(Box(pipe.right - 0.9, pipe.top, pipe.right, pipe.bottom), 0.7)
    if dice.chance(0.45):
        start, slant, waves = dice.between(60, 230), dice.between(-0.7, 0.7), 14 * noise(dice, 45)

        def shadow(x: Array, y: Array) -> Array:
            ragged = waves[int(y[0, 0]) : int(y[-1, 0]) + 1, int(x[0, 0]) : int(x[0, -1]) + 1]
            return ramp((y - start - slant * (x - SIZE / 2) + ragged) / 7)

        canvas.darken(Box(house.left, house.top, house.right, SIZE + 9), max(light.shadow, 0.52), cut=shadow)


def _clutter(canvas: Canvas, dice: Dice, light: Light, plan: Plan) -> None:
    """Plates, lamps, posters, vents, cables, patches of other render: what nobody planned."""
    house, ground = plan.house, plan.ground
    for _ in range(dice.whole(2, 7)):
        x, y = dice.between(house.left + 4, house.right - 10), dice.between(ground.top + 4, ground.bottom - 8)
        plate = Box(x, y, x + dice.between(2, 7), y + dice.between(2, 6))
        hue = dice.pick(
            ((0.8, 0.8, 0.78), (0.65, 0.12, 0.1), (0.12, 0.25, 0.5), (0.85, 0.75, 0.2), (0.2, 0.2, 0.2))
        )
        light.cast(canvas, plate, 0.8)
        canvas.fill(plate, dice.vary(hue, 0.06), 0.9)
        canvas.darken(plate.part(0.15, 0.35, 0.85, 0.6), 0.7)
    for _ in range(dice.whole(0, 8)):
        x, y = dice.between(house.left, house.right), dice.between(house.top, house.bottom)
        patch = Box(x, y, x + dice.between(4, 22), y + dice.between(3, 14))
        canvas.darken(patch, dice.between(0.9, 1.07), 3)
    for _ in range(dice.whole(0, 2)):
        y = dice.between(house.top + 30, ground.bottom - 10)
        canvas.fill(Box(house.left, y, house.right, y + 0.5), (0.2, 0.2, 0.2), 0.5)
    for _ in range(dice.whole(0, 3)):
        bay = dice.pick(plan.bays)
        y = dice.between(house.top + 25, ground.top)
        unit = Box(bay.left - 2, y, bay.left + 4, y + 4)
        light.cast(canvas, unit, 2)
        canvas.fill(unit, (0.74, 0.74, 0.72))
        canvas.darken(unit.part(0.15, 0.2, 0.65, 0.8), 0.6)


def _foreground(canvas: Canvas, dice: Dice, plan: Plan) -> None:
    """Cars, trees, people, a lamp post, wires: no class of their own."""
    floor = plan.house.bottom
    if dice.chance(0.5):
        size = plan.ground.height * dice.between(0.42, 0.6)
        for _ in range(dice.whole(1, 3)):
            _car(
                canvas, dice, dice.between(-40, SIZE - 30), max(floor, SIZE - 12) + dice.between(3, 15), size
            )
    for _ in range(dice.whole(0, 3)):
        _person(
            canvas, dice, dice.between(8, SIZE - 8), floor + dice.between(0, 4), plan.ground.height * 0.48
        )
    if dice.chance(0.32):
        _tree(canvas, dice, dice.between(-10, SIZE + 10), floor)
    if dice.chance(0.3):
        x = dice.between(20, SIZE - 20)
        canvas.fill(Box(x, dice.between(60, 140), x + 1.6, SIZE), (0.22, 0.23, 0.23), 0.9)
    if dice.chance(0.25):
        start, slope, sag = dice.between(20, 110), dice.between(-0.15, 0.15), dice.between(0.0002, 0.0008)

        def wire(x: Array, y: Array) -> Array:
            return ramp(0.95 - np.abs(y - start - slope * x - sag * (x - SIZE / 2) * (x - SIZE / 2)))

        canvas.fill(Box(0, 0, SIZE, SIZE), (0.15, 0.15, 0.16), 0.7, cut=wire)


def _car(canvas: Canvas, dice: Dice, left: float, bottom: float, high: float) -> None:
    long, wheels = high * dice.between(2.7, 3.3), high * 0.26
    body = Box(left, bottom - high * 0.62, left + long, bottom - 2.5)
    cabin = Box(left + long * 0.18, bottom - high, left + long * 0.8, body.top + 2)
    colour = dice.vary(dice.pick(_CARS), 0.06)
    canvas.darken(Box(left + 1, bottom - 3, left + long - 1, bottom + 1.5), 0.35, 3)
    canvas.fill(cabin, colour, cut=_rounded(cabin, 0.34))
    glass = cabin.grown(-2.2, -1.6)
    canvas.fill(glass, (0.16, 0.19, 0.22), cut=_rounded(glass, 0.34))
    canvas.fill(glass.part(0, 0, 1, 0.4), (0.65, 0.72, 0.78), 0.5, 2, _rounded(glass, 0.34))
    canvas.fill(Box(glass.middle - 0.8, glass.top, glass.middle + 0.8, glass.bottom), colour)
    canvas.fill(body, colour, cut=_rounded(body, 0.10))
    canvas.darken(body.part(0, 0, 1, 0.25), 1.35, 2, _rounded(body, 0.10))
    canvas.darken(body.part(0, 0.62, 1, 1), 0.62, 3, _rounded(body, 0.10))
    canvas.fill(body.part(0.0, 0.18, 0.05, 0.42), (0.85, 0.8, 0.7), 0.8)
    canvas.fill(body.part(0.95, 0.18, 1.0, 0.42), (0.6, 0.1, 0.08), 0.8)
    for place in (0.2, 0.79):
        x, y = left + place * long, bottom - wheels * 0.75
        for radius, tone in ((wheels, 0.07), (wheels * 0.55, 0.45)):
            wheel = Box(x - radius, y - radius, x + radius, y + radius)
            canvas.fill(wheel, (tone, tone, tone), cut=_ellipse(wheel))


def _person(canvas: Canvas, dice: Dice, x: float, bottom: float, high: float) -> None:
    cloth = dice.vary(
        dice.pick(((0.2, 0.22, 0.3), (0.45, 0.2, 0.2), (0.3, 0.32, 0.28), (0.6, 0.58, 0.55))), 0.08
    )
    canvas.darken(Box(x - 3, bottom - 1.5, x + 4, bottom + 1), 0.5, 2)
    for side in (-1.5, 0.4):
        canvas.fill(Box(x + side, bottom - high * 0.48, x + side + 1.6, bottom), (0.16, 0.17, 0.22))
    coat = Box(x - 2.6, bottom - high * 0.86, x + 2.6, bottom - high * 0.4)
    canvas.fill(coat, cloth, cut=_rounded(coat, 0.15))
    head = Box(x - 1.5, bottom - high, x + 1.5, bottom - high * 0.84)
    canvas.fill(head, (0.62, 0.46, 0.38), cut=_ellipse(head))
    canvas.fill(Box(head.left, head.top - 0.5, head.right, head.top + 1.3), (0.2, 0.15, 0.12), 0.9)


def _tree(canvas: Canvas, dice: Dice, x: float, bottom: float) -> None:
    leaves, field = textures.foliage(
        dice, dice.vary(dice.pick(((0.26, 0.36, 0.16), (0.2, 0.28, 0.14))), 0.04)
    )
    high, wide = dice.between(50, 130), dice.between(34, 60)
    canvas.fill(Box(x - 2, bottom - high * 0.6, x + 2, bottom + 3), (0.24, 0.19, 0.15))
    middle = bottom - high * 0.62

    def crown(across: Array, down: Array) -> Array:
        rows = slice(int(down[0, 0]), int(down[-1, 0]) + 1)
        columns = slice(int(across[0, 0]), int(across[0, -1]) + 1)
        u, v = (across - x) / (wide / 2), (down - middle) / (high * 0.46)
        return ramp((1 - u * u - v * v + 1.1 * field[rows, columns]) * 5)

    around = Box(x - wide, middle - high, x + wide, bottom + 4)
    canvas.darken(around.moved(4, 5), 0.7, cut=crown)
    canvas.fill(around, leaves, 0.96, cut=crown)


def _placed(canvas: Canvas, dice: Dice) -> tuple[Array, npt.NDArray[np.uint8]]:
    """Where the camera stood: a slight slant and barrel distortion, as rectified photographs have.

    What lies outside the photograph (wedges at the sides, for some) is black or gray background.
    """
    at = (np.arange(SIZE, dtype=np.float64) + 0.5 - SIZE / 2) / (SIZE / 2)
    y, x = at[:, None], at[None, :]
    bulge, far = dice.between(-0.006, 0.012), x * x + y * y
    slant, lean = dice.between(-0.006, 0.006), dice.between(-0.008, 0.008)
    across = x * (1 + bulge * (far - 1)) + slant * y + lean * x * y
    down = y * (1 + bulge * (far - 1)) - slant * x
    row, column = (
        np.minimum(np.maximum((v + 1) * (SIZE / 2) - 0.5, 0), SIZE - 1.001) for v in (down, across)
    )
    top, left = row.astype(np.intp), column.astype(np.intp)
    v, u = (row - top)[..., None], (column - left)[..., None]
    image = canvas.image
    upper = image[top, left] * (1 - u) + image[top, left + 1] * u
    lower = image[top + 1, left] * (1 - u) + image[top + 1, left + 1] * u
    placed: Array = upper * (1 - v) + lower * v
    classes = canvas.classes[(row + 0.5).astype(np.intp), (column + 0.5).astype(np.intp)]
    if dice.chance(0.3):
        sides = [dice.between(-0.1, 0.16) for _ in range(4)]
        edge = np.minimum(
            1 + x - sides[0] * (1 + y) / 2 - sides[1] * (1 - y) / 2,
            1 - x - sides[2] * (1 + y) / 2 - sides[3] * (1 - y) / 2,
        )
        inside = ramp(edge * (SIZE / 2) + 0.5)
        beyond = dice.pick((0.0, 0.0, 0.0, 0.5))
        placed = placed * inside[..., None] + beyond * (1 - inside[..., None])
        classes = np.where(inside >= 0.5, classes, INDEX["background"]).astype(np.uint8)
    return placed, classes


def _photograph(image: Array, dice: Dice) -> Pixels:
    """Lens, sensor and development: blur, vignette, cast, contrast, noise, rounding to 8 bits."""
    image = _blurred(image, dice.between(0.0, 0.5))
    across = (np.arange(SIZE) + 0.5 - SIZE / 2) / (SIZE / 2)
    far = across[:, None] * across[:, None] + across * across
    image = image * (1 - dice.between(0.02, 0.10) * far)[..., None]
    warm = dice.between(-0.05, 0.06)
    image = image * np.array([1 + warm, 1 + warm * 0.2, 1 - warm]) * dice.between(0.90, 1.08)
    image = ramp(image)
    strength = dice.between(0.1, 0.55)
    image = image * (1 - strength) + strength * image * image * (3 - 2 * image)
    gray = (image[..., 0] * 0.3 + image[..., 1] * 0.59 + image[..., 2] * 0.11)[..., None]
    image = gray + (image - gray) * dice.between(0.5, 0.98)
    # Sum of three uniforms: nearly normal, with a standard deviation of a half.
    grain = dice.many(3, SIZE, SIZE)
    luma_noise = grain[0] + grain[1] + grain[2] - 1.5
    chroma_noise = dice.many(SIZE, SIZE, 3) - 0.5
    amount = dice.between(0.008, 0.026)
    image = image + amount * (luma_noise[..., None] * (1.1 - 0.5 * gray) + 0.5 * chroma_noise)
    image = image + dice.between(0.1, 0.5) * (image - _blurred(image, 0.9))  # the camera sharpens
    return np.floor(ramp(image) * 255 + 0.5).astype(np.uint8)


def _blurred(image: Array, amount: float) -> Array:
    """The image mixed with itself under a (1 2 1) kernel both ways."""
    for axis in (0, 1):
        padded = np.concatenate([image.take([0], axis), image, image.take([-1], axis)], axis)
        before, after = padded.take(range(SIZE), axis), padded.take(range(2, SIZE + 2), axis)
        image = image + (amount / 4) * ((before - image) + (after - image))
    return image


def _rounded(box: Box, slant: float) -> Cut:
    """A box with a rounded top, narrower at the top by ``slant`` of its height at each side."""
    inset = slant * box.width / 2

    def cut(x: Array, y: Array) -> Array:
        rest = ramp((box.bottom - y) / max(box.height, 1))
        narrow = inset * rest * rest
        return ramp(x - box.left - narrow + 0.5) * ramp(box.right - narrow - x + 0.5)

    return cut


def _ellipse(box: Box) -> Cut:
    def cut(x: Array, y: Array) -> Array:
        u, v = (x - box.middle) / (box.width / 2), (y - (box.top + box.bottom) / 2) / (box.height / 2)
        return ramp((1 - np.sqrt(u * u + v * v)) * box.width / 2 + 0.5)

    return cut
