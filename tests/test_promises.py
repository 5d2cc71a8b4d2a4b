"""What every primitive promises, checked on every sample of tests/samples.py."""

import copy
import dataclasses
import inspect
import pickle

import numpy as np
import pytest
from samples import ALL, SAMPLES
from wrong_samples import WRONG

import pellucid as pc
from pellucid import ops
from pellucid.engine import Spec

# Here `forward` is called from a test, where nothing silences NumPy; that the package itself stays silent about
# infinities is checked in tests/test_house.py.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

FLOATS = ("float32", "float64")
SAMPLED = {type(sample.op) for sample in SAMPLES}
DIFFERENTIABLE = [sample for sample in ALL if sample.differentiable and sample.op.differentiable]
SMOOTH = [sample for sample in DIFFERENTIABLE if sample.smooth]
TWICE = [sample for sample in SMOOTH if sample.op.forward(*sample.cast("float64")).dtype == np.float64]
KINDS = list(dict.fromkeys(type(sample.op) for sample in DIFFERENTIABLE))
EACH_OP = list(dict.fromkeys(sample.op for sample in SAMPLES))


@pytest.fixture(autouse=True)
def on_numpy(monkeypatch):
    """Bits are NumPy's promise; tests/test_c_target.py says how close C comes."""
    monkeypatch.setenv("PELLUCID_TARGET", "numpy")


def names(value):
    return repr(value)


def leaves_of(sample, dtype):
    """Every input as a tensor, the differentiable ones as leaves that require a gradient."""
    return [pc.tensor(x, requires_grad=i in sample.differentiable) for i, x in enumerate(sample.cast(dtype))]


def bits(x):
    """Everything that can be told about a result: two NaN with different bits differ."""
    array = np.asarray(x.array)
    return array.dtype, array.shape, array.tobytes()


def seed_for(array):
    """A gradient to begin with: no two elements are equal."""
    count = np.size(array)
    return np.linspace(0.5, 1.5, count).reshape(np.shape(array)).astype(array.dtype)


# ---- the table


def test_every_exported_op_has_a_sample():
    assert {getattr(ops, name) for name in ops.__all__} == SAMPLED


def test_every_op_with_conditions_has_wrong_inputs():
    """An op that checks more than the elementwise rule must show what it refuses."""
    anything_goes = {ops.Sum, ops.Cast}
    own_rule = {kind for kind in SAMPLED if "infer" in vars(kind)} - anything_goes
    assert own_rule <= {type(wrong.op) for wrong in WRONG}


def test_every_op_has_a_special_sample():
    """NaN, infinities, -0.0, an empty axis and an axis of length 1: wherever there are float inputs."""
    for kind in SAMPLED:
        of_kind = [sample for sample in ALL if type(sample.op) is kind]
        if not any(x.dtype.kind == "f" for sample in of_kind for x in sample.inputs):
            continue
        arrays = [x for sample in of_kind for x in sample.inputs]
        assert any(x.size == 0 for x in arrays), f"{kind.__name__} has no sample with an empty axis"
        assert any(1 in x.shape for x in arrays), f"{kind.__name__} has no sample with an axis of length 1"
        if kind not in (ops.ArgMax, ops.Cast):  # theirs are listed by hand, and made to fit
            special = [x for x in arrays if x.dtype.kind == "f" and np.isnan(x).any() and np.isinf(x).any()]
            assert special, f"{kind.__name__} has no sample with NaN and infinities"


# ---- meaning


@pytest.mark.parametrize("dtype", ["float16", *FLOATS])
@pytest.mark.parametrize("sample", ALL, ids=names)
def test_infer_agrees_with_forward(sample, dtype):
    inputs = sample.cast(dtype)
    y = sample.op.forward(*inputs)
    assert Spec(y.shape, y.dtype) == sample.op.infer(*[Spec(x.shape, x.dtype) for x in inputs])


@pytest.mark.parametrize("sample", ALL, ids=names)
def test_forward_never_writes_into_its_inputs(sample):
    inputs = [np.array(x) for x in sample.cast("float32")]
    for x in inputs:
        x.flags.writeable = False  # writing raises
    before = [x.tobytes() for x in inputs]
    sample.op.forward(*inputs)
    assert [x.tobytes() for x in inputs] == before


@pytest.mark.parametrize("sample", ALL, ids=names)
def test_forward_gives_the_same_bits_again(sample):
    inputs = sample.cast("float32")
    assert np.asarray(sample.op.forward(*inputs)).tobytes() == np.asarray(sample.op.forward(*inputs)).tobytes()


# ---- gradients


def slope_by_differences(function, arrays, which, step=1e-6):
    """d function / d arrays[which], element by element: central differences of a function that gives a number."""
    slope = np.zeros(arrays[which].shape)
    for place in np.ndindex(slope.shape):
        ends = []
        for sign in (1, -1):
            moved = [np.array(x) for x in arrays]
            moved[which][place] += sign * step
            ends.append(function(moved))
        slope[place] = (ends[0] - ends[1]) / (2 * step)
    return slope


def number_of(x):
    return float(np.asarray(x.array).sum())


@pytest.mark.parametrize("sample", SMOOTH, ids=names)
def test_gradient_agrees_with_finite_differences(sample):
    arrays = sample.cast("float64")
    weights = seed_for(np.asarray(sample.op.forward(*arrays)))
    leaves = leaves_of(sample, "float64")
    y = sample.op(*leaves)
    y.backward(pc.tensor(weights))
    for i in sample.differentiable:
        expected = slope_by_differences(lambda moved: float((sample.op.forward(*moved) * weights).sum()), arrays, i)
        found = np.zeros(arrays[i].shape) if leaves[i].grad is None else leaves[i].grad.numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-7)


def weighted_gradients(sample, arrays, create_graph):
    """Sum of the gradients of all inputs, each element with a weight of its own; and the leaves.

    The last of `arrays` is the gradient the walk begins with: the rule must be differentiable along it too.
    """
    leaves = [pc.tensor(x, requires_grad=i in sample.differentiable) for i, x in enumerate(arrays[:-1])]
    seed = pc.tensor(arrays[-1], requires_grad=True)
    y = sample.op(*leaves)
    wanted = [leaves[i] for i in sample.differentiable]
    found = pc.autograd.grad(y, wanted, seed, create_graph=create_graph, allow_unused=True)
    total = pc.tensor(np.zeros(()))
    for g in found:
        if g is not None:
            weights = np.cos(np.arange(g.numel(), dtype="float64")).reshape(g.shape)
            total = total + (g * pc.tensor(weights)).sum()
    return total, [*leaves, seed]


@pytest.mark.parametrize("sample", TWICE, ids=names)
def test_second_gradient_agrees_with_finite_differences(sample):
    arrays = sample.cast("float64")
    arrays = [*arrays, seed_for(np.asarray(sample.op.forward(*arrays)))]
    total, leaves = weighted_gradients(sample, arrays, create_graph=True)
    which = [*sample.differentiable, len(arrays) - 1]
    if total.requires_grad:
        found = pc.autograd.grad(total, [leaves[i] for i in which], allow_unused=True)
    else:
        found = [None] * len(which)
    for i, g in zip(which, found, strict=True):
        expected = slope_by_differences(lambda a: number_of(weighted_gradients(sample, a, False)[0]), arrays, i)
        found_here = np.zeros(arrays[i].shape) if g is None else g.numpy()
        np.testing.assert_allclose(found_here, expected, rtol=1e-5, atol=5e-7)


def shown(array, hidden, requires_grad=False):
    """A value as a gradient rule gets it; if `hidden`, it has a shape and a dtype but no numbers."""
    y = pc.Tensor()
    y.array = Spec(array.shape, array.dtype) if hidden else array
    y.requires_grad = requires_grad
    return y


def rule_without(sample, inputs_hidden, output_hidden):
    """Ask the gradient rule while the numbers of inputs or output are missing. True if it could answer."""
    arrays = sample.cast("float32")
    y = np.asarray(sample.op.forward(*arrays))
    inputs = [shown(x, inputs_hidden, i in sample.differentiable) for i, x in enumerate(arrays)]
    try:
        with pc.no_grad():
            sample.op.gradient(pc.tensor(seed_for(y)), shown(y, output_hidden), *inputs)
    except pc.errors.RecordedValueError:
        return False
    return True


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=names)
def test_gradient_reads_only_what_the_op_declares(sample):
    assert rule_without(sample, not sample.op.reads_inputs, not sample.op.reads_output)


# The result of these may lie in the memory of the input, so the engine must notice an assignment to it.
LOOK_AT_THEIR_INPUT = {ops.Reshape, ops.Slice, ops.Transpose}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_op_declares_no_more_than_its_gradient_reads(kind):
    """What is declared is kept alive, so declaring too much costs memory."""
    samples = [sample for sample in DIFFERENTIABLE if type(sample.op) is kind]
    if kind.reads_inputs and kind not in LOOK_AT_THEIR_INPUT:
        assert not all(rule_without(sample, True, False) for sample in samples)
    if kind.reads_output:
        assert not all(rule_without(sample, False, True) for sample in samples)


@pytest.mark.parametrize("sample", ALL, ids=names)
def test_results_require_a_gradient_only_if_there_is_one(sample):
    y = sample.op(*leaves_of(sample, "float32"))
    assert y.requires_grad == (sample in DIFFERENTIABLE)
    assert not y.requires_grad or y.dtype.kind == "f"


# ---- recorded equals eager, bit for bit


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("sample", ALL, ids=names)
def test_recorded_values_equal_eager_ones(sample, dtype):
    """As arguments, as States and as constants, at the first and at later calls."""
    op, arrays = sample.op, sample.cast(dtype)
    expected = bits(op(*[pc.tensor(x) for x in arrays]))

    @pc.compile
    def step(*inputs):
        return op(*inputs)

    for _ in range(3):
        assert bits(step(*[pc.tensor(x) for x in arrays])) == expected

    states = [pc.State(x) for x in arrays]
    step = pc.compile(lambda: op(*states))
    for _ in range(2):
        assert bits(step()) == expected

    constants = [pc.tensor(x) for x in arrays]
    step = pc.compile(lambda: op(*constants))
    assert bits(step()) == expected


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=names)
def test_recorded_gradients_equal_eager_ones(sample, dtype):
    def step_on(leaves):
        y = sample.op(*leaves)
        for leaf in leaves:
            leaf.grad = None
        y.backward(seed)
        return y

    seed = pc.tensor(seed_for(np.asarray(sample.op.forward(*sample.cast(dtype)))))
    eager, recorded = leaves_of(sample, dtype), leaves_of(sample, dtype)
    expected = bits(step_on(eager))
    step = pc.compile(lambda: step_on(recorded))
    for _ in range(2):
        assert bits(step()) == expected
        for a, b in zip(eager, recorded, strict=True):
            assert (a.grad is None) == (b.grad is None)
            assert a.grad is None or bits(a.grad) == bits(b.grad)


@pytest.mark.parametrize("sample", TWICE, ids=names)
def test_recorded_second_gradients_equal_eager_ones(sample):
    y = np.asarray(sample.op.forward(*sample.cast("float64")))

    def second(leaves, seed):
        wanted = [leaves[i] for i in sample.differentiable]
        first = pc.autograd.grad(sample.op(*leaves), wanted, seed, create_graph=True, allow_unused=True)
        total = sum([(g * g).sum() for g in first if g is not None and g.requires_grad], start=pc.tensor(0.0))
        if not total.requires_grad:
            return [total]
        return [g for g in pc.autograd.grad(total, wanted, allow_unused=True) if g is not None]

    seed = pc.tensor(seed_for(y))
    eager, recorded = leaves_of(sample, "float64"), leaves_of(sample, "float64")
    expected = [bits(g) for g in second(eager, seed)]
    step = pc.compile(lambda: second(recorded, seed))
    assert [bits(g) for g in step()] == expected


# ---- an op is inert data


@pytest.mark.parametrize("op", EACH_OP, ids=names)
def test_op_is_inert_data(op):
    again = eval(repr(op), vars(ops).copy())
    assert again == op
    assert hash(again) == hash(op)
    assert copy.deepcopy(op) == op
    assert pickle.loads(pickle.dumps(op)) == op
    fields = dataclasses.fields(op)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(op, fields[0].name if fields else "anything", 1)
    assert vars(op).items() >= {field.name: getattr(op, field.name) for field in fields}.items()
    if not fields:
        assert again is op  # nothing tells two of them apart, so there is one


def test_ops_that_differ_are_not_equal():
    assert len(set(EACH_OP)) == len(EACH_OP)
    for a in EACH_OP:
        assert [b for b in EACH_OP if a == b] == [a]


# ---- bad inputs


def line_below(by=1):
    """`test_promises.py:LINE` of a line below the one that asks."""
    return f"test_promises.py:{inspect.currentframe().f_back.f_lineno + by}"


def assert_teaches(error, wrong, place):
    assert type(error) is wrong.error
    text = str(error)
    for words in [*wrong.words, place, f"help: pellucid explain {wrong.error.__name__}"]:
        assert words in text


@pytest.mark.parametrize("wrong", [wrong for wrong in WRONG if wrong.eager], ids=names)
def test_bad_inputs_are_refused_eagerly(wrong):
    inputs = [pc.tensor(x) for x in wrong.inputs]
    place = line_below(by=2)
    with pytest.raises(pc.errors.PellucidError) as caught:
        wrong.op(*inputs)
    assert_teaches(caught.value, wrong, place)


@pytest.mark.parametrize("wrong", WRONG, ids=names)
def test_bad_inputs_are_refused_when_recorded(wrong):
    place = None

    @pc.compile
    def step(*inputs):
        nonlocal place
        place = line_below()
        return wrong.op(*inputs)

    with pytest.raises(pc.errors.PellucidError) as caught:
        step(*[pc.tensor(x) for x in wrong.inputs])
    assert_teaches(caught.value, wrong, place)


@pytest.mark.parametrize("wrong", [wrong for wrong in WRONG if wrong.error is pc.errors.LabelError], ids=names)
def test_a_program_that_fails_changes_no_state(wrong):
    count = pc.State(np.zeros(()))

    @pc.compile
    def step(*inputs):
        count.assign(count + 1.0)
        return wrong.op(*inputs)

    with pytest.raises(pc.errors.LabelError):
        step(*[pc.tensor(x) for x in wrong.inputs])
    assert count.item() == 0.0
    assert count.version == 0
