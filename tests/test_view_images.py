"""Pictures of what a convolutional network sees: that they show what they say, on networks made by hand."""

import numpy as np
import pytest

import pellucid as pc
from pellucid import models, nn, view
from pellucid.errors import ArgumentError, ShapeError

EDGE = np.array([[[[-1.0, 0.0, 1.0]] * 3]], np.float32)  # dark to the left, light to the right


def edge_finder(kernel=EDGE):
    """A network of one kernel set by hand, whose two scores are the mean of where it answers, and minus that."""
    model = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1, bias=False), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                          nn.Linear(1, 2, bias=False))  # fmt: skip
    model.load_state_dict({"0.weight": pc.tensor(kernel), "4.weight": pc.tensor([[1.0], [-1.0]])})
    return model.eval()


def stripe(column):
    """A picture that is dark left of the column and light from there on, in its upper half."""
    image = np.zeros((1, 1, 12, 12), np.float32)
    image[..., :6, column:] = 1.0
    return image


def test_kernels_are_drawn_on_one_scale_with_white_at_zero():
    figure = view.kernels(np.concatenate([EDGE, 0.5 * EDGE]), title="edges")
    images = figure.axes[0].images
    assert [image.get_clim() for image in images] == [(-1.0, 1.0)] * 2
    np.testing.assert_array_equal(images[1].get_array(), 0.5 * EDGE[0, 0])
    assert images[0].cmap(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.05)


def test_kernels_of_several_channels_have_a_row_for_each_output():
    figure = view.kernels(nn.Conv2d(3, 4, 5))
    boxes = [image.get_extent() for image in figure.axes[0].images]
    assert len(boxes) == 12
    assert len({box[0] for box in boxes}) == 3
    assert len({box[3] for box in boxes}) == 4


def test_feature_maps_are_what_the_layers_put_out():
    figure = view.feature_maps(edge_finder(), stripe(5)[0])
    shown = figure.axes[0].images[0].get_array()
    expected = np.zeros((12, 12))
    for row, strength in zip(range(7), (2, 3, 3, 3, 3, 2, 1), strict=True):
        expected[row, 4:6] = strength
        expected[row, 11] = -strength
    np.testing.assert_allclose(shown, expected)
    assert figure.axes[0].get_ylabel() == "0 Conv2d\n12 x 12"


def test_feature_maps_show_only_so_many_channels():
    figure = view.feature_maps(models.lenet5(), pc.rand(1, 28, 28), layers=["3"], most=4)
    assert len(figure.axes) == 4
    assert "and 12 more" in figure.axes[0].get_ylabel()


def test_class_activation_is_where_the_evidence_is():
    (heat,) = view.class_activation(edge_finder(), stripe(5), target=0)
    assert heat[:6, 4:6].min() > 0.6
    assert heat[8:].max() == 0
    assert heat[:, :3].max() == 0
    (against,) = view.class_activation(edge_finder(), stripe(5), target=1)
    assert against.max() == 0, "nothing speaks for the other class"


def test_class_activation_by_the_weights_of_the_last_layer():
    """With a mean over places and a linear layer it is relu of the maps weighted by the class's weights."""
    model = nn.Sequential(nn.Conv2d(2, 5, 3), nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 3))
    x = pc.randn(3, 2, 9, 7)
    maps = model[1](model[0](x)).detach().numpy()
    wanted = np.maximum(np.einsum("c,nchw->nhw", model[4].weight.detach().numpy()[2], maps), 0)
    enlarged = pc.functional.interpolate(pc.tensor(wanted[:, None]), size=(9, 7), mode="bilinear").numpy()[:, 0]
    expected = enlarged / enlarged.max((1, 2), keepdims=True)
    np.testing.assert_allclose(view.class_activation(model, x, target=2), expected, rtol=1e-4, atol=1e-5)


def test_occlusion_falls_where_the_evidence_is_hidden():
    """A kernel of ones asks for light: hiding the light part costs, hiding the dark one nothing."""
    (fall,) = view.occlusion(edge_finder(np.ones_like(EDGE)), stripe(5), target=0, size=3, stride=1)
    assert fall[1:5, 7:11].min() > 0.01
    assert fall[8:, :].max() == pytest.approx(0, abs=1e-6)
    assert fall[:, :3].max() == pytest.approx(0, abs=1e-6)


def test_without_a_target_the_answer_is_asked_about():
    maps = view.class_activation(edge_finder(), np.concatenate([stripe(5), stripe(7)]))
    np.testing.assert_array_equal(
        maps, view.class_activation(edge_finder(), np.concatenate([stripe(5), stripe(7)]), [0, 0])
    )


def test_heat_maps_lie_over_their_pictures(tmp_path):
    images = np.concatenate([stripe(5), stripe(7)])
    maps = view.class_activation(edge_finder(), images)
    figure = view.heat_maps(images, maps, tmp_path / "heat.png", labels=["left", "right"])
    assert [axes.get_title() for axes in figure.axes[:2]] == ["left", "right"]
    assert [len(axes.images) for axes in figure.axes] == [1, 1, 2, 2]
    assert (tmp_path / "heat.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: view.kernels(np.zeros((2, 3))), ShapeError, "(2, 3)"),
        (lambda: view.kernels(np.zeros((0, 1, 3, 3))), ArgumentError, "1 to 256"),
        (lambda: view.kernels(np.full((1, 1, 3, 3), np.nan)), ArgumentError, "NaN"),
        (lambda: view.feature_maps(edge_finder(), np.zeros((12, 12), np.float32)), ShapeError, "(12, 12)"),
        (lambda: view.feature_maps(edge_finder(), stripe(5), layers=["9"]), ArgumentError, "0 Conv2d"),
        (lambda: view.feature_maps(models.mlp(144, 2), stripe(5)), ArgumentError, "needs convolutions"),
        (lambda: view.class_activation(models.mlp(144, 2), stripe(5)), ArgumentError, "needs a convolution"),
        (lambda: view.class_activation(edge_finder(), stripe(5)[0]), ShapeError, "image[None]"),
        (lambda: view.class_activation(edge_finder(), stripe(5), target=2), ArgumentError, "from 0 to 1"),
        (lambda: view.occlusion(edge_finder(), stripe(5), size=13), ArgumentError, "1 to 12"),
        (lambda: view.occlusion(edge_finder(), stripe(5).astype(np.uint8)), ShapeError, "ToFloat"),
        (lambda: view.heat_maps(stripe(5), np.zeros((2, 12, 12))), ShapeError, "(2, 12, 12)"),
    ],
)
def test_refused(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
