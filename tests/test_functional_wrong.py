"""What functions and layers refuse, in which words; and what is random, by its distribution."""

import numpy as np
import pytest

import pellucid as pc
import pellucid.functional as F
from pellucid import nn
from pellucid.errors import ArgumentError, DtypeError, LabelError, ShapeError, TargetError, UnsupportedError

X, ROWS = pc.ones(4, 3), pc.ones(2, 4, 3)
LABELS = pc.tensor([0, 1, 2, 0])

WRONG = [
    (lambda: F.relu(X, inplace=True), UnsupportedError, "relu: inplace=True"),
    (lambda: F.dropout(X, inplace=True), UnsupportedError, "dropout: inplace=True"),
    (lambda: F.hardtanh(X, 1.0, -1.0), ArgumentError, "min_val is not above max_val"),
    (lambda: F.rrelu(X, 0.5, 0.1), ArgumentError, "lower is not above upper"),
    (lambda: F.softshrink(X, -1.0), ArgumentError, "lambd is not negative, but -1.0"),
    (lambda: F.celu(X, 0.0), ArgumentError, "celu divides by alpha"),
    (lambda: F.glu(X), ShapeError, "even length, but the input has (4, 3)"),
    (lambda: F.prelu(X, pc.ones(4)), ShapeError, "one for each channel (axis 1)"),
    (lambda: F.gumbel_softmax(X, tau=0.0), ArgumentError, "tau is positive, but 0.0"),
    (lambda: F.cross_entropy(X, LABELS, pc.ones(4)), ShapeError, "one weight for each of the 3 classes"),
    (lambda: F.cross_entropy(X, LABELS, label_smoothing=1.5), ArgumentError, "from 0 to 1, but is 1.5"),
    (lambda: F.cross_entropy(X, X / 3.0, ignore_index=1), ArgumentError, "the target is probabilities"),
    (lambda: F.cross_entropy(X, LABELS - 100), LabelError, "ignore_index=-100 leaves such elements out"),
    (lambda: F.cross_entropy(X, LABELS + 3, ignore_index=-100), LabelError, "label 3, but there are 3 classes"),
    (lambda: F.nll_loss(X, LABELS, pc.ones(3, 3)), ShapeError, "nll_loss needs one weight"),
    (lambda: F.mse_loss(X, X, weight=pc.ones(3)), ShapeError, "one weight for each element, (4, 3)"),
    (lambda: F.huber_loss(X, X, weight=pc.ones(3)), ShapeError, "one weight for each element, (4, 3)"),
    (lambda: F.huber_loss(X, X, delta=0.0), ArgumentError, "delta is positive"),
    (lambda: F.smooth_l1_loss(X, X, beta=-1.0), ArgumentError, "beta is not negative"),
    (lambda: F.l1_loss(X, pc.ones(4)), TargetError, "target.unsqueeze(-1)"),
    (lambda: F.kl_div(X, pc.ones(4)), TargetError, "kl_div cannot compare"),
    (lambda: F.binary_cross_entropy(X / 3.0, X, pc.ones(4)), ShapeError, "a weight that broadcasts to (4, 3)"),
    (
        lambda: F.binary_cross_entropy_with_logits(X, X, pos_weight=pc.ones(2)),
        ShapeError,
        "a pos_weight that broadcasts to (4, 3), not (2,)",
    ),
    (lambda: F.gaussian_nll_loss(X, X, -X), ArgumentError, "not negative, but -1 came"),
    (lambda: F.gaussian_nll_loss(X, X, pc.ones(5)), ShapeError, "a var that broadcasts to (4, 3)"),
    (lambda: F.gaussian_nll_loss(X, X, X, eps=0.0), ArgumentError, "eps is positive"),
    (lambda: F.margin_ranking_loss(X, X, pc.ones(4)), ShapeError, "as many axes each"),
    (lambda: F.cosine_embedding_loss(X, X, X), ShapeError, "pairs (N, D) and targets (N,)"),
    (lambda: F.cosine_embedding_loss(X, X, LABELS), TargetError, "1 or -1, but 0 came"),
    (lambda: F.hinge_embedding_loss(X, X * 0.5), TargetError, "1 or -1, but 0.5 came"),
    (lambda: pc.max(X, keepdim=True), ArgumentError, "max: keepdim=True needs dim"),
    (lambda: X.min(keepdim=True), ArgumentError, "min: keepdim=True needs dim"),
    (lambda: F.triplet_margin_loss(X, X, X, margin=0.0), ArgumentError, "margin is positive"),
    (lambda: F.triplet_margin_loss(X, X, X[0]), ShapeError, "as many axes each"),
    (lambda: F.multi_margin_loss(X, LABELS, p=3), ArgumentError, "p is 1 or 2, not 3"),
    (lambda: F.multi_margin_loss(ROWS, LABELS), ShapeError, "(N, C) or (C,)"),
    (lambda: F.multi_margin_loss(X, LABELS + 1), LabelError, "label 3"),
    (lambda: F.multilabel_margin_loss(X, LABELS), TargetError, "targets of (4, 3)"),
    (lambda: F.multilabel_margin_loss(X, X), DtypeError, "integer targets"),
    (lambda: F.multilabel_soft_margin_loss(pc.tensor(1.0), pc.tensor(1.0)), ShapeError, "an axis of classes"),
    (
        lambda: F.multilabel_soft_margin_loss(X, X * 2.0),
        TargetError,
        "multilabel_soft_margin_loss needs targets from 0",
    ),
    (lambda: F.softmax(pc.ones(2, 0), 2), ShapeError, "dim 2 is outside"),
    (lambda: F.group_norm(X, 2), ShapeError, "3 channels into 2 groups"),
    (lambda: F.group_norm(X, 3, pc.ones(4)), ShapeError, "a weight of shape (3,)"),
    (lambda: F.instance_norm(pc.ones(2, 3, 1)), ShapeError, "more than one value per channel"),
    (lambda: F.instance_norm(ROWS, use_input_stats=False), ArgumentError, "running_mean and running_var"),
    (lambda: F.rms_norm(X, 4), ShapeError, "needs them last"),
    (lambda: F.rms_norm(X, ()), ArgumentError, "normalized_shape is empty"),
    (lambda: F.local_response_norm(X, 2), ShapeError, "(N, C, L, ...)"),
    (lambda: F.local_response_norm(ROWS, 0), ArgumentError, "at least 1"),
    (lambda: F.bilinear(X, X, pc.ones(5, 3, 2)), ShapeError, "(..., in1) and (..., in2)"),
    (lambda: F.bilinear(X, pc.ones(2, 3), pc.ones(5, 3, 3)), ShapeError, "the same leading axes"),
    (lambda: F.pad(X, (1,)), ArgumentError, "needs pairs"),
    (lambda: F.pad(X, (1,) * 6), ShapeError, "3 pairs for a tensor with 2 axes"),
    (lambda: F.pad(X, (1, 1), mode="mirror"), ArgumentError, "not 'mirror'"),
    (lambda: F.pad(X, (3, 0), mode="reflect"), ShapeError, "cannot mirror 3"),
    (lambda: F.pad(X, (4, 0), mode="circular"), ShapeError, "take 4 elements around an axis of 3"),
    (lambda: F.pad(X, (-4, 0)), ShapeError, "cannot take (-4, 0) from axis 1"),
    (lambda: F.pad(X, (1, 1), mode="reflect", value=3.0), ArgumentError, "a value goes with"),
    (lambda: F.pad(pc.ones(0), (1, 1), mode="replicate"), ShapeError, "there are none"),
    (lambda: F.pixel_shuffle(ROWS, 2), ShapeError, "a multiple of 4 channels"),
    (lambda: F.pixel_unshuffle(ROWS, 2), ShapeError, "multiples of 2"),
    (lambda: F.pixel_shuffle(X, 1), ShapeError, "(..., channels, height, width)"),
    (lambda: F.channel_shuffle(ROWS, 3), ShapeError, "a multiple of 3 groups"),
    (lambda: F.dropout1d(X[0]), ShapeError, "(N, C, L) or (C, L)"),
    (lambda: F.dropout2d(X), ShapeError, "(N, C, H, W)"),
    (lambda: F.dropout3d(X), ShapeError, "(N, C, D, H, W)"),
    (lambda: F.feature_alpha_dropout(X[0], training=True), ShapeError, "(N, C, ...)"),
    (lambda: nn.Unflatten(1, (2, 2))(X), ShapeError, "cannot make (2, 2) of axis 1"),
    (lambda: nn.ZeroPad2d((1, 1)), ArgumentError, "ZeroPad2d needs one number or 4"),
    (lambda: nn.ZeroPad2d(1)(X), ShapeError, "pads the last 2 axes"),
    (lambda: nn.Bilinear(0, 2, 3), ArgumentError, "sizes are at least 1"),
    (lambda: nn.BatchNorm2d(3)(X), ShapeError, "BatchNorm2d needs (N, 3, H, W)"),
    (lambda: nn.BatchNorm3d(3)(ROWS), ShapeError, "BatchNorm3d needs (N, 3, D, H, W)"),
    (lambda: nn.InstanceNorm1d(5)(ROWS), ShapeError, "InstanceNorm1d needs (N, 5, L) or (5, L)"),
    (lambda: nn.GroupNorm(2, 3), ShapeError, "3 channels into 2 groups"),
    (lambda: nn.Softmax2d()(X), ShapeError, "(N, C, H, W) or (C, H, W)"),
    (lambda: nn.Embedding.from_pretrained(pc.ones(3)), ShapeError, "a table (V, D)"),
    (lambda: nn.Embedding.from_pretrained(X, max_norm=1.0), UnsupportedError, "max_norm"),
]


@pytest.mark.parametrize(
    ("call", "error", "words"), WRONG, ids=[f"{i}-{words[:30]}" for i, (_, _, words) in enumerate(WRONG)]
)
def test_what_is_refused(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_dtype_of_softmax():
    x = pc.tensor([1, 2])
    for function in (F.softmax, F.log_softmax, F.softmin):
        assert function(x, 0, dtype=pc.float64).dtype == np.float64


def test_all_labels_ignored_gives_nan_as_in_pytorch():
    assert np.isnan(F.cross_entropy(X, LABELS * 0 + 1, ignore_index=1).item())
    assert F.cross_entropy(X, LABELS * 0 + 1, ignore_index=1, reduction="sum").item() == 0.0


def test_a_pretrained_embedding_is_frozen_unless_told():
    table = pc.tensor([[1.0, 2.0], [3.0, 4.0]])
    layer = nn.Embedding.from_pretrained(table, padding_idx=-1)
    assert not layer.weight.requires_grad
    assert layer.padding_idx == 1
    assert layer(pc.tensor([1, 0])).tolist() == [[3.0, 4.0], [1.0, 2.0]]
    assert list(layer.state_dict()) == ["weight"]
    free = nn.Embedding.from_pretrained(table, freeze=False)
    free(pc.tensor([0])).sum().backward()
    assert free.weight.grad.tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert table.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_gumbel_softmax_chooses_with_the_probabilities_of_softmax():
    pc.manual_seed(1)
    logits = pc.tensor([[0.0, 1.0, 2.0]]).expand(4000, 3)
    chosen = F.gumbel_softmax(logits, hard=True).numpy()
    assert set(np.unique(chosen.round(5))) == {0.0, 1.0}
    assert (chosen.argmax(1) < 3).all()
    expected = F.softmax(logits[0], 0).numpy()
    deviation = np.sqrt(expected * (1 - expected) / 4000)
    assert (np.abs(chosen.mean(0) - expected) < 4 * deviation).all()
    soft = F.gumbel_softmax(logits, tau=0.5)
    np.testing.assert_allclose(soft.sum(1).numpy(), 1.0, rtol=1e-5)
    x = pc.tensor([[0.0, 1.0]], requires_grad=True)
    (F.gumbel_softmax(x, hard=True) * pc.tensor([[1.0, -1.0]])).sum().backward()
    assert (x.grad.numpy() != 0).all()


def test_truncated_normal_numbers():
    w = nn.init.trunc_normal_(nn.Parameter(pc.zeros(200, 50)), mean=1.0, std=2.0, a=0.0, b=3.0).numpy()
    assert w.min() >= 0.0
    assert w.max() <= 3.0
    half = 0.191462  # the share of a normal distribution between 0 and 1/2 deviations
    assert ((w > 1.0) & (w < 2.0)).mean() == pytest.approx(half / (half + half + (0.341345 - half)), abs=0.02)
    with pytest.raises(ArgumentError, match="next to nothing"):
        nn.init.trunc_normal_(pc.zeros(2), mean=100.0)


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3)])
def test_orthogonal_matrices(shape):
    w = nn.init.orthogonal_(nn.Parameter(pc.zeros(*shape)).double() * 1.0, gain=2.0).numpy().reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, 4.0 * np.eye(len(product)), atol=1e-12)
    with pytest.raises(ShapeError, match="two axes"):
        nn.init.orthogonal_(pc.zeros(3))


def test_sparse_and_eye():
    w = nn.init.sparse_(nn.Parameter(pc.zeros(10, 300)), 0.35, std=2.0).numpy()
    assert ((w == 0).sum(0) == 4).all()  # of 10, rounded up
    assert w[w != 0].std() == pytest.approx(2.0, rel=0.05)
    assert nn.init.eye_(nn.Parameter(pc.ones(2, 3))).tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    with pytest.raises(ShapeError, match="eye_ fills matrices"):
        nn.init.eye_(pc.zeros(3))


@pytest.mark.peers
def test_all_gains_of_pytorch():
    torch = pytest.importorskip("torch")
    for name in ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose2d", "sigmoid", "tanh", "relu", "selu"):
        assert nn.init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
