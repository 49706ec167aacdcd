"""Named points of the teacher's 478, as the changes of photographs need them."""

from __future__ import annotations

# From the viewer's left corner of the mouth to the other, along the upper or the lower lip.
UPPER_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
UPPER_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LOWER_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
INNER_LIPS = tuple(dict.fromkeys(UPPER_INNER + LOWER_INNER))
# Inner and outer rims and what lies between them.
_BETWEEN = (
    *(62, 76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 292, 408, 304, 303, 302, 11, 72),
    *(
        73,
        74,
        184,
        183,
        42,
        41,
        38,
        12,
        268,
        271,
        272,
        407,
        96,
        89,
        179,
        86,
        15,
        316,
        403,
        319,
        325,
    ),
)
LIPS = tuple(dict.fromkeys((*INNER_LIPS, *UPPER_OUTER, *LOWER_OUTER, *_BETWEEN)))
# Rims of the lids from the outer corner to the inner, upper and lower; "right" is the subject's.
RIGHT_LIDS = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
)
LEFT_LIDS = (
    (263, 466, 388, 387, 386, 385, 384, 398, 362),
    (263, 249, 390, 373, 374, 380, 381, 382, 362),
)
# The face's outline, clockwise from the top.
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
