"""Slices of a batch through several layers: the same numbers as call by call, for any number of threads."""

import numpy as np
import pytest
from c_close import assert_close

import pellucid as pc
import pellucid.functional as F
from pellucid import nn, optim
from pellucid.fusion.fuse import PASSES
from pellucid.targets.c.program import CProgram
from pellucid.targets.c.slices import Chain


def setting(batch, hidden=24, classes=3, dtype=np.float32, norm=None, late_norm=None):
    """(model, step, arguments) of a small classifier."""
    pc.manual_seed(0)
    first, second = nn.Linear(5, hidden, dtype=dtype), nn.Linear(hidden, hidden, dtype=dtype)
    middle = [norm(hidden)] if norm else []
    late = [late_norm(hidden)] if late_norm else []
    last = nn.Linear(hidden, classes, dtype=dtype)
    model = nn.Sequential(first, nn.Tanh(), *middle, second, *late, nn.ReLU(), last)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    @pc.compile(target="c")
    def step(x, y):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    random = np.random.default_rng(batch)
    x, y = random.normal(size=(batch, 5)).astype(dtype), random.integers(0, classes, batch)
    return model, step, (pc.tensor(x), pc.tensor(y))


def chains_of(program):
    return [call.what for call in program.source.calls if isinstance(call.what, Chain)]


def trained(setting, passes):
    """(losses, parameters, gradients, chains) of three steps with these passes."""
    model, step, arguments = setting
    before = {name: np.array(p.data) for name, p in model.named_parameters()}
    step(*arguments)
    graph = step.called().target.graph
    for name, p in model.named_parameters():
        p.data = before[name]
    program = CProgram(graph, passes)
    losses = [program.run([np.asarray(x.data) for x in arguments])[0] for _ in range(3)]
    found = {name: (np.array(p.data), np.array(p.grad.data)) for name, p in model.named_parameters()}
    return losses, found, chains_of(program)


WITHOUT = tuple(each for each in PASSES if each != "slices")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("batch", [4096, 6000, 8192])
def test_the_same_numbers_slice_by_slice(batch, dtype):
    losses, found, chains = trained(setting(batch, dtype=dtype), PASSES)
    expected, others, none = trained(setting(batch, dtype=dtype), WITHOUT)
    assert len(chains) == 1
    assert chains[0].slices >= 4
    assert none == []
    for ours, theirs in zip(losses, expected, strict=True):
        assert_close(theirs, ours)
    for name, (value, gradient) in found.items():
        np.testing.assert_allclose(value, others[name][0], rtol=0, atol=2e-6)
        np.testing.assert_allclose(gradient, others[name][1], rtol=0, atol=2e-6)


def test_forward_and_backward_are_one_chain():
    """Six products and three kernels for each slice: the weights' gradients are made in parts."""
    *_, (chain,) = trained(setting(4096), PASSES)
    kinds = [type(each.call.what).__name__ for each in chain.calls]
    assert kinds.count("Product") == 8  # 3 forward, 2 for the inputs of layers, 3 for weights
    assert (
        sum(each.call.what.c[0].of == "parts" for each in chain.calls if type(each.call.what).__name__ == "Product")
        == 3
    )


@pytest.mark.parametrize("batch", [4093, 100])  # a prime number of rows has no slices; a small batch needs none
def test_what_cannot_be_cut_or_need_not_be_is_left_alone(batch):
    *_, chains = trained(setting(batch), PASSES)
    assert chains == []


def test_weights_are_laid_out_once_for_all_slices():
    _, step, arguments = setting(4096, hidden=64)
    step(*arguments)
    assert step.source.count("->pack_f32(") == 2  # the middle layer: forward, and transposed on the way back
    losses, found, (chain,) = trained(setting(4096, hidden=64), PASSES)
    expected, others, _ = trained(setting(4096, hidden=64), WITHOUT)
    assert sum(product.packed is not None for product in chain.products) == 2
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
    for name, (value, _) in found.items():
        np.testing.assert_allclose(value, others[name][0], rtol=0, atol=2e-6)


def test_a_chain_ends_with_its_last_call():
    """What needs all rows ends a chain; behind it another one begins."""
    *_, chains = trained(setting(8192, hidden=64, late_norm=nn.BatchNorm1d), PASSES)
    assert len(chains) > 1


def test_wide_layers_are_left_alone():
    """Laying out their weights for each slice would cost more than the slices bring."""
    *_, chains = trained(setting(2048, hidden=512), PASSES)
    assert chains == []


def test_batch_norm_couples_the_rows():
    """What needs all rows waits for all rows; the numbers are right all the same."""
    eager_model, eager, arguments = setting(4096, norm=nn.BatchNorm1d)
    model, step, _ = setting(4096, norm=nn.BatchNorm1d)
    for _ in range(3):
        assert_close(eager.function(*arguments).data, step(*arguments).data)
    for ours, theirs in zip(model.parameters(), eager_model.parameters(), strict=True):
        np.testing.assert_allclose(np.asarray(ours.data), np.asarray(theirs.data), rtol=0, atol=1e-5)


def test_threads_do_not_change_a_bit(monkeypatch):
    from pellucid.targets.c import pool

    results = []
    for threads in ("1", "2", "3", "4", "7"):
        monkeypatch.setenv("PELLUCID_THREADS", threads)
        pool.runtime()
        losses, found, _ = trained(setting(4096), PASSES)
        results.append([*losses, *[array for pair in found.values() for array in pair]])
    for other in results[1:]:
        for ours, theirs in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(ours, theirs)
