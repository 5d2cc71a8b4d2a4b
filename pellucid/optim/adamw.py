"""AdamW: Adam whose weight decay does not go through the means."""

from pellucid.optim.adam import Adam


class AdamW(Adam):
    """Adam with decoupled weight decay: all weights shrink alike, however large their gradients are.

        w = (1 - lr weight_decay) w, then a step of Adam with the gradient alone

    In Adam an L2 penalty is divided by the root of the mean square, as the gradient is; so weights with large
    gradients are hardly pulled towards 0.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019).

    >>> import pellucid as pc
    >>> w = pc.tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    tensor([ 0.85, -1.8 ])
    """

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False,
        *, maximize=False, **execution,
    ):  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True, **execution
        )
