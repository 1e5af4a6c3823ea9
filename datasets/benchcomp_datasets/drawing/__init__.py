"""Draws façades that look like photographs, with exact label maps, from nothing but a seed.

Every machine draws the same samples: random numbers come from the bit generator alone (whose stream
NumPy keeps, unlike its distributions), and samples go through nothing but element-wise IEEE additions,
multiplications, divisions and square roots, in a fixed order.
"""

from benchcomp_datasets.drawing.scene import SIZE, draw

__all__ = ["SIZE", "draw"]
