"""What convolutions refuse, with words that say who, what came and what helps."""

import pytest

import pellucid as pc
import pellucid.functional as F
from pellucid import nn
from pellucid.errors import ArgumentError, DtypeError, ShapeError, UnsupportedError

X, W = pc.ones(2, 3, 8, 8), pc.ones(4, 3, 3, 3)
REFUSED = {
    "channels last": (
        lambda: F.conv2d(pc.ones(2, 8, 8, 3), W),
        ShapeError,
        "Channels come second: x.permute(0, 3, 1, 2)",
    ),
    "channels last, alone": (
        lambda: F.conv2d(pc.ones(8, 8, 3), W),
        ShapeError,
        "Channels come first: x.permute(2, 0, 1)",
    ),
    "both counts": (lambda: F.conv2d(pc.ones(2, 5, 8, 8), W), ShapeError, "3 channels, as its weight (4, 3, 3, 3)"),
    "grey images": (lambda: F.conv2d(pc.ones(9, 8, 8), pc.ones(4, 1, 3, 3)), ShapeError, "x.unsqueeze(1)"),
    "one grey image": (lambda: F.conv2d(pc.ones(8, 8), pc.ones(4, 1, 3, 3)), ShapeError, "x.unsqueeze(0)"),
    "flat images": (lambda: F.conv2d(pc.ones(9, 784), W), ShapeError, "(N, C, H, W) or (C, H, W), not (9, 784)"),
    "weight": (lambda: F.conv2d(X, pc.ones(3, 3, 3)), ShapeError, "a weight (O, C / groups, *K) with 4 axes"),
    "groups": (lambda: F.conv2d(X, W, groups=3), ShapeError, "3 groups do not divide the 4 kernels"),
    "groups of channels": (
        lambda: F.conv2d(X, W, groups=2),
        ShapeError,
        "6 channels, as its weight (4, 3, 3, 3) takes in 2",
    ),
    "bias": (lambda: F.conv2d(X, W, pc.ones(3)), ShapeError, "a bias of shape (4,)"),
    "bias as a number": (lambda: F.conv2d(X, W, 3.0), ShapeError, "a bias of shape (4,)"),
    "bias of another dtype": (lambda: F.conv2d(X, W, pc.ones(4).double()), DtypeError, "float32, not float64"),
    "kernel": (lambda: F.conv2d(pc.ones(2, 3, 2, 8), W), ShapeError, "reaches over 3 elements, and there are 2"),
    "dilation": (lambda: F.conv2d(X, W, dilation=4), ShapeError, "with dilation (4, 4)"),
    "padding": (lambda: F.conv2d(X, W, padding=-1), ArgumentError, "padding is at least 0, not -1"),
    "padding word": (lambda: F.conv2d(X, W, padding="full"), ArgumentError, "not 'full'"),
    "same with stride": (lambda: F.conv2d(X, W, stride=2, padding="same"), ArgumentError, "needs a stride of 1"),
    "stride": (lambda: F.conv2d(X, W, stride=0), ArgumentError, "stride is at least 1"),
    "stride count": (lambda: F.conv2d(X, W, stride=(1, 1, 1)), ArgumentError, "a whole number, or 2 of them"),
    "stride float": (lambda: F.conv2d(X, W, stride=1.5), ArgumentError, "not 1.5"),
    "integers": (lambda: F.conv2d(X.long(), W), DtypeError, "not int64 and float32"),
    "two dtypes": (lambda: F.conv2d(X.double(), W), DtypeError, "weight.to(x.dtype)"),
    "transposed channels": (lambda: F.conv_transpose2d(X, W), ShapeError, "4 channels, as its weight"),
    "output padding": (
        lambda: F.conv_transpose2d(X, pc.ones(3, 4, 3, 3), output_padding=1),
        ArgumentError,
        "less than stride (1, 1) or dilation (1, 1)",
    ),
    "nothing left": (
        lambda: F.conv_transpose2d(X, pc.ones(3, 4, 3, 3), padding=5),
        ShapeError,
        "(0, 0) would come out",
    ),
    "layer's groups": (lambda: nn.Conv2d(3, 8, 3, groups=2), ArgumentError, "divide both numbers of channels, 3 and 8"),
    "layer's channels": (lambda: nn.Conv2d(0, 8, 3), ArgumentError, "in_channels is at least 1"),
    "layer's mode": (lambda: nn.Conv2d(3, 8, 3, padding_mode="mirror"), ArgumentError, "not 'mirror'"),
    "transposed mode": (lambda: nn.ConvTranspose2d(3, 8, 3, padding_mode="reflect"), UnsupportedError, "takes away"),
    "layer": (
        lambda: nn.Sequential(nn.Conv2d(3, 8, 3))(pc.ones(1, 4, 8, 8)),
        ShapeError,
        "in Conv2d(3 -> 8, 3x3), layer 0",
    ),
    "unfold": (lambda: F.unfold(pc.ones(1, 1, 2, 2), 3), ShapeError, "(3, 3) do not fit into (2, 2)"),
    "unfold axes": (lambda: F.unfold(pc.ones(2, 2), 1), ShapeError, "not (2, 2)"),
    "fold": (lambda: F.fold(pc.ones(1, 4, 3), (2, 3), 2), ShapeError, "(N, C 4, 2)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    call, error, words = REFUSED[case]
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
