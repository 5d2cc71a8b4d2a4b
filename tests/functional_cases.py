"""Cases of functions and losses: `Case(name, arrays..., option=...)` is called in Pellucid and in PyTorch alike.

Arrays of floats get a gradient, up to the first `differentiable` of them; options that are arrays become tensors.
Most of the numbers are ordinary; `corners` asks for the slopes just at the corners of a piecewise function.
"""

import numpy as np

random = np.random.default_rng(7)


class Case:
    """A call, the same for both frameworks. `extreme` is set where float32 has few digits of the result."""

    def __init__(self, name, *arrays, differentiable=None, note="", **options):
        self.name = name
        self.arrays = arrays = [np.asarray(x) if isinstance(x, np.generic) else x for x in arrays]
        floats = [i for i, x in enumerate(arrays) if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
        self.differentiable = floats if differentiable is None else floats[:differentiable]
        self.options = options
        self.note = note

    def __repr__(self):
        shapes = " ".join(f"{list(x.shape)}" if isinstance(x, np.ndarray) else repr(x) for x in self.arrays)
        options = " ".join(f"{k}={list(v.shape) if isinstance(v, np.ndarray) else v}" for k, v in self.options.items())
        return f"{self.name} {shapes} {options} {self.note}".strip()


def normal(*shape, scale=2.0):
    return random.normal(size=shape) * scale


def uniform(*shape, low=0.05, high=0.95):
    return random.uniform(low, high, shape)


def labels(*shape, classes):
    return random.integers(0, classes, shape)


def signs(*shape):
    return random.choice([-1.0, 1.0], shape)


def distribution(*shape):
    """Probabilities along axis 1 (or the only one)."""
    axis = 1 if len(shape) > 1 else 0
    p = random.uniform(0.1, 1.0, shape)
    return p / p.sum(axis, keepdims=True)


REDUCTIONS = ("mean", "sum", "none")
CORNERS = np.array([-6.0, -3.0, -2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 3.0, 6.0])
FAR = np.array([-1000.0, -100.0, -30.0, -20.5, 19.5, 20.5, 30.0, 100.0, 1000.0])


def activations():
    plain = [
        ("relu", {}),
        ("relu6", {}),
        ("leaky_relu", {}),
        ("leaky_relu", {"negative_slope": 0.3}),
        ("elu", {}),
        ("elu", {"alpha": 0.7}),
        ("celu", {}),
        ("celu", {"alpha": 0.7}),
        ("selu", {}),
        ("gelu", {}),
        ("gelu", {"approximate": "tanh"}),
        ("silu", {}),
        ("mish", {}),
        ("softplus", {}),
        ("softplus", {"beta": 2.0, "threshold": 3.0}),
        ("softsign", {}),
        ("hardtanh", {}),
        ("hardtanh", {"min_val": -2.0, "max_val": 0.5}),
        ("hardsigmoid", {}),
        ("hardswish", {}),
        ("hardshrink", {}),
        ("hardshrink", {"lambd": 1.0}),
        ("softshrink", {}),
        ("softshrink", {"lambd": 1.0}),
        ("tanhshrink", {}),
        ("logsigmoid", {}),
        ("sigmoid", {}),
        ("tanh", {}),
        ("rrelu", {}),
    ]
    for name, options in plain:
        yield Case(name, normal(3, 4), **options)
        yield Case(name, CORNERS, **options, note="corners")
        yield Case(name, FAR, **options, note="far")
        yield Case(name, normal(0, 2), **options)
        yield Case(name, normal(), **options)
    for x, note in ((normal(3, 4), ""), (CORNERS, "corners")):
        yield Case("threshold", x, 0.5, -7.0, note=note)
        yield Case("prelu", x, np.array([0.3]), note=note)
    yield Case("prelu", normal(2, 3, 4), normal(3))
    yield Case("prelu", normal(2, 3), normal(3))
    for dim in (0, 1, -1):
        yield Case("glu", normal(4, 6), dim=dim)
        for name in ("softmax", "softmin", "log_softmax"):
            yield Case(name, normal(4, 6), dim=dim)
            yield Case(name, normal(3, 0), dim=dim)


def losses_of_classes():
    shapes = [(5, 3), (3,), (4, 3, 2), (2, 3, 2, 2)]
    for shape in shapes:
        places = shape[:1] + shape[2:] if len(shape) > 1 else ()
        target = np.asarray(labels(*places, classes=3))
        for reduction in REDUCTIONS:
            for options in (
                {},
                {"weight": uniform(3)},
                {"ignore_index": 1},
                {"ignore_index": 1, "weight": uniform(3)},
                {"ignore_index": -100},
            ):
                if target.shape == () and options.get("ignore_index") == 1:
                    continue  # nothing would be left: NaN, tested by itself
                yield Case("cross_entropy", normal(*shape), target, reduction=reduction, **options)
                yield Case("nll_loss", normal(*shape), target, reduction=reduction, **options)
                yield Case("cross_entropy", normal(*shape), target, reduction=reduction, label_smoothing=0.2, **options)
            for options in ({}, {"weight": uniform(3)}, {"label_smoothing": 0.3}):
                yield Case("cross_entropy", normal(*shape), distribution(*shape), reduction=reduction, **options)
            both = {"weight": uniform(3), "label_smoothing": 0.3}
            yield Case("cross_entropy", normal(*shape), distribution(*shape), reduction=reduction, **both)
    ignored = np.array([2, -100, 0, -100, 1])
    for reduction in REDUCTIONS:
        yield Case("cross_entropy", normal(5, 3), ignored, reduction=reduction, ignore_index=-100)
        yield Case("nll_loss", normal(5, 3), ignored, reduction=reduction, ignore_index=-100, weight=uniform(3))
        yield Case("cross_entropy", normal(2, 3), np.array([1, 1]), reduction=reduction, ignore_index=1)


def binary_losses():
    for shape in ((4, 3), (), (2, 3, 2)):
        for reduction in REDUCTIONS:
            yes = np.asarray(uniform(*shape))
            for weight in (None, uniform(*shape[-1:])):
                yield Case(
                    "binary_cross_entropy", uniform(*shape), yes, weight=weight, reduction=reduction,
                    differentiable=1,
                )  # fmt: skip
                for pos_weight in (None, uniform(*shape[-1:])):
                    yield Case(
                        "binary_cross_entropy_with_logits", normal(*shape), yes,
                        weight=weight, pos_weight=pos_weight, reduction=reduction,
                    )  # fmt: skip
    for far in (FAR, -FAR):
        yield Case("binary_cross_entropy_with_logits", far, uniform(9), pos_weight=np.array(3.0), differentiable=1)


def losses_of_numbers():
    for shape in ((4, 3), (), (2, 0), (2, 3, 2)):
        x, t = normal(*shape), normal(*shape)
        weight = np.asarray(uniform(*shape))
        for reduction in REDUCTIONS:
            for name in ("mse_loss", "l1_loss", "huber_loss"):
                yield Case(name, x, t, reduction=reduction)
                yield Case(name, x, t, reduction=reduction, weight=weight)
            for beta in (0.0, 0.5, 2.0):
                yield Case("smooth_l1_loss", x, t, reduction=reduction, beta=beta)
            yield Case("huber_loss", x, t, reduction=reduction, delta=0.5)
            for name in ("soft_margin_loss", "hinge_embedding_loss"):
                yield Case(name, x, signs(*shape), reduction=reduction, differentiable=1)
            yield Case(
                "hinge_embedding_loss", x, signs(*shape), margin=0.3, reduction=reduction,
                differentiable=1,
            )  # fmt: skip
    yield from losses_of_counts_and_classes()


def losses_of_counts_and_classes():
    for shape in ((4, 3), (), (2, 0), (2, 3, 2)):
        x = normal(*shape)
        for reduction in REDUCTIONS:
            counts = np.asarray(random.integers(0, 6, shape)).astype(float)
            for full in (False, True):
                yield Case("poisson_nll_loss", x, counts, full=full, reduction=reduction, differentiable=1)
                yield Case(
                    "poisson_nll_loss", abs(x) + 0.1, counts, log_input=False, full=full, eps=1e-3,
                    reduction=reduction, differentiable=1,
                )  # fmt: skip
        if shape:
            p, q = distribution(*shape), np.log(distribution(*shape))
            for reduction in (*REDUCTIONS, "batchmean"):
                yield Case("kl_div", q, p, reduction=reduction)
                yield Case("kl_div", q, np.log(p), reduction=reduction, log_target=True)
    yield from losses_at_corners()


def losses_at_corners():
    yield Case("kl_div", np.log(distribution(2, 3)), np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]), differentiable=1)
    d = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
    for name in ("l1_loss", "smooth_l1_loss", "huber_loss"):
        yield Case(name, d, np.zeros(7), reduction="sum", note="corners")
    for reduction in REDUCTIONS:
        for full in (False, True):
            for variance in (uniform(4, 3), uniform(4, 1), uniform(4)):
                yield Case("gaussian_nll_loss", normal(4, 3), normal(4, 3), variance, full=full, reduction=reduction)
    small = np.array([0.0, 1e-9, 1e-3, 0.5])
    yield Case("gaussian_nll_loss", normal(4), normal(4), small, eps=1e-2)


def losses_of_pairs():
    for reduction in REDUCTIONS:
        for margin in (0.0, 0.5):
            yield Case(
                "margin_ranking_loss", normal(5), normal(5), signs(5), margin=margin, reduction=reduction,
                differentiable=2,
            )  # fmt: skip
            for shape in ((5, 3), (3,)):
                yield Case(
                    "cosine_embedding_loss", normal(*shape), normal(*shape), signs(*shape[:-1]),
                    margin=margin, reduction=reduction, differentiable=2,
                )  # fmt: skip
        for p in (1.0, 2.0, 3.0):
            for swap in (False, True):
                arrays = [normal(5, 3, scale=0.5) for _ in range(3)]
                yield Case("triplet_margin_loss", *arrays, p=p, swap=swap, margin=0.7, reduction=reduction)
        yield Case("triplet_margin_with_distance_loss", *[normal(5, 3) for _ in range(3)], reduction=reduction)
        for shape in ((4, 5), (5,)):
            rows = shape[:-1]
            target = np.asarray(labels(*rows, classes=5))
            for p in (1, 2):
                yield Case("multi_margin_loss", normal(*shape), target, p=p, reduction=reduction)
                yield Case(
                    "multi_margin_loss", normal(*shape), target, p=p, margin=0.4, weight=uniform(5),
                    reduction=reduction,
                )  # fmt: skip
            several = np.resize([[3, 0, -1, 1, 2], [0, 1, 2, 3, 4], [-1, 2, 3, -1, 0], [4, -1, -1, -1, -1]], shape)
            yield Case("multilabel_margin_loss", normal(*shape), several, reduction=reduction)
            for weight in (None, uniform(5)):
                yield Case(
                    "multilabel_soft_margin_loss", normal(*shape), uniform(*shape), weight=weight,
                    reduction=reduction, differentiable=1,
                )  # fmt: skip
    zero = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
    for p in (1.0, 2.0, 3.0, 0.5, float("inf")):
        yield Case("normalize", normal(3, 4), p=p)
        yield Case("pairwise_distance", normal(3, 4), normal(3, 4), p=p)
        yield Case("pairwise_distance", normal(3, 4), normal(4), p=p, keepdim=True)
    yield Case("pairwise_distance", zero, zero.copy(), eps=0.0, note="corners")
    yield Case("normalize", zero, note="corners")
    yield Case("normalize", normal(2, 3, 4), dim=-1)
    yield Case("cosine_similarity", normal(3, 4), normal(3, 4))
    yield Case("cosine_similarity", normal(2, 3, 4), normal(3, 4), dim=-1)
    yield Case("cosine_similarity", normal(2, 3, 4), normal(3, 1), dim=0, eps=0.5)


def normalisations():
    weight, bias = normal(6), normal(6)
    for shape in ((2, 6), (2, 6, 3), (2, 6, 3, 2), (2, 6, 2, 2, 2)):
        x = normal(*shape)
        for groups in (1, 2, 3, 6):
            if len(shape) > 2 or groups < 6:
                yield Case("group_norm", x, groups, weight, bias)
        if len(shape) > 2:
            yield Case("instance_norm", x)
            yield Case("instance_norm", x, weight=weight, bias=bias, eps=1e-3)
            yield Case("instance_norm", x, normal(6), uniform(6), weight, bias, False, differentiable=1)
            for size in (1, 2, 3, 8):
                yield Case("local_response_norm", x, size, alpha=0.3, beta=0.6, k=1.5)
        yield Case("batch_norm", x, normal(6), uniform(6), weight, bias, differentiable=1)
        yield Case("rms_norm", x, shape[1:])
        yield Case("rms_norm", x, shape[-1:], normal(*shape[-1:]), 1e-3)
        yield Case("layer_norm", x, shape[1:], normal(*shape[1:]), normal(*shape[1:]))


def others():
    for leading in ((), (4,), (2, 3)):
        yield Case("bilinear", normal(*leading, 2), normal(*leading, 3), normal(5, 2, 3), normal(5))
        yield Case("bilinear", normal(*leading, 2), normal(*leading, 3), normal(5, 2, 3))
        yield Case("linear", normal(*leading, 2), normal(5, 2), normal(5))
    images = normal(2, 3, 4, 5)
    for pad in ((1, 2), (1, 0, 2, 3), (-1, 2), (0, 0, -1, -2), (1, 1, 1, 1, 1, 1)):
        yield Case("pad", images, pad)
        yield Case("pad", images, pad, value=2.5)
    for mode in ("reflect", "replicate", "circular"):
        yield Case("pad", images, (1, 2, 3, 0), mode=mode)
        yield Case("pad", normal(2, 3, 4), (3, 1), mode=mode)
        yield Case("pad", normal(3, 4), (2, 3), mode=mode)
    yield Case("pad", images, (6, 7, 5, 0), mode="replicate")
    yield Case("pixel_shuffle", normal(2, 8, 3, 2), 2)
    yield Case("pixel_shuffle", normal(9, 3, 2), 3)
    yield Case("pixel_unshuffle", normal(2, 2, 6, 4), 2)
    yield Case("channel_shuffle", normal(2, 6, 3), 3)
    heads = normal(2, 6, 4, 3), normal(2, 2, 5, 3), normal(2, 2, 5, 3)
    yield Case("scaled_dot_product_attention", *heads, enable_gqa=True)
    yield Case("scaled_dot_product_attention", *heads, enable_gqa=True, is_causal=True, scale=0.3)


FAMILIES = {
    maker.__name__: list(maker())
    for maker in (
        activations, losses_of_classes, binary_losses, losses_of_numbers, losses_of_pairs, normalisations, others,
    )
}  # fmt: skip
