"""What holds for convolutions: both layouts, the rule of sizes, shared weights, shifts; docs/convolution.md runs."""

import re
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from test_convolution import arrays, settings_of, size_of_result

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, ops
from pellucid.engine import Spec

PAGE = Path(__file__).resolve().parent.parent / "docs" / "convolution.md"


def test_channels_last_gives_the_same():
    """NHWC images and HWIO kernels, turned over with permute, give what NCHW and OIHW give."""
    images, kernels = map(pc.tensor, arrays((2, 6, 5, 3), (3, 2, 3, 4)))  # (N, H, W, C), (H, W, I, O)
    y = F.conv2d(images.permute(0, 3, 1, 2), kernels.permute(3, 2, 0, 1), padding=1).permute(0, 2, 3, 1)
    assert y.shape == (2, 6, 6, 4)
    expected = np.zeros(y.shape)
    around = np.pad(images.numpy(), ((0, 0), (1, 1), (1, 1), (0, 0)))
    for i, j in np.ndindex(3, 2):
        expected += around[:, i : i + 6, j : j + 6] @ kernels.numpy()[i, j]
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, atol=1e-12)


def test_a_video_runs_in_both_layouts():
    """(N, frames, H, W, C) and (N, frames, C, H, W) become (N, C, frames, H, W); equal frames give equal frames."""
    pc.manual_seed(2)
    layer = nn.Conv3d(3, 4, (2, 3, 3), padding=(0, 1, 1))
    (frames_last,) = arrays((2, 5, 6, 7, 3))
    video = pc.tensor(frames_last.astype("float32"))
    y = layer(video.permute(0, 4, 1, 2, 3))
    assert y.shape == (2, 4, 4, 6, 7)
    channels_inside = video.permute(0, 1, 4, 2, 3)
    assert pc.equal(layer(channels_inside.permute(0, 2, 1, 3, 4)), y)
    still = pc.ones(1, 3, 5, 6, 7)
    out = layer(still)
    np.testing.assert_allclose(out[:, :, 0].detach().numpy(), out[:, :, 3].detach().numpy(), rtol=1e-5, atol=1e-6)


@given(settings_of())
@settings(max_examples=50, deadline=None)
def test_sizes_follow_the_rule(chosen):
    """Without any numbers (Spec), of NumPy's result, and back: the gradient of x has x's size."""
    *how, x, w = chosen
    op, expected = ops.Convolve(*how), (x[0], w[0], *size_of_result(x, w, *how))
    assert op.infer(Spec(x, "float32"), Spec(w, "float32")).shape == expected
    assert op.forward(*arrays(x, w)).shape == expected
    back = ops.ConvolveInput(*how, x[2:])
    assert back.infer(Spec(expected, "float32"), Spec(w, "float32")).shape == x


def test_a_kernel_has_few_weights_where_a_linear_layer_has_many():
    """One linear map of 3 x 8 x 8 pixels, as a convolution and as the matrix with the same result."""
    conv, dense = nn.Conv2d(3, 6, 3, padding=1, bias=False), nn.Linear(3 * 8 * 8, 6 * 8 * 8, bias=False)
    (kernel,), (matrix,) = conv.parameters(), dense.parameters()
    assert (kernel.numel(), matrix.numel()) == (6 * 3 * 3 * 3, (3 * 64) * (6 * 64)) == (162, 73_728)
    columns = conv(pc.eye(3 * 64).reshape(3 * 64, 3, 8, 8)).flatten(1)  # what each pixel alone gives
    dense.load_state_dict({"weight": columns.T.detach()})
    x = pc.randn(2, 3, 8, 8)
    np.testing.assert_allclose(dense(x.flatten(1)).numpy(), conv(x).flatten(1).numpy(), rtol=1e-4, atol=1e-6)
    assert len(np.unique(columns.detach().numpy())) <= 162 + 1  # every row of the matrix has the same weights, and 0


def test_a_shifted_image_gives_a_shifted_result():
    """Every place has the same kernel: shifting commutes with convolution, apart from the borders."""
    images, kernels = map(pc.tensor, arrays((1, 2, 9, 9), (3, 2, 3, 3)))
    y = F.conv2d(images, kernels)
    shifted = F.conv2d(pc.roll(images, (2, 1), (2, 3)), kernels)
    np.testing.assert_allclose(shifted[:, :, 2:, 1:].numpy(), y[:, :, :-2, :-1].numpy(), rtol=1e-12)


# ---- the page


def test_the_page_runs():
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    space = {"__name__": "page"}
    pc.manual_seed(0)
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), space)
    assert len(blocks) == 12
    for name in re.findall(r"\]\((pictures/\S+\.png)\)", text):
        assert (PAGE.parent / name).read_bytes().startswith(b"\x89PNG")


def test_the_table_of_sizes_is_true():
    rows = re.findall(
        r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(rows) == 8
    for row in rows:
        n, kernel, padding, stride, dilation, out = map(int, row)
        y = F.conv1d(pc.ones(1, n), pc.ones(1, 1, kernel), None, stride, padding, dilation)
        assert y.shape == (1, out)
