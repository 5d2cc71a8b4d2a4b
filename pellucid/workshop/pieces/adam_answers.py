"""Right and wrong answers to the piece `adam`."""

from pellucid.workshop.piece import Text, Wrong

RIGHT = """\
def adam_step(w, g, m, s, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    s = beta2 * s + (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    s_hat = s / (1 - beta2**t)
    return w - lr * m_hat / (s_hat.sqrt() + eps), m, s
"""

RIGHT_BY_DIFFERENCES = """\
def toward(mean, value, beta):
    # a running mean moves a little toward each new value
    return mean + (1 - beta) * (value - mean)


def adam_step(w, g, m, s, t, lr, beta1, beta2, eps):
    m, s = toward(m, g, beta1), toward(s, g * g, beta2)
    weights_of_m, weights_of_s = 1 - beta1**t, 1 - beta2**t
    size = (s / weights_of_s) ** 0.5
    rate = lr / weights_of_m
    return w - rate * (m / (size + eps)), m, s
"""

IN_PLACE = """\
def adam_step(w, g, m, s, t, lr, beta1, beta2, eps):
    m *= beta1
    m += (1 - beta1) * g
    s *= beta2
    s += (1 - beta2) * g * g
    m_hat = m / (1 - beta1**t)
    s_hat = s / (1 - beta2**t)
    return w - lr * m_hat / (s_hat.sqrt() + eps), m, s
"""

WRONG = (
    Wrong(
        "no-bias-correction",
        Text(
            "m and s are used as they are. They began at 0 and are too small in the first steps, s more so than m, "
            "so that these steps are several times too large.",
            "m 和 s 原样用了。它们从 0 开始，头几步都偏小，s 偏得更厉害，所以头几步的步子是应有的好几倍。",
        ),
        edits=(("m_hat = m / (1 - beta1**t)", "m_hat = m"), ("s_hat = s / (1 - beta2**t)", "s_hat = s")),
    ),
    Wrong(
        "only-m-corrected",
        Text(
            "m is corrected, s is not: it is still too small at first, and w takes far too large steps.",
            "m 修正了，s 没有修正：它起初仍然偏小，w 的步子就大得多。",
        ),
        edits=(("s_hat = s / (1 - beta2**t)", "s_hat = s"),),
    ),
    Wrong(
        "only-s-corrected",
        Text(
            "s is corrected, m is not: it is still too small at first, and w hardly moves.",
            "s 修正了，m 没有修正：它起初仍然偏小，w 几乎不动。",
        ),
        edits=(("m_hat = m / (1 - beta1**t)", "m_hat = m"),),
    ),
    Wrong(
        "epsilon-inside-the-root",
        Text(
            "eps stands under the root. The root of 1e-8 is 1e-4, ten thousand times as much: small gradients would "
            "hardly move w any more.",
            "你把 eps 放进了根号里。1e-8 开方是 1e-4，是它的一万倍：梯度小的地方，w 就几乎不动了。",
        ),
        edits=(("(s_hat.sqrt() + eps)", "(s_hat + eps).sqrt()"),),
    ),
    Wrong(
        "epsilon-before-the-correction",
        Text(
            "eps is added to the root of s before s is corrected, so that the correction enlarges eps as well. The "
            "contract adds it at the very end. (PyTorch's SparseAdam does it your way.)",
            "s 还没有修正，你就在它的平方根上加了 eps，修正时 eps 也跟着放大了。按约定，eps 是最后才加的。"
            "（PyTorch 的 SparseAdam 用的是你这种写法。）",
        ),
        edits=(("(s_hat.sqrt() + eps)", "((s.sqrt() + eps) / (1 - beta2**t) ** 0.5)"),),
    ),
    Wrong(
        "no-root",
        Text(
            "You divide by the mean of the squares, without the root. Numerator and denominator must have the same "
            "unit: gradient over gradient, not gradient over its square.",
            "你除以的是平方的平均，没有开方。分子和分母的单位应当相同：梯度除以梯度，而不是梯度除以梯度的平方。",
        ),
        edits=(("(s_hat.sqrt() + eps)", "(s_hat + eps)"),),
    ),
    Wrong(
        "gradient-not-squared",
        Text(
            "s takes in g itself instead of its square. Then it can become negative, and its root is NaN.",
            "s 里累积的是 g，而不是 g 的平方。这样 s 可能变成负数，开方就得到 NaN。",
        ),
        edits=(("(1 - beta2) * g * g", "(1 - beta2) * g"),),
    ),
    Wrong(
        "betas-exchanged",
        Text(
            "beta1 and beta2 have changed places: beta1 belongs to the mean of the gradients, beta2 to that of their "
            "squares.",
            "beta1 和 beta2 用反了：beta1 属于梯度的平均，beta2 属于平方的平均。",
        ),
        edits=(("lr, beta1, beta2, eps):", "lr, beta2, beta1, eps):"),),
    ),
    Wrong(
        "old-and-new-exchanged",
        Text(
            "Old mean and new gradient have each other's weights: nine tenths should be kept, and you keep one tenth. "
            "The means forget almost everything in each step.",
            "旧的平均和新的梯度，权重弄反了：应当保留十分之九，你只留了十分之一，每一步几乎把过去全忘了。",
        ),
        edits=(
            ("beta1 * m + (1 - beta1) * g", "(1 - beta1) * m + beta1 * g"),
            ("beta2 * s + (1 - beta2) * g * g", "(1 - beta2) * s + beta2 * g * g"),
        ),
    ),
    Wrong(
        "new-part-not-weighed",
        Text(
            "The new gradient is added in full. The weights of old and new must add up to 1, otherwise m and s are "
            "sums and no means.",
            "新的梯度整个加进去了。新旧的权重之和必须是 1，否则 m 和 s 就成了求和，不是平均。",
        ),
        edits=(("(1 - beta1) * g", "g"), ("(1 - beta2) * g * g", "g * g")),
    ),
    Wrong(
        "corrected-means-handed-on",
        Text(
            "w is right in the first step, but the m and s that you return have been corrected already. The next step "
            "would correct them once more.",
            "第一步的 w 是对的，但你返回的 m 和 s 已经修正过，下一步又要修正一次。",
        ),
        edits=(("eps), m, s", "eps), m_hat, s_hat"),),
    ),
    Wrong(
        "correction-without-t",
        Text(
            "In the first step it is right, later it is not: you always correct as in step 1. How much of the zeros is "
            "left depends on the number of steps.",
            "第一步是对的，后面就不对了：你每一步都按第 1 步来修正。开头的 0 还占多少权重，取决于走了几步。",
        ),
        edits=(("beta1**t", "beta1"), ("beta2**t", "beta2")),
    ),
    Wrong(
        "correction-times-t",
        Text(
            "You multiply beta by t. The zeros of the beginning lose a part of their weight in every step, by "
            "multiplication: that is a power.",
            "你把 beta 乘以了 t。开头的 0 所占的权重，每一步都要再乘一次 beta，这应当是乘方。",
        ),
        edits=(("beta1**t", "beta1 * t"), ("beta2**t", "beta2 * t")),
    ),
    Wrong(
        "counts-from-zero",
        Text(
            "You correct as if the first step were number 0. Then 1 - beta^0 = 0 is divided by, and w is no longer a "
            "number. t is 1 in the first step already.",
            "你把第一步当成了第 0 步来修正，于是除以了 1 - beta^0 = 0，w 就不再是数了。第一步的 t 已经是 1。",
        ),
        edits=(("beta1**t", "beta1 ** (t - 1)"), ("beta2**t", "beta2 ** (t - 1)")),
    ),
    Wrong(
        "gradient-instead-of-mean",
        Text(
            "w moves by the gradient of this step alone; m is computed and returned, but not used. That is RMSprop.",
            "w 只按这一步的梯度来走；m 算了，也返回了，却没有用上。那是 RMSprop。",
        ),
        edits=(("lr * m_hat /", "lr * g /"),),
    ),
    Wrong(
        "uphill",
        Text(
            "w moves along the gradient. The gradient points to where the loss grows, so training would make it larger "
            "and larger.",
            "你让 w 顺着梯度走了。梯度指向损失增大的方向，这样训练下去，损失只会越来越大。",
        ),
        edits=(("w - lr", "w + lr"),),
    ),
    Wrong(
        "changed-in-place",
        Text(
            "The numbers are right, but `*=` or `+=` changed the tensors that were handed to you. Make new ones: who "
            "called you decides what becomes of the old.",
            "数是对的，但 `*=`、`+=` 改动了传进来的张量。要新建张量：旧的怎么处理，由调用的一方决定。",
        ),
        source=IN_PLACE,
    ),
)
