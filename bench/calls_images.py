"""Small calls of the functions that slide windows over images, or resize them: see bench/calls.py."""

import numpy as np

from bench.calls import Call, numbers

WAVES, IMAGES, VOLUMES = numbers(2, 3, 8), numbers(2, 3, 8, 8), numbers(1, 2, 4, 4, 4)
COLUMNS = numbers(2, 12, 16)  # of patches of 2 x 2 of images of 8 x 8 with 3 channels
FOUND = np.arange(0, 64, 4).reshape(4, 4) + np.zeros((2, 3, 1, 1), np.int64)

CONVOLUTIONS = [
    Call("F.conv1d", WAVES, numbers(4, 3, 3), numbers(4)),
    Call("F.conv2d", IMAGES, numbers(4, 3, 3, 3), numbers(4)),
    Call("F.conv2d", IMAGES, numbers(4, 3, 3, 3), None, 2, 1),
    Call("F.conv2d", IMAGES, numbers(3, 1, 3, 3), padding="same", groups=3),
    Call("F.conv3d", VOLUMES, numbers(3, 2, 2, 2, 2)),
    Call("F.conv_transpose1d", WAVES, numbers(3, 4, 3), numbers(4)),
    Call("F.conv_transpose2d", IMAGES, numbers(3, 4, 2, 2), numbers(4), 2),
    Call("F.conv_transpose3d", VOLUMES, numbers(2, 3, 2, 2, 2)),
]

POOLING = [
    Call("F.max_pool1d", WAVES, 2),
    Call("F.max_pool2d", IMAGES, 2),
    Call("F.max_pool2d", IMAGES, 3, 2, 1),
    Call("F.max_pool2d", IMAGES, 2, return_indices=True),
    Call("F.max_pool3d", VOLUMES, 2),
    Call("F.avg_pool1d", WAVES, 2),
    Call("F.avg_pool2d", IMAGES, 2),
    Call("F.avg_pool2d", IMAGES, 3, 2, 1, count_include_pad=False),
    Call("F.avg_pool3d", VOLUMES, 2),
    Call("F.lp_pool1d", np.abs(WAVES), 2, 2),
    Call("F.lp_pool2d", np.abs(IMAGES), 2, 2),
    Call("F.max_unpool2d", numbers(2, 3, 4, 4), FOUND, 2),
    *[
        Call(f"F.adaptive_{kind}_pool{rank}d", x, results)
        for kind in ("avg", "max")
        for rank, x in ((1, WAVES), (2, IMAGES), (3, VOLUMES))
        for results in (1, 3)
    ],
]

RESIZING = [
    *[Call("F.interpolate", IMAGES, scale_factor=2, mode=mode) for mode in ("nearest", "bilinear", "bicubic")],
    Call("F.interpolate", IMAGES, size=5, mode="bilinear", align_corners=True),
    Call("F.interpolate", WAVES, scale_factor=2, mode="linear"),
    Call("F.interpolate", VOLUMES, scale_factor=2, mode="trilinear"),
    Call("F.unfold", IMAGES, 2, stride=2),
    Call("F.fold", COLUMNS, (8, 8), 2, stride=2),
]

CALLS_IMAGES = [*CONVOLUTIONS, *POOLING, *RESIZING]
