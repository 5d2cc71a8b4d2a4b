"""Weights that stay laid out from call to call: whoever changes them, and however, the next answer is that of now."""

import copy

import numpy as np
import pytest
from c_close import COMPILER, assert_close

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim

pytestmark = list(COMPILER)


def setting(rows=5, dtype=np.float32):
    """(model, compiled step, argument) that answers; its first weight is large enough to be kept."""
    pc.manual_seed(0)
    model = nn.Sequential(nn.Linear(300, 259, dtype=dtype), nn.ReLU(), nn.Linear(259, 3, dtype=dtype))

    @pc.compile(target="c")
    def step(x):
        with pc.no_grad():
            return model(x)

    return model, step, pc.tensor(np.random.default_rng(0).normal(size=(rows, 300)).astype(dtype))


def check(model, step, x):
    with pc.no_grad():
        expected = model(x)
    for _ in range(2):
        assert_close(expected.numpy(), step(x).numpy())


def assign(model):
    model[0].weight.assign(model[0].weight.detach() * 2.0)


def set_data(model):
    model[0].weight.data = np.full((259, 300), 0.5)


def in_place(model):
    model[0].weight.mul_(3.0)


def one_row(model):
    model[0].weight[7] = 1.0


def load(model):
    model.load_state_dict({name: state * 0.5 for name, state in model.state_dict().items()})


def train(model):
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    @pc.compile(target="c")
    def step(x):
        loss = F.mse_loss(model(x), pc.zeros((4, 3)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    for _ in range(12):  # also by the short way in
        step(pc.tensor(np.ones((4, 300), np.float32)))


def a_view(model):
    model[0].weight.numpy()[...] *= 2


def a_view_of_data(model):
    model[0].weight.data.numpy()[...] *= 2


def data_in_place(model):
    data = model[0].weight.data
    data *= 2.0


def as_array(model):
    np.asarray(model[0].weight)[...] *= 2


CHANGES = [assign, set_data, in_place, one_row, load, train, a_view, a_view_of_data, data_in_place, as_array]


@pytest.mark.parametrize("calls", [1, 15])  # the long way in, and the short one
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_changed_weight_is_seen(change, calls):
    model, step, x = setting()
    for _ in range(calls):
        check(model, step, x)
    assert step.source.count("->pack_f32(") == 1
    for _ in range(2):
        with pc.enable_grad() if change is train else pc.no_grad():
            change(model)
        check(model, step, x)


def test_a_view_that_was_there_before_the_program():
    model, step, x = setting()
    view = model[0].weight.numpy()
    check(model, step, x)
    view[...] = 0.25
    check(model, step, x)


def test_a_view_stays_writable_for_ever():
    model, step, x = setting()
    view = model[0].weight.numpy()
    for number in (0.5, 1.0, 1.5):
        check(model, step, x)
        view[:, 3] = number
        check(model, step, x)


@pytest.mark.parametrize("rows", [5, 8, 33, 128])
def test_laid_out_or_not_the_bits_are_the_same(rows):
    model, step, x = setting(rows)
    before = step(x).numpy()
    model[0].weight.numpy()
    np.testing.assert_array_equal(step(x).numpy(), before)


def test_a_copy_of_a_model_has_weights_of_its_own():
    model, _, _ = setting()
    model[0].weight.numpy()
    assert model[0].weight.exposed
    assert not copy.deepcopy(model)[0].weight.exposed


def test_copies_give_nothing_away():
    weight = setting()[0][0].weight
    weight.tolist(), np.array(weight), weight.detach().numpy(), weight[0].numpy(), weight.T.numpy(), repr(weight)
    assert not weight.exposed


@pytest.mark.parametrize(("rows", "kept"), [(1, 0), (4, 0), (5, 1), (128, 1), (129, 0)])
def test_for_a_few_rows_only(rows, kept):
    model, step, x = setting(rows)
    check(model, step, x)
    assert step.source.count("->pack_f32(") == kept


def test_double():
    model, step, x = setting(dtype=np.float64)
    check(model, step, x)
    assert step.source.count("->pack_f64(") == 1


def test_many_answers_in_one_call():
    model, step, x = setting()
    batches = pc.stack([x, x * 2.0, x * 3.0])
    step(x)
    for _ in range(2):
        with pc.no_grad():
            expected = model(batches)
        assert_close(expected.numpy(), step.repeat(batches).numpy())
        assign(model)


def test_threads_do_not_change_a_bit(monkeypatch):
    from pellucid.targets.c import pool

    answers = []
    for threads in ("1", "2", "4"):
        monkeypatch.setenv("PELLUCID_THREADS", threads)
        pool.runtime()
        _, step, x = setting(64)
        answers.append(step(x).numpy().tobytes())
    assert len(set(answers)) == 1
