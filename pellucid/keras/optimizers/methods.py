"""The optimizers of Keras: its argument names and its defaults. The formulas are in formulas.py."""

from pellucid.keras.optimizers import formulas
from pellucid.keras.optimizers.optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent: w = w - learning_rate g; with momentum v = momentum v - learning_rate g, w = w + v.

    >>> SGD(learning_rate=0.01, momentum=0.9, nesterov=True).learning_rate
    0.01
    """

    formula = formulas.SGD

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, weight_decay=None, name=None, **options):
        nesterov = bool(nesterov and momentum)  # without momentum there is nothing to look ahead to
        super().__init__(learning_rate, weight_decay, name, options, momentum=momentum, nesterov=nesterov)


class RMSprop(Optimizer):
    """Divide gradients by the root of the mean of their squares: w = w - learning_rate g / sqrt(s + epsilon).

    >>> RMSprop().learning_rate
    0.001
    """

    formula = formulas.RMSprop

    def __init__(
        self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False, weight_decay=None, name=None,
        **options,
    ):  # fmt: skip
        numbers = {"alpha": rho, "momentum": momentum, "eps": epsilon, "centered": centered}
        super().__init__(learning_rate, weight_decay, name, options, **numbers)


class Adam(Optimizer):
    """Follow the mean gradient, divided by the root of the mean square; both corrected for their start at 0.

    >>> Adam(learning_rate=0.01).learning_rate
    0.01
    """

    formula = formulas.Adam

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, weight_decay=None, name=None,
        **options,
    ):  # fmt: skip
        numbers = {"betas": (beta_1, beta_2), "eps": epsilon, "amsgrad": amsgrad}
        super().__init__(learning_rate, weight_decay, name, options, **numbers)


class AdamW(Adam):
    """Adam, with weights that decay by themselves: w = w - learning_rate weight_decay w.

    >>> AdamW().weight_decay
    0.004
    """

    def __init__(
        self, learning_rate=0.001, weight_decay=0.004, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, name=None,
        **options,
    ):  # fmt: skip
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, name, **options)


class Adamax(Optimizer):
    """Adam that divides by the largest gradient of late.

    >>> Adamax().learning_rate
    0.001
    """

    formula = formulas.Adamax

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=None, name=None, **options
    ):
        super().__init__(learning_rate, weight_decay, name, options, betas=(beta_1, beta_2), eps=epsilon)


class Nadam(Optimizer):
    """Adam with Nesterov's momentum: the gradient counts once more, as in the step to come.

    >>> Nadam().learning_rate
    0.001
    """

    formula = formulas.Nadam

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=None, name=None, **options
    ):
        numbers = {"betas": (beta_1, beta_2), "eps": epsilon, "momentum_decay": 1.0}
        super().__init__(learning_rate, weight_decay, name, options, **numbers)


class Adagrad(Optimizer):
    """The more a weight has moved, the shorter its steps.

    >>> Adagrad().learning_rate
    0.001
    """

    formula = formulas.Adagrad

    def __init__(
        self, learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-7, weight_decay=None, name=None, **options
    ):
        numbers = {"initial_accumulator_value": initial_accumulator_value, "eps": epsilon}
        super().__init__(learning_rate, weight_decay, name, options, **numbers)


class Adadelta(Optimizer):
    """Steps in the unit of the weights: the learning rate of its paper is 1.0, Keras' default 0.001.

    >>> Adadelta(learning_rate=1.0).learning_rate
    1.0
    """

    formula = formulas.Adadelta

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-7, weight_decay=None, name=None, **options):
        super().__init__(learning_rate, weight_decay, name, options, rho=rho, eps=epsilon)
