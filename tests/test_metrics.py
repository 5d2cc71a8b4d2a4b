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


# ---- against scikit-learn


@pytest.fixture
def theirs():
    return pytest.importorskip("sklearn.metrics")


def cases():
    """Answers and labels: many classes, two, one that is never answered, one without labels, one only."""
    random = np.random.default_rng(1)
    labels = random.integers(0, 4, 60)
    yield random.integers(0, 4, 60), labels
    yield np.where(labels == 2, 1, labels), labels
    yield labels, np.where(labels == 2, 1, labels)
    yield labels % 2, random.integers(0, 2, 60)
    yield np.zeros(5, int), np.zeros(5, int)
    yield np.ones(5, int), np.zeros(5, int)
    yield np.array([0, 4]), np.array([4, 0])


@pytest.mark.peers
@pytest.mark.parametrize("zero_division", [0.0, 1.0, float("nan")])
@pytest.mark.parametrize("average", ["binary", "micro", "macro", "weighted", None])
@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
def test_precision_recall_and_f1_equal_scikit_learn(theirs, name, average, zero_division):
    for answers, labels in cases():
        options = {"average": average, "zero_division": zero_division}
        if average == "binary" and max(answers.max(), labels.max()) > 1:
            with pytest.raises(ArgumentError, match=r"classes, and average(.|\n)*macro"):
                getattr(metrics, name)(answers, labels, **options)
            continue
        ours = getattr(metrics, name)(answers, labels, **options)
        classes = range(int(max(answers.max(), labels.max())) + 1) if average is None else None
        yours = getattr(theirs, f"{name}_score")(labels, answers, **options, labels=classes)
        np.testing.assert_allclose(ours, yours, rtol=1e-12)


def test_scores_and_thresholds():
    scores, labels = pc.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]), pc.tensor([1, 1, 0])
    assert metrics.precision(scores, labels) == 0.5
    assert metrics.recall(pc.tensor([0.9, 0.2, 0.7]), pc.tensor([1.0, 1.0, 0.0]), threshold=0.5) == 0.5
    assert metrics.f1(pc.tensor([2.0, -1.0, 3.0]), pc.tensor([1, 1, 0]), threshold=0.0) == 0.5
    with pytest.raises(ArgumentError, match="not clear what they answer"):
        metrics.f1(pc.tensor([0.9, 0.2, 0.7]), labels)
    with pytest.raises(ArgumentError, match="average is"):
        metrics.f1(scores, labels, average="mean")
    with pytest.raises(LabelError, match=r"label 0\.5"):
        metrics.f1(scores, np.array([0.5, 1.0, 0.0]))


@pytest.mark.peers
def test_top_k_accuracy_equals_scikit_learn(theirs):
    random = np.random.default_rng(2)
    scores, labels = random.normal(size=(80, 6)), random.integers(0, 6, 80)
    for k in (1, 2, 5):
        yours = theirs.top_k_accuracy_score(labels, scores, k=k, labels=range(6))
        assert metrics.top_k_accuracy(scores, labels, k) == pytest.approx(yours)
    assert metrics.top_k_accuracy(pc.tensor(scores), pc.tensor(labels), 7) == 1.0
    tied = scores.round()  # of equal scores the first class is the answer, as in argmax
    assert metrics.top_k_accuracy(tied, labels, 1) == metrics.accuracy(tied, labels)
    images = np.moveaxis(scores.reshape(8, 10, 6), -1, 1)
    assert metrics.top_k_accuracy(images, labels.reshape(8, 10), 2) == metrics.top_k_accuracy(scores, labels, 2)
    with pytest.raises(ArgumentError, match="at least 1"):
        metrics.top_k_accuracy(scores, labels, 0)
    with pytest.raises(ShapeError):
        metrics.top_k_accuracy(scores[0], labels)
    with pytest.raises(LabelError, match="label 6"):
        metrics.top_k_accuracy(scores, labels + 1)


def scored():
    """Scores with ties, and labels of yes and no."""
    random = np.random.default_rng(3)
    for size, digits in ((50, 1), (50, 6), (7, 0), (2, 3)):
        labels = random.integers(0, 2, size)
        labels[:2] = 0, 1
        yield random.normal(size=size).round(digits) + labels, labels


@pytest.mark.peers
def test_curves_and_areas_equal_scikit_learn(theirs):
    for scores, labels in scored():
        for ours, yours in zip(
            metrics.roc_curve(scores, labels), theirs.roc_curve(labels, scores, drop_intermediate=False), strict=True
        ):
            np.testing.assert_allclose(ours, yours, rtol=1e-12)
        assert metrics.roc_auc(scores, labels) == pytest.approx(theirs.roc_auc_score(labels, scores), rel=1e-12)
        ours = metrics.average_precision(pc.tensor(scores), pc.tensor(labels))
        assert ours == pytest.approx(theirs.average_precision_score(labels, scores), rel=1e-12)


@pytest.mark.peers
@pytest.mark.parametrize("average", ["macro", "weighted", None])
def test_areas_of_several_classes_equal_scikit_learn(theirs, average):
    random = np.random.default_rng(4)
    scores, labels = random.random((60, 4)).round(1) + 0.1, random.integers(0, 4, 60)
    scores /= scores.sum(1, keepdims=True)
    ours = metrics.roc_auc(scores, labels, average)
    np.testing.assert_allclose(ours, theirs.roc_auc_score(labels, scores, multi_class="ovr", average=average))
    yours = theirs.average_precision_score(np.eye(4)[labels], scores, average=average)
    np.testing.assert_allclose(metrics.average_precision(scores, labels, average), yours)


def test_an_area_is_the_share_of_pairs_in_order():
    for scores, labels in scored():
        yes, no = scores[labels == 1][:, None], scores[labels == 0]
        assert metrics.roc_auc(scores, labels) == pytest.approx(((yes > no) + 0.5 * (yes == no)).mean())
    two = np.array([[0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])
    assert metrics.roc_auc(two, np.array([1, 0, 1])) == metrics.roc_auc(two[:, 1], np.array([1, 0, 1])) == 1.0
    logits = np.array([[5.0, 6.0], [1.0, 1.5], [3.0, 0.0]])  # the softmax of the second column is larger in the first
    assert metrics.roc_auc(logits, np.array([1, 0, 0])) == 1.0


@pytest.mark.peers
def test_errors_of_regression_equal_scikit_learn(theirs):
    random = np.random.default_rng(5)
    for shape in ((30,), (30, 3)):
        predictions, targets = random.normal(size=shape), random.normal(size=shape)
        for name, other in (
            ("mean_absolute_error", "mean_absolute_error"),
            ("mean_squared_error", "mean_squared_error"),
            ("r2", "r2_score"),
        ):
            ours = getattr(metrics, name)(pc.tensor(predictions), pc.tensor(targets))
            assert type(ours) is float
            assert ours == pytest.approx(getattr(theirs, other)(targets, predictions), rel=1e-12)
    same = np.ones(4)
    for predictions in (same, same + np.arange(4)):
        assert metrics.r2(predictions, same) == theirs.r2_score(same, predictions)
    with pytest.raises(ShapeError, match="squeeze"):
        metrics.r2(np.ones((4, 1)), same)


def test_perplexity_by_hand():
    probabilities = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
    scores = pc.tensor(np.log(probabilities) + np.array([[7.0], [-900.0]]))
    assert metrics.perplexity(scores, pc.tensor([0, 2])) == pytest.approx((0.5 * 0.8) ** -0.5)
    assert metrics.perplexity(scores, pc.tensor([0, -100])) == pytest.approx(2.0)
    words = np.moveaxis(np.broadcast_to(scores, (4, 2, 3)), -1, 1)  # (4, classes, 2)
    assert metrics.perplexity(words, np.array([[0, 2]] * 4)) == pytest.approx((0.5 * 0.8) ** -0.5)
    cross_entropy = pc.functional.cross_entropy(scores, pc.tensor([1, 0])).item()
    assert metrics.perplexity(scores, pc.tensor([1, 0])) == pytest.approx(np.exp(cross_entropy))
    with pytest.raises(ArgumentError, match="no labels"):
        metrics.perplexity(scores, np.array([-100, -100]))
    with pytest.raises(LabelError, match="label 3"):
        metrics.perplexity(scores, np.array([0, 3]))
    with pytest.raises(ShapeError, match="place 1"):
        metrics.perplexity(np.zeros((2, 5, 3)), np.zeros((2, 5), int))


@pytest.mark.parametrize("metric", [metrics.roc_auc, metrics.average_precision, metrics.roc_curve])
def test_what_rankings_refuse(metric):
    scores = np.array([0.1, 0.2])
    with pytest.raises(ArgumentError, match="no sample is of class 1"):
        metric(scores, np.array([0, 0]))
    with pytest.raises(ArgumentError, match="NaN"):
        metric(np.array([0.1, np.nan]), np.array([0, 1]))
    with pytest.raises(LabelError, match="label 2"):
        metric(scores, np.array([0, 2]))
    with pytest.raises(ShapeError):
        metric(scores, np.array([0, 1, 1]))
    with pytest.raises(ArgumentError, match="no labels"):
        metric(np.zeros(0), np.zeros(0, int))
    if metric is metrics.average_precision:
        assert metric(scores, np.array([1, 1])) == 1.0
    else:
        with pytest.raises(ArgumentError, match="all samples are of class 1"):
            metric(scores, np.array([1, 1]))
    three = np.eye(3)[[0, 1]]
    with pytest.raises((ArgumentError, ShapeError), match=r"no sample is of class 2|not for scores of 3 classes"):
        metric(three, np.array([0, 1]))


# ---- over batches


ACCUMULATED = [
    metrics.f1,
    metrics.precision,
    metrics.recall,
    metrics.roc_auc,
    metrics.average_precision,
    metrics.r2,
    metrics.perplexity,
]


@pytest.mark.parametrize("function", ACCUMULATED)
@pytest.mark.parametrize("size", [1, 7, 32, 64])
def test_batches_of_any_size_give_the_figure_of_all(function, size):
    random = np.random.default_rng(6)
    labels = random.integers(0, 3, 64)
    scores = random.normal(size=(64, 3)) + 2 * np.eye(3)[labels]
    options = {"average": "macro"} if function in ACCUMULATED[:5] else {}
    if function is metrics.r2:
        labels = random.normal(size=(64, 3)) + 1e6  # the variance is small beside the mean
        scores = labels + random.normal(size=(64, 3)) / 9
    metric = function.over_batches(**options)
    parts = [metric.collect(scores[i : i + size], labels[i : i + size]) for i in range(0, 64, size)]
    total = parts[0]
    for part in parts[1:]:
        total = metric.merge(total, part)
    assert metric.figure(total) == pytest.approx(function(scores, labels, **options), rel=1e-9)


def test_batches_may_see_different_classes():
    answers, labels = np.array([0, 1, 0, 3]), np.array([0, 1, 2, 3])
    metric = metrics.f1.over_batches("macro")
    for cut in (1, 2, 3):
        parts = [metric.collect(answers[:cut], labels[:cut]), metric.collect(answers[cut:], labels[cut:])]
        assert metric.figure(metric.merge(*parts)) == metrics.f1(answers, labels, "macro")
        assert metric.figure(metric.merge(*parts[::-1])) == metrics.f1(answers, labels, "macro")


def test_nan_is_no_hit_by_itself():
    nan = np.full((3, 5), np.nan)
    labels = np.array([3, 4, 0])
    assert metrics.top_k_accuracy(nan, labels, k=1) == metrics.accuracy(nan, labels) == 1 / 3
    assert metrics.top_k_accuracy(np.array([[1.0, np.nan, np.inf]]), np.array([2]), k=1) == 0.0
    assert metrics.top_k_accuracy(np.array([[1.0, np.nan, np.inf]]), np.array([2]), k=2) == 1.0
    with pytest.raises(ArgumentError, match="whole number"):
        metrics.top_k_accuracy(nan, labels, k=2.5)


def test_targets_that_are_all_the_same():
    targets = np.full(3, 0.1)  # their mean is 0.10000000000000002
    assert targets.mean() != 0.1
    assert metrics.r2(targets + 0.1, targets) == 0.0
    assert metrics.r2(targets, targets) == 1.0
    metric = metrics.r2.over_batches()
    assert metric.figure(metric.merge(metric.collect(targets + 1, targets), metric.collect(targets, targets))) == 0.0


def test_equal_infinite_scores_cross_a_threshold_together():
    scores = np.array([np.inf, np.inf, 0.0])
    for labels in ([1, 0, 0], [0, 1, 0]):
        assert metrics.roc_auc(scores, np.array(labels)) == 0.75
        assert metrics.average_precision(scores, np.array(labels)) == 0.5
    pairs = np.array([[-np.inf, -np.inf], [0.0, 1.0], [1.0, 0.0]])  # a difference of 0, as of any equal scores
    assert metrics.roc_auc(pairs, np.array([0, 1, 0])) == 1.0
    with pytest.raises(ArgumentError, match="NaN"):
        metrics.roc_auc(np.array([[0.0, np.nan], [0.0, 1.0]]), np.array([0, 1]))


@pytest.mark.filterwarnings("error")
def test_labels_that_are_no_classes():
    with pytest.raises(LabelError, match="nan"):
        metrics.confusion_matrix(np.array([0, 1]), np.array([0.0, np.nan]), num_classes=2)
    with pytest.raises(LabelError, match="nan"):
        metrics.perplexity(np.zeros((2, 3)), np.array([0.0, np.nan]))
    with pytest.raises(LabelError, match="numbers of classes"):
        metrics.confusion_matrix(np.array(["a"]), np.array(["b"]))
