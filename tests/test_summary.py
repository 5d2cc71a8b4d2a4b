"""model.summary(): every parameter counts once, shapes are those of the layers, nothing of the model changes."""

import numpy as np

import pellucid as pc
from pellucid import nn


class Tied(nn.Module):
    def __init__(self):
        self.scale = nn.Parameter(pc.ones(3))
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 3)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(self.first(x)) * self.scale


def test_every_parameter_counts_once():
    summary = Tied().summary()
    assert summary.rows == [("(itself)", "Tied", None, 3), ("first", "Linear", None, 12), ("second", "Linear", None, 3)]
    assert (summary.parameters, summary.learning, summary.bytes) == (18, 18, 72)
    assert "output shape" not in str(summary)


def test_frozen_parameters_are_told():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    model[0].weight.requires_grad_(False)
    assert str(model.summary()).endswith("26 parameters (104 B), of which 12 do not learn")


def test_shapes_are_found_without_a_trace():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    model[2].eval()
    before = {name: np.array(value.detach()) for name, value in model.state_dict().items()}
    pc.manual_seed(1)
    expected = pc.rand(2).tolist()
    pc.manual_seed(1)
    summary = model.summary(pc.ones(5, 3))
    assert pc.rand(2).tolist() == expected
    assert [row[2] for row in summary.rows] == ["(5, 4)", "(5, 4)", "(5, 4)", "(5, 2)"]
    assert [layer.training for layer in model] == [True, True, False, True]
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value.detach().numpy(), before[name])
    assert len(str(summary).splitlines()) == 10
    assert "<td>BatchNorm1d</td><td>(5, 4)</td><td>8</td>" in summary._repr_html_()


def test_hooks_are_gone_when_the_model_fails():
    model = nn.Sequential(nn.Linear(3, 4))
    try:
        model.summary(pc.ones(5, 2))
    except pc.errors.ShapeError:
        calls = []
        model[0].register_forward_hook(lambda *_: calls.append(1))
        model(pc.ones(1, 3))
        assert calls == [1]
    else:
        raise AssertionError("a wrong shape was taken")
