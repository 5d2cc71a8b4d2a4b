"""The programs in `examples/` about networks of a few layers keep what their first lines say."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from pellucid import data
from tests.example_runs import numbers_in, output_of, shown


def rows(lines, first):
    """The numbers behind the beginning `first`, of each line that begins so."""
    return [numbers_in(line[len(first) :]) for line in lines if line.startswith(first)]


def percents(line):
    """The numbers of a line that have a percent sign."""
    return [float(word.rstrip("%")) for word in line.split() if word.endswith("%")]


def clearly_less(small, large):
    """Whether a (mean, standard error) lies below another by more than two standard errors of the difference."""
    return large[0] - small[0] > 2 * (small[1] ** 2 + large[1] ** 2) ** 0.5


@pytest.mark.peers
@pytest.mark.real_data
def test_three_ways_to_three_classes_are_as_right_as_those_of_scikit_learn(tmp_path, real_data):
    linear = pytest.importorskip("sklearn.linear_model")
    multiclass = pytest.importorskip("sklearn.multiclass")
    lines = shown("three_classes.py", tmp_path)[1:]
    arrays = data.read_npz(real_data / "ai-edu" / "ch07.npz")
    X, Y = arrays["data"], arrays["label"].reshape(-1)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    one = linear.LogisticRegression(C=1.0)
    models = (multiclass.OneVsOneClassifier(one), multiclass.OneVsRestClassifier(one), one)
    for line, model in zip(lines, models, strict=True):
        right, _ = numbers_in(line)
        assert abs(right - (model.fit(X, Y).predict(X) == Y).sum()) <= 1
    undecided = [percents(line)[0] for line in lines]
    assert undecided[1] > 5
    assert undecided[2] == 0


@pytest.mark.compiler
@pytest.mark.slow
def test_more_hidden_units_come_nearer_to_a_curve(tmp_path):
    lines = shown("universal_approximation.py", tmp_path)
    for name in ("sine", "composite"):
        table = {int(numbers[0]): numbers[1:] for numbers in rows(lines, name)}
        assert clearly_less(table[2], table[1])
        assert clearly_less(table[8], table[2])
        assert table[8][0] < table[0][0] / 10
        if name == "sine":  # the mean says nothing about a sine: its error is the root of 1/2
            assert table[0][0] == pytest.approx(0.5**0.5, abs=0.01)


def test_two_hidden_units_part_two_arcs_that_no_line_parts(tmp_path):
    lines = shown("double_arc.py", tmp_path)
    linear, *network = [numbers_in(line)[1] for line in lines]
    assert 300 < linear < 380
    assert network[0] < 300
    assert network[-1] == 400


@pytest.mark.slow
def test_the_arcs_move_in_an_animation(tmp_path):
    output_of("double_arc.py", tmp_path, "--animation", "arcs.gif")
    with Image.open(tmp_path / "arcs.gif") as picture:
        assert picture.n_frames > 30
        before = np.asarray(picture.convert("RGB")).astype(int)
        picture.seek(picture.n_frames - 1)
        assert (before != np.asarray(picture.convert("RGB"))).mean() > 0.05


@pytest.mark.compiler
@pytest.mark.slow
def test_the_coin_needs_more_than_two_units(tmp_path):
    lines = shown("copper_coin.py", tmp_path)[1:]
    table = {int(numbers_in(line)[0]): percents(line) for line in lines}
    assert clearly_less(table[2], table[4])
    assert clearly_less(table[4], table[16])
    assert table[0][0] < table[2][0] < 80  # better than the largest class, far from right
    assert table[16][0] > 95


def test_three_layers_read_the_small_digits(tmp_path):
    lines = shown("three_layers.py", tmp_path)
    assert lines[1] == "pixels uint8 0 to 255, then float32 0 to 1"
    right, count, part = numbers_in(lines[-1])
    assert part == pytest.approx(100 * right / count, abs=0.01)
    assert part > 94


@pytest.mark.compiler
@pytest.mark.real_data
@pytest.mark.slow
def test_three_layers_read_mnist(tmp_path, real_data):
    lines = output_of("three_layers.py", tmp_path)
    assert lines[0] == "60000 images for training, 10000 for the test, 784 pixels each"
    assert numbers_in(lines[-1])[2] >= 97


def test_accuracy_is_flat_and_cannot_be_descended(tmp_path):
    stairs, slopes, gradient, asked, accuracy, entropy, best = shown("accuracy_as_loss.py", tmp_path)
    seen, places = numbers_in(stairs)[:2]
    assert 40 < seen <= places <= 60  # 60 points; two stairs nearer than the grid look like one
    assert percents(slopes)[0] > 98
    assert percents(slopes)[1] == 0
    assert numbers_in(gradient)[1] == pytest.approx(numbers_in(gradient)[-1], abs=2e-6)
    assert asked.endswith("False")
    assert numbers_in(accuracy)[0] == numbers_in(accuracy)[1] == -1.6
    assert percents(entropy)[0] > percents(accuracy)[0] + 50
    assert percents(best.replace(";", " "))[0] - percents(entropy)[0] < 5


def test_linear_layers_are_one_and_with_relu_they_are_not(tmp_path):
    table = [numbers_in(line) for line in shown("linear_layers.py", tmp_path)[1:]]
    assert [row[0] for row in table] == [2, 3, 5]
    for depth, numbers, difference, linear, bent in table:
        sizes = [4, *[16] * (int(depth) - 1), 3]
        assert numbers == sum((a + 1) * b for a, b in pairwise(sizes))
        assert difference < 2e-6
        assert linear < 1e-5
        assert bent > 0.2


def test_depth_multiplies_pieces_and_width_adds_them(tmp_path):
    lines = shown("depth_and_width.py", tmp_path)
    for line in lines[1:6]:
        layers, units, pieces, needed, difference = numbers_in(line)
        assert (units, pieces, needed, difference) == (2 * layers, 2**layers, 2**layers - 1, 0)
    for line, units in zip(lines[6:8], (4, 10), strict=True):
        most = numbers_in(line)[1]
        assert units * 0.6 < most <= units + 1
    error = numbers_in(lines[8])[3]
    assert 0.1 < error < 0.27  # hardly better than the constant 1/2, whose mean error on a sawtooth is 1/4


def test_a_barrier_between_two_minima_is_lower_after_renumbering(tmp_path):
    _, ends, same, length, barrier, difference = shown("two_minima.py", tmp_path)
    first, first_error, second, second_error = numbers_in(ends.replace("+-", " "))
    assert abs(first - second) < 0.2 * first + 2 * (first_error + second_error)
    assert numbers_in(same)[0] < 1e-5
    lengths = numbers_in(length.replace("+-", " "))
    assert lengths[2] < lengths[0]
    barriers = numbers_in(barrier.replace("+-", " "))
    assert barriers[0] > 2 * first
    mean, error = numbers_in(difference.replace("+-", " "))
    assert mean > 2 * error


def test_slopes_of_activations_are_as_by_hand(tmp_path):
    lines = shown("activations.py", tmp_path)[1:]
    assert len(lines) == 9
    largest = {}
    for line in lines:
        numbers = numbers_in(line[14:])
        assert numbers[-1] < 1e-6
        largest[line[:14].strip()] = numbers[3]
    assert largest["sigmoid"] == pytest.approx(0.25, abs=1e-3)
    assert largest["tanh"] == pytest.approx(1, abs=1e-3)
    assert largest["ReLU"] == largest["leaky ReLU"] == 1
    assert largest["bent identity"] == pytest.approx(1.5, abs=0.01)


def test_sigmoids_starve_the_first_layers_and_relus_die(tmp_path):
    lines = shown("dead_units.py", tmp_path)
    ratio = {line.split()[0]: numbers_in(line)[-1] for line in lines[1:4]}
    assert ratio["sigmoid"] < 0.25**9 * 100  # each of nine sigmoids has a slope of 1/4 at most
    assert 0.1 < ratio["ReLU"] < 10
    relu, leaky = [percents(line.replace("+-", " ")) for line in lines[5:7]]
    assert relu[0] < 10  # a few may be silent from the beginning
    assert clearly_less(relu[:2], relu[2:4])
    assert leaky[0] == leaky[2] == 0


def test_bowls_have_one_lowest_place_and_softmax_no_nan(tmp_path):
    lines = shown("losses.py", tmp_path)
    for line in lines[:2]:
        w, b, again_w, again_b = numbers_in(line.split("at", 1)[1])
        assert (w, b) == pytest.approx((again_w, again_b), abs=2e-3)
    closed = numbers_in(lines[2])
    assert numbers_in(lines[0].split("at", 1)[1])[:2] == pytest.approx(closed, abs=2e-3)
    by_hand = np.log1p(np.exp(-1.0)) + 1000  # the first row; in the second, 1000 is the whole loss
    assert numbers_in(lines[3].split("entropy")[1])[0] == pytest.approx(by_hand, abs=1e-3)
    assert numbers_in(lines[4].split(":")[1])[0] < 1e-6
    assert lines[4].endswith("False")
    assert "nan" in lines[5]
    whole, quarters = numbers_in(lines[6])[1:]
    assert whole == pytest.approx(quarters, abs=2e-6)


@pytest.mark.peers
def test_neighbours_keep_the_data_and_a_network_does_not(tmp_path):
    neighbors = pytest.importorskip("sklearn.neighbors")
    few, many = [numbers_in(line.replace("+-", " ")) for line in shown("nearest_neighbours.py", tmp_path)[1:]]
    assert many[0] / few[0] == many[5] / few[5] == 28  # numbers that the neighbours keep
    assert few[6] == many[6] == 64 * 32 + 32 + 32 * 10 + 10
    assert few[1] + 2 * few[2] < many[1]
    assert few[3] + 2 * few[4] < many[3]
    images, labels = data.digits()
    images = images.reshape(len(images), -1)
    right = []
    for seed in range(3):
        X, x_test, Y, y_test = data.train_test_split(images, labels, test_size=397, seed=seed)
        right.append(neighbors.KNeighborsClassifier(3).fit(X[:1400], Y[:1400]).score(x_test, y_test))
    assert many[1] == pytest.approx(np.mean(right), abs=0.002)  # where three classes have a vote each, ties may differ
