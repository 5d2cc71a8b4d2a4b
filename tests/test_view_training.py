"""Pictures of training: the loss as a map, layers' numbers, the graph of a value, small nets, confusion, animations."""

import numpy as np
import pytest

import pellucid as pc
import pellucid.functional as F
from pellucid import data, nn, optim, view
from pellucid.errors import ArgumentError, GradientError, ShapeError


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


# ---- animations


def test_an_animation_has_every_figure_once_in_order_for_the_time_asked(tmp_path):
    from PIL import Image

    figures = (view.curves([{"loss": 1.0 / n} for n in range(1, last + 1)]) for last in (1, 2, 3))
    path = view.animate(figures, tmp_path / "deep" / "loss.gif", seconds=0.1, last=0.5, loop=False)
    with Image.open(path) as gif:
        assert gif.n_frames == 3
        assert "loop" not in gif.info
        times, frames = [], []
        for number in range(3):
            gif.seek(number)
            times.append(gif.info["duration"])
            frames.append(np.asarray(gif.convert("L")).astype(int))
    assert times == [100, 100, 500]
    assert np.abs(frames[0] - frames[1]).max() > 50
    assert [each.name for each in path.parent.iterdir()] == ["loss.gif"]


def test_a_decision_boundary_moves_while_a_net_learns(tmp_path):
    from PIL import Image

    pc.manual_seed(0)
    x, y = data.xor()
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    optimizer = optim.Adam(model.parameters(), lr=0.1)

    def frames():
        for _ in range(3):
            for _ in range(20):
                optimizer.zero_grad()
                F.cross_entropy(model(pc.tensor(x)), pc.tensor(y)).backward()
                optimizer.step()
            yield view.decision_boundary(lambda points: model(pc.tensor(points)).argmax(1).numpy(), x, y)

    with Image.open(view.animate(frames(), tmp_path / "boundary.gif")) as gif:
        assert gif.n_frames == 3
        first = np.asarray(gif.convert("RGB")).astype(int)
        gif.seek(2)
        last = np.asarray(gif.convert("RGB")).astype(int)
    assert (np.abs(first - last).max(axis=2) > 30).mean() > 0.01  # places changed sides


def test_an_animation_that_fails_half_way_leaves_no_file(tmp_path):
    def figures():
        yield view.curves([{"loss": 1.0}])
        raise KeyError("training broke")

    with pytest.raises(KeyError):
        view.animate(figures(), tmp_path / "a.gif")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("figures", "name", "words"),
    [
        ([], "a.gif", "no figure"),
        ([view.curves([{"loss": 1.0}])], "a.png", "GIF"),
        ([view.curves([{"loss": 1.0}]), view.network([2, 1])], "a.gif", "one size"),
    ],
)
def test_animate_refuses(figures, name, words, tmp_path):
    with pytest.raises(ArgumentError, match=words):
        view.animate(figures, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


# ---- the loss as a map


def bowl(w):
    return w[0] ** 2 + 4 * w[1] ** 2


def test_a_contour_draws_each_way_where_it_went():
    ways = {"SGD": [[2.0, 1.0], [1.0, 0.5], [0.0, 0.0]], "Adam": [[2.0, 1.0], [1.5, 0.0]]}
    axes = view.loss_contour(bowl, ways).axes[0]
    lines = {line.get_label().split(":")[0]: line for line in axes.get_lines()}
    assert lines["SGD"].get_xydata().tolist() == ways["SGD"]
    assert lines["Adam"].get_xydata().tolist() == ways["Adam"]
    assert lines["SGD"].get_linestyle() != lines["Adam"].get_linestyle()
    assert [text.get_text() for text in axes.figure.legends[0].get_texts()] == [
        "SGD: 0 after 2 steps",
        "Adam: 2.25 after 1 steps",
    ]


def test_more_parameters_are_cut_along_the_way():
    """A way in a plane of a 5-dimensional space: the picture shows it true to scale, and all of it."""
    random = np.random.default_rng(3)
    plane = np.linalg.qr(random.normal(size=(5, 2)))[0].T
    spots = np.array([[4.0, 1.0], [2.0, -1.0], [0.5, 0.5], [0.0, 0.0]])
    way, asked = spots @ plane, []

    def loss(w):
        asked.append(w)
        return pc.tensor((w * w).sum())

    axes = view.loss_contour(loss, {"SGD": way}, steps=10).axes[0]
    drawn = axes.get_lines()[0].get_xydata()
    distances = np.linalg.norm(drawn[:, None] - drawn[None], axis=-1)
    np.testing.assert_allclose(distances, np.linalg.norm(spots[:, None] - spots[None], axis=-1), atol=1e-9)
    assert {w.shape for w in asked} == {(5,)}
    assert axes.get_xlabel().startswith("first direction")
    shares = [int(label.split("(")[1].split("%")[0]) for label in (axes.get_xlabel(), axes.get_ylabel())]
    assert sum(shares) in (99, 100, 101)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: view.loss_contour(bowl), ArgumentError, "across"),
        (lambda: view.loss_contour(bowl, {"a": [1.0, 2.0]}), ShapeError, "points, d"),
        (lambda: view.loss_contour(bowl, {"a": [[1.0, np.inf]]}), ArgumentError, "not finite"),
        (lambda: view.loss_contour(bowl, across=(1, 1), up=(0, 1)), ArgumentError, "low < high"),
        (lambda: view.loss_contour(lambda w: w, across=(0, 1), up=(0, 1)), ShapeError, "one number"),
        (lambda: view.loss_contour(lambda w: np.nan, across=(0, 1), up=(0, 1)), ArgumentError, "nan"),
        (lambda: view.loss_contour(bowl, {str(n): [[0.0, 1.0]] for n in range(6)}), ArgumentError, "at most 5"),
    ],
)
def test_loss_contour_refuses(call, error, words):
    with pytest.raises(error, match=words):
        call()


# ---- histograms


def test_activations_are_what_the_layers_put_out_and_leave_nothing_behind():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(4, 2)))
    x = pc.randn(6, 3)
    found = view.activations(model, x)
    assert list(found) == ["0 Linear", "1 ReLU", "2.0 Linear"]
    np.testing.assert_array_equal(found["1 ReLU"], model[0](x).relu().detach().numpy())
    np.testing.assert_array_equal(found["2.0 Linear"], model(x).detach().numpy())
    assert len(found) == 3  # the calls above were not watched any more


def test_gradients_are_those_of_the_parameters():
    model = nn.Linear(2, 1)
    with pytest.raises(ArgumentError, match="backward"):
        view.gradients(model)
    (model(pc.tensor([[1.0, 2.0]])) * 3.0).sum().backward()
    assert {name: g.tolist() for name, g in view.gradients(model).items()} == {"weight": [[3.0, 6.0]], "bias": [3.0]}


def test_a_histogram_counts_every_number_once():
    numbers = np.concatenate([np.zeros(30), np.linspace(-1, 3, 70)])
    figure = view.histograms({"a": numbers, "b": [5.0, np.nan]})
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert sum(heights) == pytest.approx(1)
    assert [axes.get_xlim() for axes in figure.axes] == [(-1, 5), (-1, 5)]
    assert figure.axes[0].texts[0].get_text() == "a: mean 0.7, std 1.1, 30 % zeros"
    assert "1 not finite" in figure.axes[1].texts[0].get_text()
    own = view.histograms({"a": numbers, "b": [5.0, 6.0]}, same_axis=False)
    assert [axes.get_xlim() for axes in own.axes] == [(-1, 3), (5, 6)]


@pytest.mark.parametrize("values", [{}, [1.0], {"a": []}, {str(n): [1.0] for n in range(30)}])
def test_histograms_refuse(values):
    with pytest.raises(ArgumentError):
        view.histograms(values)


# ---- the confusion matrix


def test_a_confusion_matrix_writes_each_count_in_its_cell():
    figure = view.confusion_matrix([[3, 1, 0], [0, 4, 0], [0, 0, 0]], names=["a", "b", "c"], title="t")
    cells = {
        text.get_position(): text.get_text() for text in figure.axes[0].texts if text.get_position()[0] in (0, 1, 2)
    }
    assert cells == {(0, 0): "3", (1, 0): "1", (1, 1): "4"}  # (prediction, label)
    assert [text for text in texts(figure) if "%" in text or text == "none"] == ["75%", "100%", "none"]
    assert figure.axes[0].get_title() == "t: 7 of 8 right (87.5 %)"


def test_long_names_leave_room_for_the_counts(tmp_path):
    """With whole names of 60 letters matplotlib warns that no room is left, and a warning fails here."""
    figure = view.confusion_matrix([[3, 1], [0, 2]], tmp_path / "a.png", names=["a" * 60, "b"])
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a" * 21 + "...", "b"]


@pytest.mark.parametrize(
    ("counts", "error"),
    [(np.zeros((2, 3)), ShapeError), ([[0.5]], ArgumentError), ([[-1]], ArgumentError), (np.eye(40), ArgumentError)],
)
def test_confusion_matrix_refuses(counts, error):
    with pytest.raises(error):
        view.confusion_matrix(counts)


# ---- the graph of a value


def boxes(figure):
    """heading -> (data, grad), as written in the boxes."""
    words = texts(figure)
    return {words[i]: (words[i + 2], words[i + 4]) for i in range(0, len(words), 5)}


def test_a_graph_shows_data_and_gradient_of_every_node():
    """w x + b with numbers plugged in, worked by hand."""
    w, x, b = (pc.tensor(number, requires_grad=True) for number in (3.0, 2.0, 1.0))
    p = w * x
    y = p + b
    loss = y * y
    figure = view.graph(loss, names={"w": w, "x": x, "b": b, "p": p, "y": y, "loss": loss})
    assert boxes(figure) == {
        "w": ("3", "28"), "x": ("2", "42"), "p = Multiply": ("6", "14"), "b": ("1", "14"), "y = Add": ("7", "14"),
        "loss = Multiply": ("49", "1"),
    }  # fmt: skip
    assert w.grad is None
    loss.backward()  # the graph is still there
    assert w.grad.item() == 28


def test_a_graph_of_a_function_knows_numbers_that_no_gradient_reads():
    x = pc.tensor([1.0, 2.0], requires_grad=True)

    def loss():
        return ((x + 1.0) + 2.0).sum()

    data = texts(view.graph(loss, names={"x": x}))[2::5]
    assert data == ["[1, 2]", "[2, 3]", "[4, 5]", "9", "9"]
    data = texts(view.graph(loss()))[2::5]
    assert data == ["[1, 2]", "-", "-", "-", "9"]


def test_boxes_of_a_graph_do_not_overlap():
    x = pc.tensor(0.5, requires_grad=True)
    y = x
    for _ in range(5):
        y = (y * x + x).sigmoid() * x
    figure = view.graph(y)
    corners = [tuple(patch.get_bbox().bounds[:2]) for patch in figure.axes[0].patches if hasattr(patch, "get_boxstyle")]
    assert len(corners) == len(set(corners)) == 21


def test_graph_refuses_what_has_none():
    x = pc.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(GradientError):
        view.graph(pc.tensor(1.0))
    with pytest.raises(GradientError):
        view.graph(x * 2.0)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(GradientError, match="freed"):
        view.graph(y)
    z = x
    for _ in range(70):
        z = z * x
    with pytest.raises(ArgumentError, match="60"):
        view.graph(z.sum())


# ---- small nets


def test_a_network_has_a_circle_for_each_unit_and_a_line_for_each_weight():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    axes = view.network(model, inputs=["$x_1$", "$x_2$"], outputs=["$y$"]).axes[0]
    assert len(axes.patches) == 6
    assert len(axes.get_lines()) == 9
    weights = np.concatenate([model[0].weight.detach().numpy().ravel(), model[2].weight.detach().numpy().ravel()])
    assert [line.get_linestyle() == "-" for line in axes.get_lines()] == list(weights >= 0)
    assert "Tanh" in [text.get_text() for text in axes.texts]


def test_a_wide_layer_is_shortened():
    axes = view.network([784, 3]).axes[0]
    assert len(axes.patches) == 13
    assert "784 inputs" in [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("model", [[3], [2, 0], nn.ReLU(), nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1))])
def test_network_refuses(model):
    with pytest.raises(ArgumentError):
        view.network(model)


def test_network_refuses_too_few_names():
    with pytest.raises(ArgumentError, match="names of inputs"):
        view.network([2, 1], inputs=["x"])


@pytest.mark.parametrize("name", ["loss_contour", "confusion_matrix", "graph", "histograms", "network"])
def test_every_picture_saves_as_png(name, tmp_path):
    x = pc.tensor(2.0, requires_grad=True)
    arguments = {
        "loss_contour": (bowl, {"a": [[1.0, 1.0], [0.0, 0.0]]}),
        "confusion_matrix": ([[1]],),
        "graph": (x * x,),
        "histograms": ({"a": [1.0]},),
        "network": ([1, 1],),
    }[name]
    path = tmp_path / "picture.png"
    figure = getattr(view, name)(*arguments, path, title="Title")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert figure.get_suptitle() == "Title" or figure.axes[0].get_title().startswith("Title")
