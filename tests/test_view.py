"""The pictures: what they show, what they refuse, and that they leave everything else as it was."""

import os
import subprocess
import sys

import numpy as np
import pytest

from pellucid.errors import ArgumentError, DtypeError, ShapeError
from pellucid.view import curves, decision_boundary, image_grid
from pellucid.view.canvas import new_figure

HISTORY = [
    {"epoch": 1, "loss": 2.0, "val_loss": 1.9, "accuracy": 0.25, "val_accuracy": 0.5, "seconds": 0.1},
    {"epoch": 2, "loss": 1.0, "val_loss": 1.2, "accuracy": 0.75, "val_accuracy": 0.5, "seconds": 0.2},
    {"epoch": 3, "loss": 0.5, "val_loss": 1.4, "accuracy": 1.0, "val_accuracy": 0.75, "seconds": 0.3},
]
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=np.float32)


def lines(axes):
    """The curves of a panel by the first word of their label."""
    return {line.get_label().split(":")[0]: line for line in axes.get_lines()}


def captions(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def pixels(path):
    """A PNG as an array, read back by a reader that knows nothing of how it was drawn."""
    from PIL import Image

    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


# curves


def test_curves_draw_every_number_in_the_unit_of_its_axis():
    loss, accuracy = curves(HISTORY).axes
    assert lines(loss)["training"].get_xydata().tolist() == [[1, 2.0], [2, 1.0], [3, 0.5]]
    assert lines(loss)["validation"].get_ydata().tolist() == [1.9, 1.2, 1.4]
    assert lines(accuracy)["training"].get_ydata().tolist() == [25, 75, 100]
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss (mean per sample)", "accuracy (% of samples)")
    assert {axes.get_xlabel() for axes in (loss, accuracy)} == {"epoch (passes over the training set)"}


def test_curves_mark_the_lowest_loss_and_the_highest_accuracy_of_the_validation():
    loss, accuracy = curves(HISTORY).axes
    assert lines(loss)["best"].get_xydata().tolist() == [[2, 1.2]]
    assert lines(accuracy)["best"].get_xydata().tolist() == [[3, 75.0]]


def test_curves_do_not_need_colour_to_be_told_apart():
    drawn = lines(curves(HISTORY).axes[0])
    assert drawn["training"].get_linestyle() != drawn["validation"].get_linestyle()
    assert drawn["training"].get_marker() != drawn["validation"].get_marker()


def test_curves_leave_a_gap_where_a_number_is_missing_or_not_finite():
    history = [{"loss": 1.0}, {"loss": float("nan")}, {"loss": float("inf")}, {}, {"loss": None}, {"loss": 0.5}]
    (axes,) = curves(history).axes
    drawn = lines(axes)
    assert np.isnan(drawn["training"].get_ydata()).tolist() == [False, True, True, True, True, False]
    assert "validation" not in drawn


def test_curves_of_a_run_without_a_finite_number_say_so(tmp_path):
    figure = curves([{"loss": float("nan")}], tmp_path / "curves.png")
    assert captions(figure) == ["no finite number"]


def test_curves_give_other_metrics_of_the_validation_a_panel_and_leave_bookkeeping_out():
    figure = curves([{"loss": 1.0, "val_error": 0.2, "seconds": 3.0, "learning_rate": 0.1}])
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss (mean per sample)", "error"]


def test_curves_use_a_logarithmic_axis_only_for_a_loss_over_many_powers_of_ten():
    assert curves(HISTORY).axes[0].get_yscale() == "linear"
    assert curves([{"loss": 1.0}, {"loss": 0.001}]).axes[0].get_yscale() == "log"
    assert curves([{"loss": 1.0}, {"loss": 0.0}]).axes[0].get_yscale() == "linear"


def test_curves_read_numpy_numbers():
    (axes,) = curves([{"loss": np.float32(0.5)}, {"loss": np.int64(2)}]).axes
    assert lines(axes)["training"].get_ydata().tolist() == [0.5, 2.0]


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([], "empty history"),
        ({"loss": 1.0}, "one dict per epoch"),
        (3, "got int"),
        ([{"loss": 1.0}, 0.5], r"history\[1\] is float"),
        ([{"seconds": 1.0}], "holds seconds"),
        ([{"loss": "1.0"}], r"history\[0\]\['loss'\] is str"),
        ([{"loss": True}], "is bool"),
    ],
)
def test_curves_refuse_what_is_no_history(history, message):
    with pytest.raises(ArgumentError, match=message):
        curves(history)


# image_grid


def test_image_grid_marks_wrong_predictions_by_words_and_by_the_frame():
    figure = image_grid(np.zeros((3, 4, 4)), labels=[1, 2, 3], predictions=[1, 7, 3], title="digits")
    assert captions(figure) == ["1", "✗ 7\nis 2", "3"]
    widths = [frame.get_linewidth() for frame in figure.axes[0].patches]
    assert widths[1] > 2 * widths[0] == 2 * widths[2]
    assert figure.get_suptitle() == "digits: 2 of 3 right"


def test_image_grid_writes_a_title_that_fits_a_narrow_sheet():
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = image_grid(np.zeros((1, 4, 4)), title="digits: 4 mistakes among 10000 test images")
    box = figure._suptitle.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert 0 < box.x0 < box.x1 < figure.bbox.width


def test_image_grid_takes_every_usual_layout_of_the_axes():
    rng = np.random.default_rng(0)
    grey, colour = rng.random((2, 5, 6)), rng.random((2, 3, 5, 6))
    for images, shape in [
        (grey, (5, 6)),
        (grey[:, None], (5, 6)),
        (grey[..., None], (5, 6)),
        (colour, (5, 6, 3)),
        (np.moveaxis(colour, 1, -1), (5, 6, 3)),
    ]:
        first, second = image_grid(images).axes[0].get_images()
        assert first.get_array().shape == second.get_array().shape == shape
        np.testing.assert_array_equal(
            np.asarray(second.get_array()), colour[1].transpose(1, 2, 0) if len(shape) == 3 else grey[1]
        )


def test_image_grid_draws_zero_as_paper_and_the_largest_number_as_ink(tmp_path):
    images = np.zeros((1, 8, 8))
    images[0, :, 4:] = 16.0
    image_grid(images, tmp_path / "grid.png")
    picture = pixels(tmp_path / "grid.png")
    dark = (picture < 10).all(axis=2)
    assert 0.4 < dark.any(axis=0).sum() / dark.any(axis=1).sum() < 0.6, "half of a square picture is ink"


def test_image_grid_puts_the_pictures_in_rows():
    left, right, below = (
        image.get_extent() for image in image_grid(np.zeros((3, 2, 2)), columns=2).axes[0].get_images()
    )
    assert right[0] > left[1], "beside"
    assert right[2:] == left[2:]
    assert below[3] > left[2], "below"
    assert below[:2] == left[:2]


def test_image_grid_names_its_rows():
    figure = image_grid(np.zeros((5, 4, 4)), columns=3, rows=["as it is", "flipped"])
    texts = {text.get_text(): text.get_position() for text in figure.axes[0].texts if text.get_text()}
    assert list(texts) == ["as it is", "flipped"]
    assert all(x < 0 for x, _ in texts.values()), "to the left of the pictures"
    assert texts["as it is"][1] < texts["flipped"][1]
    assert figure.axes[0].get_xlim()[0] < -0.5, "there is room for them"
    with pytest.raises(ArgumentError, match="2 rows and got 3"):
        image_grid(np.zeros((5, 4, 4)), columns=3, rows=["a", "b", "c"])


def test_image_grid_without_answers_writes_no_text_and_with_one_kind_only_that():
    assert "".join(captions(image_grid(np.zeros((2, 3, 3))))) == ""
    assert captions(image_grid(np.zeros((2, 3, 3)), labels=["cat", "dog"])) == ["cat", "dog"]
    assert captions(image_grid(np.zeros((2, 3, 3)), predictions=[0, 1])) == ["0", "1"]


@pytest.mark.parametrize(
    ("images", "options", "error", "message"),
    [
        (np.zeros((8, 8)), {}, ShapeError, r"shape \(8, 8\)"),
        (np.zeros((2, 4, 8, 8)), {}, ShapeError, r"\(2, 4, 8, 8\)"),
        (np.zeros((0, 8, 8)), {}, ArgumentError, "0 images"),
        (np.zeros((1001, 1, 1)), {}, ArgumentError, "1001 images"),
        (np.full((1, 2, 2), np.nan), {}, ArgumentError, "NaN"),
        (np.full((1, 2, 2), "x"), {}, ArgumentError, "dtype"),
        (np.full((1, 3, 2, 2), 2.0), {}, ArgumentError, "between 0 and 1"),
        (np.full((1, 3, 2, 2), 256), {}, ArgumentError, "between 0 and 255"),
        (np.zeros((2, 3, 3)), {"labels": [1]}, ArgumentError, r"2 images and labels of shape \(1,\)"),
        (np.zeros((2, 3, 3)), {"predictions": np.zeros((2, 10))}, ArgumentError, r"predictions of shape \(2, 10\)"),
        (np.zeros((2, 3, 3)), {"columns": 0}, ArgumentError, "columns=0"),
    ],
)
def test_image_grid_refuses_what_it_cannot_draw(images, options, error, message):
    with pytest.raises(error, match=message):
        image_grid(images, **options)


# decision_boundary


def exclusive_or(points):
    return (points[:, 0] > 0.5) != (points[:, 1] > 0.5)


def test_decision_boundary_fills_the_plane_with_the_answers_of_the_classifier():
    (axes,) = decision_boundary(exclusive_or, CORNERS, [0, 1, 1, 0]).axes
    mesh = axes.collections[0]
    regions = np.asarray(mesh.get_array())
    assert regions[0, 0] == regions[-1, -1] == 0
    assert regions[0, -1] == regions[-1, 0] == 1
    assert abs(regions.mean() - 0.5) < 0.01
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("$x_1$", "$x_2$")


def test_decision_boundary_rings_the_points_that_are_wrong_and_counts_the_others():
    figure = decision_boundary(exclusive_or, CORNERS, [0, 1, 1, 1], title="XOR")
    rings = {collection.get_label(): collection for collection in figure.axes[0].collections}["wrong"]
    np.testing.assert_array_equal(np.asarray(rings.get_offsets()), [[1, 1]])
    assert figure.axes[0].get_title() == "XOR: 3 of 4 right"
    right = decision_boundary(exclusive_or, CORNERS, [0, 1, 1, 0])
    assert "wrong" not in {collection.get_label() for collection in right.axes[0].collections}


def test_decision_boundary_gives_each_class_a_mark_of_its_own():
    def column(points):
        return np.clip(points[:, 0], 0, 2).astype(int)

    figure = decision_boundary(column, [[0.5, 0], [1.5, 0], [2.5, 1]], [0, 1, 2], names=["a", "b", "c"])
    marks = [c.get_paths()[0].vertices.shape for c in figure.axes[0].collections if c.get_label() in ("a", "b", "c")]
    assert len(set(marks)) == len(marks) == 3
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b", "c"]


def test_decision_boundary_draws_into_given_axes_beside_others():
    figure = new_figure(6, 3)
    left, right = figure.subplots(1, 2)
    assert decision_boundary(exclusive_or, CORNERS, [0, 1, 1, 0], axes=right, title="XOR") is figure
    assert right.get_title() == "XOR: 4 of 4 right"
    assert not left.collections
    assert figure.axes == [left, right]
    assert not figure.legends


def test_decision_boundary_asks_with_the_dtype_of_the_points():
    seen = set()

    def predict(points):
        seen.add(points.dtype.name)
        return np.zeros(len(points), dtype=int)

    decision_boundary(predict, CORNERS, [0, 0, 0, 0])
    assert seen == {"float32"}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"points": np.zeros((4, 3))}, ShapeError, r"\(4, 3\)"),
        ({"points": np.zeros((0, 2)), "labels": []}, ShapeError, r"\(0, 2\)"),
        ({"points": np.full((4, 2), np.inf)}, ArgumentError, "infinite"),
        ({"labels": [0, 1]}, ShapeError, r"labels have the shape \(2,\)"),
        ({"labels": [0.0, 1.0, 0.0, 1.0]}, DtypeError, "labels are float64"),
        ({"labels": [0, 1, 2, 6]}, ArgumentError, "0 to 6"),
        ({"labels": [0, 1, 2, -1]}, ArgumentError, "-1 to 2"),
        ({"predict": lambda x: np.zeros((len(x), 2))}, ShapeError, "answers of predict"),
        ({"predict": lambda x: x[:, 0]}, DtypeError, "answers of predict are float32"),
        ({"names": ["one"]}, ArgumentError, "1 names for 2 classes"),
    ],
)
def test_decision_boundary_refuses_what_it_cannot_draw(changes, error, message):
    arguments = {"predict": exclusive_or, "points": CORNERS, "labels": [0, 1, 1, 0]} | changes
    with pytest.raises(error, match=message):
        decision_boundary(**arguments)


# what all three share

PICTURES = {
    "curves": lambda path=None: curves(HISTORY, path),
    "image_grid": lambda path=None: image_grid(np.eye(4)[None], path),
    "decision_boundary": lambda path=None: decision_boundary(exclusive_or, CORNERS, [0, 1, 1, 0], path),
}


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)
def test_a_picture_is_saved_whole_and_alone_and_the_same_each_time(draw, tmp_path):
    first, second = tmp_path / "new folder" / "one.png", tmp_path / "new folder" / "two.PNG"
    figure = draw(first)
    draw(str(second))
    assert sorted(os.listdir(first.parent)) == ["one.png", "two.PNG"]
    assert first.read_bytes() == second.read_bytes()
    height, width = pixels(first).shape[:2]
    assert (width, height) == tuple((figure.get_size_inches() * 150).astype(int))
    assert len(np.unique(pixels(first).reshape(-1, 3), axis=0)) > 2, "the picture is not blank"


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)
def test_a_picture_that_cannot_be_written_leaves_the_old_one_as_it_was(draw, tmp_path, monkeypatch):
    path = tmp_path / "picture.png"
    path.write_bytes(b"the old picture")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        draw(path)
    assert os.listdir(tmp_path) == ["picture.png"]
    assert path.read_bytes() == b"the old picture"


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)
def test_a_path_that_is_not_png_is_refused(draw, tmp_path):
    with pytest.raises(ArgumentError, match=r"picture\.pdf"):
        draw(tmp_path / "picture.pdf")
    assert os.listdir(tmp_path) == []


def test_drawing_opens_no_window_and_changes_no_setting(tmp_path):
    """In a fresh process with a strange style: pyplot is never loaded, the settings stay, and the text stays dark."""
    program = f"""
import sys
import matplotlib
matplotlib.rcParams.update({{"text.color": "white", "axes.labelcolor": "white", "axes.facecolor": "black"}})
before = matplotlib.rcParams.copy()
import pellucid.view as view
figure = view.curves([{{"loss": 1.0, "val_loss": 2.0}}], {str(tmp_path / "curves.png")!r}, title="dark")
assert "matplotlib.pyplot" not in sys.modules
assert dict.__eq__(matplotlib.rcParams, before)  # Mapping.__eq__ would choose a backend
axes = figure.axes[0]
assert axes.get_facecolor() == (1, 1, 1, 1), axes.get_facecolor()
texts = [axes.xaxis.label, axes.yaxis.label, *axes.get_legend().get_texts(), *axes.get_xticklabels()]
assert {{matplotlib.colors.to_hex(text.get_color()) for text in texts}} == {{view.canvas.INK}}
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_view_does_not_load_matplotlib():
    program = "import sys, pellucid.view; print('matplotlib' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
