"""Updates that visit only the rows that were looked up: the same numbers as the eager ones, gradients included."""

import numpy as np
import pytest
from c_close import assert_close

import pellucid as pc
from pellucid import nn, optim
from pellucid.errors import PellucidError

ROWS, WIDTH = 300, 7


def setting(make_optimizer, target):
    """(model, optimizer, step) for sums of squares of vectors taken from a table."""
    pc.manual_seed(0)
    model = nn.Embedding(ROWS, WIDTH)
    optimizer = make_optimizer(model.parameters())

    def step(words, wanted):
        loss = ((model(words) - wanted) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, pc.compile(step, target=target) if target else step


def batches(count, size=40):
    random = np.random.default_rng(1)
    for _ in range(count):
        yield pc.tensor(random.integers(0, ROWS, size)), pc.tensor(random.normal(size=(size, WIDTH)).astype(np.float32))


OPTIMIZERS = {
    "SparseAdam": lambda parameters: optim.SparseAdam(list(parameters), lr=0.05),
    "SGD": lambda parameters: optim.SGD(parameters, lr=0.05),
    "Adam": lambda parameters: optim.Adam(parameters, lr=0.05),
    "SGD with momentum": lambda parameters: optim.SGD(parameters, lr=0.05, momentum=0.9),
    "SGD with decay": lambda parameters: optim.SGD(parameters, lr=0.05, weight_decay=0.1),
}
VISITS = {"SparseAdam", "SGD"}  # those under which a row without a gradient rests


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_as_eager_for_tables_and_gradients(name):
    model, _, step = setting(OPTIMIZERS[name], "c")
    twin, _, eager = setting(OPTIMIZERS[name], None)
    for words, wanted in batches(12):
        assert_close(step(words, wanted).data, eager(words, wanted).data)
        assert_close(model.weight.data, twin.weight.data)
        assert_close(model.weight.grad.data, twin.weight.grad.data)
    assert ("i = row_of[t]" in step.source) == (name in VISITS)  # does a nest visit the named rows only?


def test_rows_that_were_not_looked_up_keep_their_bits():
    model, _, step = setting(OPTIMIZERS["SparseAdam"], "c")
    before = np.array(model.weight.data)
    words = pc.tensor(np.array([5, 5, 9]))
    step(words, pc.zeros(3, WIDTH))
    changed = np.flatnonzero((np.asarray(model.weight.data) != before).any(1))
    assert changed.tolist() == [5, 9]


def test_a_gradient_that_somebody_has_changed_is_made_anew():
    model, _, step = setting(OPTIMIZERS["SGD"], "c")
    twin, _, eager = setting(OPTIMIZERS["SGD"], None)
    for i, (words, wanted) in enumerate(batches(15)):
        step(words, wanted)
        eager(words, wanted)
        if i % 3 == 2:
            model.weight.grad = pc.ones(ROWS, WIDTH)
            twin.weight.grad = pc.ones(ROWS, WIDTH)
        assert_close(model.weight.grad.data, twin.weight.grad.data)


def test_a_gradient_that_the_step_reads_before_it_makes_another():
    def make(model):
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(words):
            old = model.weight.grad
            size = 0.0 if old is None else (old * 1.0).sum()
            optimizer.zero_grad()
            loss = (model(words) ** 2).sum()
            loss.backward()
            optimizer.step()
            return loss + 0.0 * size

        return step

    pc.manual_seed(0)
    models = [nn.Embedding(50, 6), nn.Embedding(50, 6)]
    models[1].load_state_dict(models[0].state_dict())
    step, eager = pc.compile(make(models[0]), target="c"), make(models[1])
    random = np.random.default_rng(3)
    for i in range(9):
        if i % 4 == 3:
            for model in models:
                model.weight.grad = pc.ones(50, 6)
        words = pc.tensor(random.integers(0, 50, 7))
        step(words)
        eager(words)
        assert_close(models[1].weight.grad.data, models[0].weight.grad.data)


def test_two_batch_sizes_share_one_gradient():
    """Two programs leave their gradient in the same memory: each must clear what the other has written."""
    model, _, step = setting(OPTIMIZERS["SparseAdam"], "c")
    twin, _, eager = setting(OPTIMIZERS["SparseAdam"], None)
    pairs = zip(batches(8, 40), batches(8, 13), strict=True)
    for both in pairs:
        for words, wanted in both:
            step(words, wanted)
            eager(words, wanted)
            assert_close(model.weight.grad.data, twin.weight.grad.data)
    assert_close(model.weight.data, twin.weight.data)


def test_an_index_out_of_range_changes_nothing():
    model, _, step = setting(OPTIMIZERS["SparseAdam"], "c")
    for words, wanted in batches(3):
        step(words, wanted)
    before, gradient = np.array(model.weight.data), np.array(model.weight.grad.data)
    with pytest.raises(PellucidError):
        step(pc.tensor(np.full(40, ROWS)), pc.zeros(40, WIDTH))
    np.testing.assert_array_equal(model.weight.data, before)
    np.testing.assert_array_equal(model.weight.grad.data, gradient)


def test_repeat_and_profile():
    model, _, step = setting(OPTIMIZERS["SparseAdam"], "c")
    twin, _, eager = setting(OPTIMIZERS["SparseAdam"], None)
    stacked = [pc.stack(parts) for parts in zip(*batches(9), strict=True)]
    step.repeat(*stacked)
    step.profile(2)
    step.repeat(*stacked)
    for _ in range(2):
        for words, wanted in batches(9):
            eager(words, wanted)
    assert_close(model.weight.data, twin.weight.data)
    assert_close(model.weight.grad.data, twin.weight.grad.data)


def test_a_table_that_is_used_twice():
    """Both lookups have a gradient of their own: their sum is not zero in rows that only one of them names."""
    pc.manual_seed(0)
    tables = [nn.Embedding(50, 6), nn.Embedding(50, 6)]
    tables[1].load_state_dict(tables[0].state_dict())

    def make(model):
        optimizer = optim.SGD(model.parameters(), lr=0.1)

        def step(a, b):
            loss = ((model(a) * model(b)) ** 2).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        return step

    random = np.random.default_rng(2)
    step, eager = pc.compile(make(tables[0]), target="c"), make(tables[1])
    for _ in range(5):
        a, b = (pc.tensor(random.integers(0, 50, 9)) for _ in range(2))
        step(a, b)
        eager(a, b)
        assert_close(tables[0].weight.data, tables[1].weight.data)


BATCHES = {
    "one row, many times": lambda random: np.full(40, 7),
    "every row": lambda random: random.permutation(ROWS),
    "every row, some twice": lambda random: np.concatenate([np.arange(ROWS), np.arange(0, ROWS, 3)]),
    "one index": lambda random: np.array([ROWS - 1]),
    "none": lambda random: np.zeros(0, np.int64),
    "two axes": lambda random: random.integers(0, ROWS, (8, 5)),
    "three axes, one of length 1": lambda random: random.integers(0, ROWS, (4, 1, 6)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("batch", BATCHES)
def test_indices_of_all_kinds(name, batch):
    """Between such batches come others, whose rows must be zero again in the gradient afterwards."""
    model, _, step = setting(OPTIMIZERS[name], "c")
    twin, _, eager = setting(OPTIMIZERS[name], None)
    random = np.random.default_rng(5)
    for words, wanted in batches(4):
        special = BATCHES[batch](random)
        for each in (words, pc.tensor(special)):
            target = wanted if each is words else pc.tensor(random.normal(size=(*special.shape, WIDTH)).astype("f4"))
            assert_close(step(each, target).data, eager(each, target).data)
            assert_close(model.weight.grad.data, twin.weight.grad.data)
            assert_close(model.weight.data, twin.weight.data)


def test_rows_are_added_up_in_the_order_of_the_batch():
    """1e8 + 1 - 1e8 + 1 in float32 is 1 in this order, and 0 or 2 in others: the bits are those of NumPy's add.at."""
    x = pc.zeros(70, 3, requires_grad=True)
    g = np.tile(np.array([[1e8], [1.0], [-1e8], [1.0]], np.float32), (20, 3))

    @pc.compile(target="c")
    def step(index, g):
        x.grad = None
        (x[index] * g).sum().backward()
        return x.grad + 0.0

    for index in (np.zeros(80, np.int64), np.repeat(np.arange(40) % 13, 2), np.arange(80) % 70):
        expected = np.zeros((70, 3), np.float32)
        np.add.at(expected, index, g)
        np.testing.assert_array_equal(step(pc.tensor(index), pc.tensor(g)).data, expected)
        np.testing.assert_array_equal(x.grad.data, expected)


def skip_gram(target):
    """(tables, step) for sums of products of the vectors of words and of several contexts each."""
    pc.manual_seed(1)
    words, contexts = nn.Embedding(ROWS, 70), nn.Embedding(ROWS, 70)
    optimizer = optim.SparseAdam([words.weight, contexts.weight], lr=0.05)

    def step(a, b):
        scores = (contexts(b) * words(a).unsqueeze(1)).sum(-1)
        loss = ((-scores).exp() + 1.0).log().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return (words.weight, contexts.weight), pc.compile(step, target=target) if target else step


def test_rows_are_read_where_they_lie():
    """No array holds the rows that were taken, nor the products that are added up: (64, 6, 70) occurs in no call."""
    tables, step = skip_gram("c")
    twins, eager = skip_gram(None)
    random = np.random.default_rng(4)
    for _ in range(6):
        a, b = pc.tensor(random.integers(0, ROWS, 64)), pc.tensor(random.integers(0, ROWS, (64, 6)))
        assert_close(step(a, b).data, eager(a, b).data)
        for table, twin in zip(tables, twins, strict=True):
            assert_close(table.data, twin.data)
            assert_close(table.grad.data, twin.grad.data)
    declared = [line for line in step.source.splitlines() if "(arena + " in line]
    assert declared
    assert not [line for line in declared if "float32[64, 6, 70]" in line], declared


def test_a_gradient_and_its_update_are_done_together():
    """Row by row, one table after the other: the one whose old rows the other's gradient needs comes second."""
    _, step = skip_gram("c")
    random = np.random.default_rng(4)
    step(pc.tensor(random.integers(0, ROWS, 64)), pc.tensor(random.integers(0, ROWS, (64, 6))))
    together = [line for line in step.source.splitlines() if line.startswith("// 2 calls, together")]
    assert len(together) == 2


def test_an_update_waits_for_a_gradient_that_reads_other_rows_of_the_table():
    """Half of each product is a row that another part of the list changes."""
    pc.manual_seed(0)
    tables = [nn.Embedding(ROWS, 70), nn.Embedding(ROWS, 70)]
    tables[1].load_state_dict(tables[0].state_dict())
    optimizers = [optim.SparseAdam(list(model.parameters()), lr=0.05) for model in tables]

    def make(model, optimizer):
        def step(a):
            rows = model(a)
            loss = (rows[:, 0] * rows[:, 1]).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        return step

    step, eager = pc.compile(make(tables[0], optimizers[0]), target="c"), make(tables[1], optimizers[1])
    random = np.random.default_rng(7)
    for _ in range(6):
        a = pc.tensor(random.integers(0, ROWS, (400, 2)))
        step(a)
        eager(a)
        assert_close(tables[0].weight.data, tables[1].weight.data)
        assert_close(tables[0].weight.grad.data, tables[1].weight.grad.data)


def test_a_gradient_written_through_numpy_is_made_anew():
    model, _, step = setting(OPTIMIZERS["SparseAdam"], "c")
    twin, _, eager = setting(OPTIMIZERS["SparseAdam"], None)
    for i, (words, wanted) in enumerate(batches(20)):
        step(words, wanted)
        eager(words, wanted)
        np.testing.assert_array_equal(model.weight.grad.numpy() != 0, twin.weight.grad.numpy() != 0)
        if i % 2:
            model.weight.grad.numpy()[...] = 7.0
            twin.weight.grad.numpy()[...] = 7.0
        else:
            np.asarray(model.weight.grad.data)[3] = 5.0
