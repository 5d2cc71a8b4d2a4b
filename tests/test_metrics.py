"""Metrics, compared with scikit-learn."""

import numpy as np
import pytest

import pellucid as pc
from pellucid import metrics
from pellucid.errors import ArgumentError, LabelError, ShapeError


def test_accuracy_by_hand():
    scores, labels = pc.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]), pc.tensor([1, 1, 1])
    assert metrics.accuracy(scores, labels) == pytest.approx(2 / 3)
    assert metrics.accuracy(scores.argmax(1), labels) == pytest.approx(2 / 3)
    assert type(metrics.accuracy(scores, labels)) is float
    assert metrics.binary_accuracy(pc.tensor([-1.0, 2.0]), pc.tensor([0.0, 0.0]), threshold=0.0) == 0.5
    assert metrics.binary_accuracy(np.array([0.5, 0.5]), np.array([1, 0])) == 0.5  # at the threshold means yes
    assert metrics.binary_accuracy(np.array([0.5]), np.array([1])) == 1.0


@pytest.mark.peers
def test_equal_to_scikit_learn():
    theirs = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(0)
    labels, answers = random.integers(0, 4, 50), random.integers(0, 4, 50)
    assert metrics.accuracy(answers, labels) == theirs.accuracy_score(labels, answers)
    ours = metrics.confusion_matrix(answers, labels, num_classes=4)
    assert np.array_equal(ours, theirs.confusion_matrix(labels, answers, labels=range(4)))


def test_what_metrics_refuse():
    with pytest.raises(ShapeError, match="do not fit"):
        metrics.accuracy(np.zeros((3, 2)), np.zeros(4, int))
    with pytest.raises(ArgumentError, match="binary_accuracy"):
        metrics.accuracy(np.zeros(3), np.zeros(3, int))
    with pytest.raises(ArgumentError, match="no labels"):
        metrics.accuracy(np.zeros(0, int), np.zeros(0, int))
    column, labels = np.array([[0.9], [0.2]]), np.array([1, 0])  # (N, 1) beside (N,): the usual slip with one output
    with pytest.raises(ArgumentError, match="binary_accuracy"):
        metrics.accuracy(column, labels)
    with pytest.raises(ShapeError, match=r"squeeze\(-1\)"):
        metrics.binary_accuracy(column, labels)
    assert metrics.binary_accuracy(column, labels[:, None]) == 1.0
    with pytest.raises(LabelError, match="label 4"):
        metrics.confusion_matrix(np.array([0]), np.array([4]), num_classes=3)
