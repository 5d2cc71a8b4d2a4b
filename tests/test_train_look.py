"""Looking at a model in evaluation mode: when its predictions come from a program, and that they are the same."""

import numpy as np
import pytest

import pellucid as pc
import pellucid.functional as F
from pellucid import metrics, nn, optim, train
from pellucid.compile import CompiledStep
from pellucid.errors import ArgumentError
from pellucid.train import decide
from pellucid.train.look import Predictor

RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(96, 1, 8, 8)).astype(np.float32)
Y = RANDOM.integers(0, 3, 96)
BATCHES = 12  # of 8 pictures


@pytest.fixture
def free_compiler(monkeypatch):
    """Every program pays."""
    monkeypatch.setattr(decide, "COMPILING", 0.0)
    monkeypatch.setattr(decide, "COMPILING_OP", 0.0)


def network():
    pc.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))


def batches():
    """Pairs of tensors."""
    for i in range(0, len(X), 8):
        yield pc.tensor(X[i : i + 8]), pc.tensor(Y[i : i + 8])


def loader():
    return pc.data.DataLoader((X, Y), 8)


@pytest.mark.compiler
def test_a_program_gives_the_figures_of_the_model(free_compiler):
    model = network()
    model[1].running_mean.assign(pc.tensor([0.1, 0.2, 0.3, 0.4]))
    assert isinstance(Predictor(model, BATCHES).ready(batches()), CompiledStep)
    eager = train.evaluate(model, loader(), loss=F.cross_entropy, metrics=[metrics.accuracy], compile=False)
    for compile in ("auto", True):
        found = train.evaluate(model, loader(), loss=F.cross_entropy, metrics=[metrics.accuracy], compile=compile)
        assert found == pytest.approx(eager, rel=1e-5)
    assert model.training
    assert model[1].running_mean.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])  # nothing was learned meanwhile


@pytest.mark.compiler
def test_each_look_sees_the_weights_as_they_are(free_compiler):
    """Of a training that compiles validation, and of one that does not: the same figures after each epoch."""
    histories = []
    for compile in ("auto", False):
        model = network()
        histories.append(
            train.fit(
                model,
                (X, Y),
                loss=F.cross_entropy,
                optimizer=optim.SGD(model.parameters(), lr=0.05),
                epochs=4,
                validation=loader(),
                compile=compile,
                progress=False,
            )
        )
    compiled, eager = [[epoch["val_loss"] for epoch in history] for history in histories]
    assert compiled == pytest.approx(eager, rel=1e-4)
    assert len(set(compiled)) == 4


def test_few_batches_are_looked_at_line_by_line():
    model = network()
    assert Predictor(model, decide.FEW - 1).ready(batches()) is model
    assert Predictor(model, BATCHES, compile=False).ready(batches()) is model


def test_it_pays_for_a_deep_network_and_not_for_a_small_one():
    """10,000 pictures: ResNet-20 has 40 million multiplications for each, a linear layer next to nothing."""
    x = pc.zeros(250, 3, 32, 32)
    deep, flat = pc.models.cifar_resnet(20), nn.Sequential(nn.Flatten(), nn.Linear(3072, 10))
    with pc.no_grad():
        graphs = [decide.recorded_twice(model, ("x",), (x,)) for model in (deep, flat)]
    assert [decide.weigh(graph, 40)[0] for graph in graphs] == [True, False]


def test_a_model_with_hooks_is_called(free_compiler):
    """A program would call them while it is recorded only."""
    model, seen = network(), []
    model[0].register_forward_hook(lambda module, inputs, output: seen.append(output.shape))
    train.evaluate(model, loader(), loss=F.cross_entropy)
    assert seen == [(8, 4, 6, 6)] * BATCHES


def test_a_model_that_counts_its_calls_is_called(free_compiler):
    class Counting(nn.Module):
        def __init__(self):
            self.calls = 0
            self.linear = nn.Linear(64, 3)

        def forward(self, x):
            self.calls += 1
            return self.linear(x.reshape(len(x), 64))

    model = Counting()
    train.evaluate(model, loader(), loss=F.cross_entropy)
    assert model.calls == BATCHES


@pytest.mark.compiler
def test_a_number_that_the_model_closes_over_may_change_between_two_looks(free_compiler):
    """It is a constant of the program, so there has to be another program."""
    scale = 1.0

    class Scaled(nn.Module):
        def forward(self, x):
            return x.reshape(len(x), 64)[:, :3] * scale

    predictor = Predictor(Scaled(), BATCHES)
    x, _ = next(batches())
    first = predictor.ready(batches())(x).numpy()
    same = predictor.ready(batches())
    scale = 2.0
    other = predictor.ready(batches())
    assert isinstance(same, CompiledStep)
    assert other is not same
    assert (other(x).numpy() == 2 * first).all()


def test_a_mistake_in_the_model_is_told_as_always(free_compiler):
    with pytest.raises(pc.errors.ShapeError):
        train.evaluate(nn.Linear(5, 3), loader(), loss=F.cross_entropy)


def test_compile_is_one_of_three():
    with pytest.raises(ArgumentError, match="compile is True, False or"):
        train.evaluate(network(), loader(), loss=F.cross_entropy, compile="yes")
