"""detect_anomaly: which op made it, and where it stands in the user's program."""

import numpy as np
import pytest
from both_worlds import in_both_worlds, leaf, line_below, made

import pellucid as pc
from pellucid import errors


@in_both_worlds
def test_detect_anomaly_names_the_op_and_line_of_the_forward_pass(compiled):
    w = pc.tensor([1.0, 0.0], requires_grad=True)
    place = None

    def step():
        nonlocal place
        place = line_below()
        y = w.log()
        return y.sum()

    step = made(step, compiled)
    step()  # it is not looked at unless asked for
    with pytest.raises(errors.AnomalyError) as caught, pc.detect_anomaly():
        step()
    for words in ("Log made an infinity", "[1]", "0 to 1", place):
        assert words in str(caught.value)


@in_both_worlds
def test_detect_anomaly_names_the_op_and_line_of_the_backward_pass(compiled):
    w = pc.tensor([1.0, 0.0], requires_grad=True)
    place = None

    def step():
        nonlocal place
        place = line_below()
        y = w.sqrt()
        loss = y.sum()
        loss.backward()
        return loss

    with pytest.raises(errors.AnomalyError) as caught, pc.detect_anomaly():
        made(step, compiled)()
    assert "Divide" in str(caught.value)
    assert "infinity" in str(caught.value)
    if not compiled:
        assert "in the gradient of Sqrt" in str(caught.value)
        assert place in str(caught.value)
    else:
        assert "test_anomaly.py" in str(caught.value)


def test_detect_anomaly_names_nan():
    x = pc.tensor([np.inf, 1.0])
    with pytest.raises(errors.AnomalyError, match="Subtract made NaN"), pc.detect_anomaly():
        x - x


def test_detect_anomaly_does_not_blame_what_came_in():
    with pc.detect_anomaly():
        scores = pc.tensor([0.5, -np.inf])
        assert (scores + 1.0).tolist() == [1.5, -np.inf]
        assert np.isnan((pc.tensor([np.nan]) * 2.0).item())


def test_detect_anomaly_changes_no_result():
    w = leaf(4)
    (w.tanh() * w).sum().backward()
    expected, w.grad = w.grad.tolist(), None
    with pc.detect_anomaly():
        (w.tanh() * w).sum().backward()
    assert w.grad.tolist() == expected
    assert (pc.tensor([1.0]) / 0.0).item() == np.inf  # and it ends with the block
