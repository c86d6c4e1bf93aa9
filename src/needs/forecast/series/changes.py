"""How far children looked after in an authority have moved, by what was known at each origin.

Quantiles of relative changes of the count at 31 March, over one to five years, pooled over every
authority of England and every window that ended by the origin; the first origin of a window is
2011. They are the pooled, scaled errors of the last value (split conformal prediction: Vovk,
Gammerman and Shafer, *Algorithmic Learning in a Random World*, 2005) for a study that has no
counts of other authorities. Made from the Department for Education's counts of 2010 to 2023
(*Children looked after in England including adoptions*, local authority tables, releases 2010
to 2023); a test makes them again where those are at hand.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

__all__ = ["CHANGES", "LEVELS_OF", "changes_known"]

LEVELS_OF = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
"""Probabilities of the quantiles."""

CHANGES: Mapping[int, tuple[tuple[float, ...], ...]] = {
    2015: (
        (-0.1298, -0.0714, -0.0292, 0.0157, 0.0667, 0.1236, 0.1815),
        (-0.1913, -0.0999, -0.0446, 0.0289, 0.1088, 0.2111, 0.3202),
        (-0.2173, -0.1180, -0.0484, 0.0400, 0.1663, 0.2821, 0.4983),
        (-0.2106, -0.1435, -0.0439, 0.0678, 0.1965, 0.3548, 0.5487),
    ),
    2016: (
        (-0.1175, -0.0710, -0.0301, 0.0131, 0.0651, 0.1236, 0.1870),
        (-0.1680, -0.1001, -0.0439, 0.0274, 0.1055, 0.2015, 0.3212),
        (-0.2137, -0.1169, -0.0485, 0.0340, 0.1536, 0.2741, 0.4886),
        (-0.2490, -0.1394, -0.0503, 0.0687, 0.1886, 0.3597, 0.5511),
        (-0.2349, -0.1366, -0.0512, 0.1023, 0.2380, 0.3534, 0.6000),
    ),
    2017: (
        (-0.1148, -0.0709, -0.0285, 0.0177, 0.0719, 0.1270, 0.1922),
        (-0.1649, -0.0957, -0.0418, 0.0305, 0.1157, 0.2118, 0.3173),
        (-0.2062, -0.1093, -0.0456, 0.0428, 0.1565, 0.2701, 0.4669),
        (-0.2100, -0.1331, -0.0487, 0.0706, 0.2009, 0.3540, 0.5536),
        (-0.2235, -0.1249, -0.0453, 0.0961, 0.2711, 0.3956, 0.6082),
    ),
    2018: (
        (-0.1187, -0.0686, -0.0253, 0.0198, 0.0735, 0.1264, 0.1952),
        (-0.1646, -0.0924, -0.0379, 0.0377, 0.1278, 0.2185, 0.3264),
        (-0.1947, -0.1050, -0.0395, 0.0556, 0.1667, 0.2849, 0.4707),
        (-0.2015, -0.1213, -0.0437, 0.0742, 0.2089, 0.3536, 0.5440),
        (-0.2121, -0.1207, -0.0384, 0.0994, 0.2661, 0.4081, 0.6228),
    ),
    2019: (
        (-0.1147, -0.0660, -0.0239, 0.0224, 0.0743, 0.1297, 0.1955),
        (-0.1632, -0.0920, -0.0329, 0.0431, 0.1298, 0.2195, 0.3378),
        (-0.1880, -0.1029, -0.0314, 0.0615, 0.1800, 0.2949, 0.4910),
        (-0.1930, -0.1175, -0.0302, 0.0833, 0.2250, 0.3643, 0.5738),
        (-0.1991, -0.1181, -0.0285, 0.1097, 0.2738, 0.4205, 0.6306),
    ),
    2020: (
        (-0.1092, -0.0656, -0.0253, 0.0211, 0.0737, 0.1285, 0.1959),
        (-0.1570, -0.0894, -0.0285, 0.0450, 0.1273, 0.2163, 0.3380),
        (-0.1830, -0.0968, -0.0287, 0.0654, 0.1805, 0.2951, 0.4880),
        (-0.1865, -0.1110, -0.0192, 0.0870, 0.2310, 0.3713, 0.5889),
        (-0.1984, -0.1111, -0.0193, 0.1155, 0.2786, 0.4272, 0.6647),
    ),
    2021: (
        (-0.1145, -0.0674, -0.0260, 0.0195, 0.0714, 0.1240, 0.1944),
        (-0.1634, -0.0902, -0.0309, 0.0415, 0.1223, 0.2104, 0.3367),
        (-0.1793, -0.0943, -0.0277, 0.0650, 0.1737, 0.2887, 0.4847),
        (-0.1760, -0.1108, -0.0176, 0.0875, 0.2280, 0.3651, 0.5833),
        (-0.1957, -0.1102, -0.0102, 0.1194, 0.2798, 0.4385, 0.6754),
    ),
    2022: (
        (-0.1191, -0.0678, -0.0263, 0.0186, 0.0709, 0.1241, 0.1953),
        (-0.1657, -0.0918, -0.0314, 0.0406, 0.1185, 0.2021, 0.3298),
        (-0.1851, -0.0972, -0.0295, 0.0642, 0.1674, 0.2810, 0.4654),
        (-0.1788, -0.1101, -0.0196, 0.0870, 0.2230, 0.3589, 0.5737),
        (-0.1962, -0.1108, -0.0068, 0.1197, 0.2733, 0.4238, 0.6710),
    ),
    2023: (
        (-0.1192, -0.0681, -0.0265, 0.0186, 0.0714, 0.1234, 0.1943),
        (-0.1659, -0.0918, -0.0323, 0.0397, 0.1184, 0.2005, 0.3260),
        (-0.1862, -0.1007, -0.0309, 0.0618, 0.1659, 0.2745, 0.4370),
        (-0.1865, -0.1144, -0.0215, 0.0857, 0.2127, 0.3464, 0.5503),
        (-0.1965, -0.1111, -0.0101, 0.1176, 0.2705, 0.4096, 0.6331),
    ),
}
"""Year of the origin -> one row a horizon, from one year on."""


def changes_known(year: int, ahead: int) -> npt.NDArray[np.float64] | None:
    """Return quantiles of relative changes over some years that were known at a 31 March.

    Parameters
    ----------
    year : int
        Of the origin. Later than the last one known, the last one is taken.
    ahead : int
        Years ahead, from one.

    Returns
    -------
    ndarray of float, shape (7,), or None
        At :data:`LEVELS_OF`, as shares of the count at the origin; None where the origin is
        too early, or no window is so long.
    """
    rows = CHANGES.get(min(year, max(CHANGES)))
    if rows is None or not 1 <= ahead <= len(rows):
        return None
    return np.array(rows[ahead - 1])
