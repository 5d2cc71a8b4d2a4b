"""The examples about beginnings, gradients, optimizers, learning rates and searches show what they claim."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest

from tests.example_runs import numbers_in, shown


def means_of_normal(function):
    """E[function(u)] for a normal u, by Gauss-Hermite quadrature."""
    u, weights = np.polynomial.hermite_e.hermegauss(80)
    return float((weights * function(u)).sum() / math.sqrt(2 * math.pi))


def test_equal_weights_stay_equal_and_small_random_ones_part(tmp_path):
    lines = shown("zero_initialisation.py", tmp_path)
    zeros, equal, chance, baseline = (numbers_in(line.replace("%", ""))[-2:] for line in lines[1:])
    assert zeros[0] == equal[0] == 0.0  # exactly, in every step
    assert zeros[1] == pytest.approx(baseline[-1])  # nothing but the last bias has moved
    assert equal[1] < 45  # eight units do the work of one
    assert chance[0] > 0.1
    assert chance[1] > 80


def test_signals_keep_their_size_as_the_formulas_say(tmp_path):
    lines = shown("initialisation.py", tmp_path)[1::2]  # those that were measured
    found = {tuple(line.split()[:2]): [float(word) for word in line.split()[3:]] for line in lines}
    variances = {"0.01": 1e-4, "1": 1.0, "Xavier": 1 / 256, "He": 2 / 256}
    layers = (1, 4, 7, 10)
    for scheme, variance in variances.items():
        relu = [math.sqrt(256 * variance / 2) ** layer for layer in layers]  # He et al. (2015), equation 10
        assert found["ReLU", scheme] == pytest.approx(relu, rel=0.25)
        q, tanh = 1.0, []
        for layer in range(1, 11):
            q = means_of_normal(lambda u, q=q, v=variance: np.tanh(math.sqrt(256 * v * q) * u) ** 2)
            tanh += [math.sqrt(q)] if layer in layers else []
        assert found["Tanh", scheme] == pytest.approx(tanh, rel=0.1)


def test_the_variance_of_a_gradient_falls_as_one_by_the_batch_size(tmp_path):
    lines = shown("batch_size.py", tmp_path)
    import pellucid as pc
    from pellucid import data, nn

    pc.manual_seed(0)
    model = nn.Linear(64, 10)
    images, labels = data.digits()
    x, y = images[:1792].reshape(1792, 64).astype(np.float64), labels[:1792]
    scores = x @ model.weight.numpy().T + model.bias.numpy()
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    errors = p - np.eye(10)[y]  # the gradient of softmax regression, by its formula
    gradients = np.concatenate([(errors[:, :, None] * x[:, None, :]).reshape(1792, 640), errors], axis=1)
    single = gradients.var(axis=0).sum()
    for line, size in zip(lines[1:6], (1, 4, 16, 64, 256), strict=True):
        batch, measured, formula = numbers_in(line)
        assert batch == size
        assert formula == pytest.approx(single / size, rel=1e-3)
        assert measured == pytest.approx(single / size, rel=0.2)
    assert numbers_in(lines[6])[0] == pytest.approx(-1, abs=0.05)
    one, some, every = (numbers_in(line) for line in lines[8:11])
    assert one[1] < some[1] < every[1]  # after the same work
    assert one[3] > every[3]  # after as many steps


def valley_steps(move, start=(-7.0, 2.0), goal=0.001, most=200):
    """How many steps until w1^2 / 20 + w2^2 is below the goal, for a function that makes a step."""
    w = np.array(start)
    for step in range(most + 1):
        if w[0] ** 2 / 20 + w[1] ** 2 < goal:
            return step
        w = move(w, np.array([w[0] / 10, 2 * w[1]]))
    return math.inf


def test_plain_descent_zigzags_and_the_others_are_faster(tmp_path):
    lines = shown("optimizers.py", tmp_path)
    steps = {line.split()[0]: [float(word) for word in (line.split()[2], line.split()[3])] for line in lines[1:]}
    rate, count = steps["SGD"]
    assert count == valley_steps(lambda w, g, rate=rate: w - rate * g)
    crossings = float(lines[1].split("steps,")[1].split()[0])
    assert crossings == count  # from one side to the other in every step
    velocity = np.zeros(2)
    rate, count = steps["Momentum"]

    def heavy_ball(w, g):
        velocity[:] = 0.7 * velocity + g
        return w - rate * velocity

    assert count == valley_steps(heavy_ball)
    assert all(steps[name][1] < steps["SGD"][1] for name in ("Momentum", "Nesterov", "AdaGrad"))
    assert all(0.05 < rate < 1000 for rate, _ in steps.values())  # no best rate at an end of the list


@pytest.mark.peers
def test_the_seven_ways_are_those_of_pytorch(tmp_path):
    torch = pytest.importorskip("torch")
    made = {
        "SGD": lambda w, lr: torch.optim.SGD(w, lr=lr),
        "Momentum": lambda w, lr: torch.optim.SGD(w, lr=lr, momentum=0.7),
        "Nesterov": lambda w, lr: torch.optim.SGD(w, lr=lr, momentum=0.7, nesterov=True),
        "AdaGrad": lambda w, lr: torch.optim.Adagrad(w, lr=lr),
        "RMSprop": lambda w, lr: torch.optim.RMSprop(w, lr=lr, alpha=0.9),
        "AdaDelta": lambda w, lr: torch.optim.Adadelta(w, lr=lr),
        "Adam": lambda w, lr: torch.optim.Adam(w, lr=lr),
    }
    lines = shown("optimizers.py", tmp_path)[1:8]
    for line, (name, make) in zip(lines, made.items(), strict=True):
        assert line.split()[0] == name
        rate, count = (float(line.split()[i]) for i in (2, 3))
        w = torch.tensor([-7.0, 2.0], requires_grad=True)
        optimizer = make([w], rate)

        def move(_w, gradient, w=w, optimizer=optimizer):
            w.grad = torch.tensor(gradient, dtype=torch.float32)
            optimizer.step()
            return w.detach().numpy().astype(np.float64)

        assert count == pytest.approx(valley_steps(move), abs=1)  # float32 may round a loss to the goal's other side


def test_three_steps_of_adam_are_those_of_the_paper(tmp_path):
    """Algorithm 1 of Kingma and Ba in decimal numbers of 40 digits."""
    getcontext().prec = 40
    lr, beta1, beta2, eps = Decimal("0.1"), Decimal("0.9"), Decimal("0.999"), Decimal("1e-8")
    w, m, s = Decimal(1), Decimal(0), Decimal(0)
    lines = shown("adam.py", tmp_path)
    for t in (1, 2, 3):
        g = 2 * w
        m, s = beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * g**2
        fair_m, fair_s = m / (1 - beta1**t), s / (1 - beta2**t)
        w -= lr * fair_m / (fair_s.sqrt() + eps)
        exact = [float(number) for number in (t, g, m, s, fair_m, fair_s, w, w)]
        assert numbers_in(lines[t]) == pytest.approx(exact, abs=1e-7)
    assert numbers_in(lines[4]) == pytest.approx([math.sqrt(0.1), 0.1], abs=1e-4)  # 0.1 / sqrt(0.001) rates of 0.1


def test_rmsprop_is_adadelta_with_its_steps_held(tmp_path):
    lines = shown("adadelta.py", tmp_path)
    held, free, plain = (numbers_in(line)[-1] for line in lines[1:])
    assert held < 1e-12
    assert free > 1
    assert plain < 1e-9


def test_gradients_vanish_keep_or_explode_as_the_formula_says(tmp_path):
    lines = shown("vanishing.py", tmp_path)
    found = {line[:20].strip(): [float(word) for word in line[20:].split()] for line in lines[2:10:2]}
    powers = [depth - 1 for depth in (2, 5, 10, 20, 50)]

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    q = 0.3  # of Z: the mean square of what the layer below puts out
    for _ in range(20):
        q = means_of_normal(lambda u, q=q: sigmoid(math.sqrt(q) * u) ** 2)
    slope = math.sqrt(means_of_normal(lambda u: (sigmoid(math.sqrt(q) * u) * (1 - sigmoid(math.sqrt(q) * u))) ** 2))
    assert slope == pytest.approx(0.236, abs=0.001)
    factors = {"sigmoid": slope, "ReLU, half of He": 0.5, "ReLU, He": 1.0, "ReLU, twice He": 2.0}
    assert set(found) == set(factors)
    for name, factor in factors.items():
        by_layer = np.log(found[name]) / powers  # logarithm of the factor of one layer
        assert by_layer == pytest.approx([math.log(factor)] * 5, abs=0.25)
        assert by_layer[-1] == pytest.approx(math.log(factor), abs=0.06)
    assert "Exp made an infinity" in lines[10]
    assert "gradient of Sqrt made an infinity" in lines[11]


def test_the_training_sets_constants_are_the_right_ones(tmp_path, monkeypatch):
    monkeypatch.delenv("PELLUCID_DATA", raising=False)
    lines = shown("scaling.py", tmp_path)
    check_scaling(lines)


@pytest.mark.real_data
def test_the_training_sets_constants_are_the_right_ones_for_wine(tmp_path, real_data):
    lines = shown("scaling.py", tmp_path)
    assert lines[5].startswith("wine")
    check_scaling(lines[5:])


def check_scaling(lines):
    """With many like those of training the constants hardly matter; with flowers of one kind all is lost."""
    fair, own, difference, error = numbers_in(lines[1])[-4:]
    assert fair > 90
    assert abs(difference) < 6
    fair, own, difference, error = numbers_in(lines[4])[-4:]
    assert fair > 85
    assert own < 60
    assert difference > 2 * error
    assert difference == pytest.approx(fair - own, abs=0.11)


def test_the_sweep_of_learning_rates_has_its_edge_where_it_must(tmp_path):
    from pellucid import data

    lines = shown("learning_rate.py", tmp_path)
    rates, linear, network = np.array([numbers_in(line.replace("nan", "1e9")) for line in lines[1:-1]]).T
    images, labels = data.digits()
    x, y = images.reshape(len(images), 64).astype(np.float64), np.eye(10)[labels]
    h, directions = np.linalg.eigh(2 * x.T @ x / y.size)
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    for rate, loss in zip(np.geomspace(1e-3, 10, 9), linear, strict=True):
        W = best + directions @ ((1 - rate * h) ** 100 * (directions.T @ -best).T).T  # from W = 0, in closed form
        assert loss == pytest.approx(((x @ W - y) ** 2).mean(), rel=2e-3)
    edge = numbers_in(lines[-1])[-1]
    assert edge == pytest.approx(2 / h.max(), abs=1e-3)
    assert (linear[rates < edge] < 0.11).all()
    assert (linear[rates > edge] > 1e3).all()
    assert network[0] > 2 > 1 > network.min()
    assert network[-1] > 1


@pytest.mark.compiler
@pytest.mark.slow
def test_rates_that_become_small_end_lower(tmp_path):
    constant, *others = shown("schedules.py", tmp_path)
    assert constant.startswith("constant")
    assert len(others) == 4
    for line in others:
        gain, error = numbers_in(line)[-2:]
        assert gain > 2 * error


@pytest.mark.compiler
@pytest.mark.slow
@pytest.mark.real_data
def test_rate_and_batch_may_grow_together(tmp_path, real_data):
    lines = shown("learning_rate_and_batch.py", tmp_path)
    for line in lines[-3:]:
        _, same_rate, same_quotient = numbers_in(line)
        assert 1 <= same_quotient < same_rate


@pytest.mark.compiler
@pytest.mark.slow
def test_chance_beats_a_grid_where_one_setting_hardly_matters(tmp_path):
    rates, decays, _, _, last = shown("grid_and_random.py", tmp_path)
    low, high = numbers_in(rates)
    assert high > 3 * low
    low, high = numbers_in(decays)
    assert high < 1.05 * low
    gain, error = numbers_in(last)
    assert gain > 2 * error


@pytest.mark.slow
def test_the_controller_learns_what_to_propose(tmp_path):
    lines = shown("controller.py", tmp_path)
    gain, error = numbers_in(lines[2])[-2:]
    assert gain > 2 * error
    assert gain > 15
    (_, begin, _, end), (_, idle_begin, _, idle_end) = (numbers_in(line.replace("%", "")) for line in lines[:2])
    assert end > begin + 15
    assert abs(idle_end - idle_begin) < 10


@pytest.mark.slow
def test_each_optimizer_wins_where_it_should(tmp_path):
    lines = shown("who_wins.py", tmp_path)
    winners = []
    for line in lines[1::2]:
        ahead, error = numbers_in(line)[-2:]
        assert ahead > 2 * error
        winners.append(line.split()[0])
    assert winners == ["SGD", "Momentum", "AdaGrad", "RMSprop", "Adam"]
