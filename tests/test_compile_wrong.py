"""Programs that a recording cannot repeat: each gets its own message, with the user's line and a remedy."""

import re
import warnings

import numpy as np
import pytest

import pellucid as pc
from pellucid import errors


def line_of(text):
    """The line of this file that ends with the comment `# HERE text`."""
    with open(__file__, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.rstrip().endswith(f"# HERE {text}"):
                return f"test_compile_wrong.py:{number}"
    raise LookupError(text)


def expect(error, line, *words):
    """A context in which `error` must be raised, naming this line and all these words."""
    pattern = "".join(f"(?=.*{re.escape(word)})" for word in (line_of(line), *words))
    return pytest.raises(error, match=re.compile(pattern, re.DOTALL))


def weights(shape=(3,)):
    return pc.tensor(np.linspace(0.5, 1.5, int(np.prod(shape))).reshape(shape).astype(np.float32), requires_grad=True)


X = pc.tensor([1.0, -2.0, 3.0])


@pytest.mark.parametrize(
    "ask",
    [
        lambda y: y.item(),
        float,
        int,
        bool,
        lambda y: y.numpy(),
        np.asarray,
        lambda y: y.tolist(),
        lambda y: y.data,
        lambda y: f"{y:.3f}",
        pc.tensor,
        lambda y: list(range(y.long())),
    ],
)
def test_numbers_of_a_recorded_value(ask):
    @pc.compile
    def step(x):
        ask(x.sum())
        return x

    with pytest.raises(errors.RecordedValueError, match=r"test_compile_wrong\.py"):
        step(X)


def test_item_names_the_line_and_the_remedy():
    @pc.compile
    def step(x):
        loss = (x * x).sum()
        print(loss.item())  # HERE item
        return loss

    with expect(errors.RecordedValueError, "item", ".item()", "Return it from the step", "pc.where"):
        step(X)


def test_branch_on_a_recorded_value():
    @pc.compile
    def step(x):
        if x.sum() > 0:  # HERE branch
            return x * 2
        return x

    with expect(errors.RecordedValueError, "branch", "true or false", "pc.where"):
        step(X)


@pytest.mark.parametrize("name", ["mask", "nonzero", "unique"])
def test_shapes_that_depend_on_numbers(name):
    programs = {"mask": lambda x: x[x > 0], "nonzero": lambda x: x.nonzero(), "unique": lambda x: x.unique()}
    with pytest.raises(errors.RecordedValueError, match=r"(?s)mask.*|.*nonzero.*|.*unique.*") as caught:
        pc.compile(programs[name])(X)
    assert "test_compile_wrong.py" in str(caught.value)
    assert name in str(caught.value)


def test_the_numbers_of_a_state_inside_a_step():
    w = weights()

    @pc.compile
    def step(x):
        return x * w.data.sum()  # HERE state numbers

    with expect(errors.RecordedValueError, "state numbers", ".data"):
        step(X)


def test_a_parameter_as_argument():
    w = weights()

    @pc.compile
    def step(x, w):
        (x * w).sum().backward()

    with expect(errors.RecordingError, "parameter argument", "Close over", "argument w"):
        step(X, w)  # HERE parameter argument


def test_a_parameter_as_argument_without_gradients_is_just_numbers():
    w = weights()
    with pc.no_grad():
        assert pc.compile(lambda w: w * 2)(w).tolist() == (w.detach() * 2).tolist()


@pytest.mark.parametrize("change", ["+=", "zero_", "setitem"])
@pytest.mark.parametrize("what", ["argument", "closed over", "computed"])
def test_in_place_on_what_is_not_state(change, what):
    outside = pc.tensor([1.0, 2.0, 3.0])

    @pc.compile
    def step(x):
        y = {"argument": x, "closed over": outside, "computed": x * 2}[what]
        if change == "+=":
            y += 1
        elif change == "zero_":
            y.zero_()
        else:
            y[0] = 5.0
        return y

    with pytest.raises(errors.RecordingError, match=r"(?s)where.*scatter.*") as caught:
        step(X)
    assert "test_compile_wrong.py" in str(caught.value)
    assert outside.tolist() == [1.0, 2.0, 3.0]


def test_a_state_made_inside_a_step():
    @pc.compile
    def step(x):
        return x * pc.State(1.0)  # HERE new state

    with expect(errors.RecordingError, "new state", "before the step"):
        step(X)


def test_a_value_that_waits_for_its_gradient():
    w = weights()
    hidden = w * 2

    @pc.compile
    def step(x):
        return (x * hidden).sum()  # HERE waiting

    with expect(errors.RecordingError, "waiting", "detach"):
        step(X)


def test_a_recorded_value_that_is_kept():
    kept = []

    @pc.compile
    def step(x):
        kept.append(x * 2)
        return x

    step(X)
    with expect(errors.RecordedValueError, "kept eager", "Return it from the step"):
        kept[0] + 1  # HERE kept eager
    with pytest.raises(errors.RecordedValueError):
        kept[0].item()

    @pc.compile
    def other(x):
        return x + kept[0]  # HERE kept recorded

    with expect(errors.RecordedValueError, "kept recorded", "earlier call"):
        other(X)


def test_backward_after_the_update():
    def program(x):
        loss = (x * w * w).sum()
        with pc.no_grad():
            w.assign(w * 0.5)
        loss.backward()  # HERE stale

    w = weights()
    with pytest.raises(errors.StaleValueError, match="Run backward before the update"):
        program(X)
    assert w.grad is None
    w = weights()
    before = w.tolist()
    with pytest.raises(errors.StaleValueError, match="Run backward before the update"):
        pc.compile(program)(X)
    assert w.tolist() == before
    assert w.grad is None


def test_a_number_that_changes_is_found_at_the_second_call():
    class Rate:
        value = 0.5

    @pc.compile
    def step(x):
        return x * Rate.value  # HERE rate

    step(X)
    Rate.value = 0.25
    with expect(errors.ConstantChangedError, "rate", "0.5", "0.25", "pc.State"):
        step(X)


def test_a_number_that_changes_is_found_at_the_tenth_call():
    rate = [1.5]
    step = pc.compile(lambda x: x * rate[0])
    for _ in range(4):
        step(X)
    rate[0] = 2.5
    for _ in range(5):
        step(X)
    with pytest.raises(errors.ConstantChangedError, match=r"1\.5.*2\.5"):
        step(X)


def test_a_tensor_that_changes_is_found():
    table = pc.tensor([[1.0, 2.0], [3.0, 4.0]])
    step = pc.compile(lambda x: x @ table)
    step(pc.ones(1, 2))
    table[1, 0] = 9.0
    with pytest.raises(errors.ConstantChangedError, match=r"\(1, 0\).*3.*9"):
        step(pc.ones(1, 2))


def test_a_path_that_changes_is_found():
    switch = [True]
    step = pc.compile(lambda x: x.exp() if switch[0] else x.sin())
    step(X)
    switch[0] = False
    with pytest.raises(errors.ConstantChangedError, match=r"Exp.*Sin"):
        step(X)


def test_a_constant_that_stays_is_no_error():
    table, rate = pc.tensor([1.0, 2.0, 3.0]), 0.1
    step = pc.compile(lambda x: x * table * rate)
    for _ in range(12):
        assert step(X).tolist() == (X * table * rate).tolist()


def test_many_programs_are_named():
    step = pc.compile(lambda x, scale: x * scale)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(8):
            step(X, float(i))
    with pytest.warns(UserWarning, match="Python arguments"):
        step(X, 8.0)
    by_shape = pc.compile(lambda x: x * 2)
    for n in range(1, 9):
        by_shape(pc.ones(n))
    with pytest.warns(UserWarning, match=r"argument 0 \(float32\[1\]"):
        by_shape(pc.ones(9))


def test_a_recording_that_fails_leaves_everything_as_it_was():
    w = weights()
    (X * w).sum().backward()
    grad, numbers, version = w.grad, w.tolist(), w.version
    key = pc.tensors.default_generator.key.tolist()

    @pc.compile
    def step(x):
        w.grad = None
        (x * w * pc.rand(3)).sum().backward()
        with pc.no_grad():
            w.assign(w - w.grad)
        raise KeyError("a mistake of the user")

    with pytest.raises(KeyError):
        step(X)
    assert w.grad is grad
    assert w.tolist() == numbers
    assert w.version == version
    assert pc.tensors.default_generator.key.tolist() == key
    assert (X * 2).tolist() == [2.0, -4.0, 6.0], "eager mode is back"
    (X * w).sum().backward()
    assert w.grad.tolist() == (X * 2).tolist()


def test_a_wrong_label_changes_nothing_and_names_the_line():
    w = weights((3, 3))

    @pc.compile
    def step(x, labels):
        scores = x @ w
        loss = scores.gather(1, labels.unsqueeze(1)).sum()  # HERE label
        w.grad = None
        loss.backward()
        with pc.no_grad():
            w.assign(w - w.grad)
        return loss

    x = pc.ones(2, 3)
    step(x, pc.tensor([0, 2]))
    before = w.tolist()
    with expect(errors.LabelError, "label", "number 3", "0 to 2"):
        step(x, pc.tensor([0, 3]))
    assert w.tolist() == before


def test_an_argument_that_cannot_be_told_apart():
    with pytest.raises(errors.ArgumentError, match="set"):
        pc.compile(lambda x, names: x)(X, {"a", "b"})


def test_printing_inside_a_step_shows_what_is_known(capsys):
    @pc.compile
    def step(x):
        print(x * 2)
        return x

    for _ in range(12):
        step(X)
    out = capsys.readouterr().out
    assert "recorded float32[3]" in out
    assert out.count("recorded") == 3, "once while recording, and at the two calls that check the constants"


def test_unknown_target():
    with pytest.raises(errors.UnsupportedError, match="numpy"):
        pc.compile(lambda x: x, target="tpu")


def test_another_state_in_the_place_of_one_is_found():
    class Holder:
        w = pc.State(1.0)

    step = pc.compile(lambda x: x * Holder.w)  # HERE other state
    step(X)
    Holder.w = pc.State(5.0)
    with expect(errors.ConstantChangedError, "other state", "another State", "assign"):
        step(X)


def test_other_results_of_the_same_operations_are_found():
    turn = [False]

    @pc.compile
    def step(x):
        a, b = x * 2, x * 3
        return (b, a) if turn[0] else (a, b)

    step(X)
    turn[0] = True
    with pytest.raises(errors.ConstantChangedError, match="returns or assigns"):
        step(X)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (123456789, 123456790, r"123456789 .*123456790"),
        (1.0, 1.0000001, r"1\.0 .*1\.0000001"),
        (0.0, -0.0, r"0\.0 .*-0\.0"),
    ],
)
def test_a_small_change_of_a_constant_is_shown_in_full(old, new, words):
    number, table = [old], pc.tensor([[old, old]])
    for step in (pc.compile(lambda x: x * number[0]), pc.compile(lambda x: x * table)):
        number[0] = table[0, 1] = old
        step(table)
        number[0] = table[0, 1] = new
        with pytest.raises(errors.ConstantChangedError, match=words):
            step(table)


@pytest.mark.parametrize("closed_over", [False, True])
def test_what_numpy_refuses_has_the_class_that_eager_code_gives(closed_over):
    two = pc.tensor([2])

    @pc.compile
    def step(x):
        return x * ((two if closed_over else x) ** pc.tensor([-1]))  # HERE power

    with expect(errors.ArgumentError, "power", "negative"):
        step(two)


def test_generators_and_coroutines_are_refused():
    def loop(x):
        yield x

    async def wait(x):
        return x

    for function in (loop, wait):
        with pytest.raises(errors.ArgumentError, match="beginning to end"):
            pc.compile(function)


def test_detect_anomaly_inside_a_step():
    @pc.compile
    def step(x):
        with pc.detect_anomaly():
            return x.log()  # HERE anomaly

    with expect(errors.RecordingError, "anomaly", "around the call"):
        step(X)


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([None, 1])])
def test_an_array_of_no_numbers(array):
    with pytest.raises(errors.UnsupportedError, match="dtype"):
        pc.compile(lambda x: x)(array)


def test_a_bound_method_names_its_arguments():
    class Trainer:
        def step(self, batch):
            return batch

    with pytest.raises(errors.RecordingError, match="argument batch"):
        pc.compile(Trainer().step)(weights())
