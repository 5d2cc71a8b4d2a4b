"""How weights begin, by Keras' names. An initializer is called with a shape in Keras' layout and gives a tensor.

Dense kernels are (inputs, outputs) there, kernels of convolutions (height, width, channels in, channels out). With
`seed` an initializer gives the same numbers whenever it is called; without, those of `utils.set_random_seed`.
"""

import math

import numpy as np

from pellucid import blame
from pellucid.errors import ArgumentError, ShapeError
from pellucid.keras.missing import answer
from pellucid.keras.names import look_up, snake
from pellucid.nn import init
from pellucid.tensors import Generator, Tensor, as_tensor, eye, zeros

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "get",
]

TRUNCATED = 0.87962566103423978  # the standard deviation of normal numbers of which none is beyond 2


class Initializer:
    """What all initializers are: objects that are called with a shape. A subclass has __call__(shape, dtype).

    >>> import pellucid as pc
    >>> class Two(Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return pc.full(shape, 2.0)
    >>> Two()((2,))
    tensor([2., 2.])
    """

    def __call__(self, shape, dtype=None):
        raise NotImplementedError(f"{type(self).__name__} has no __call__(shape, dtype).")

    def __repr__(self):
        numbers = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({numbers})"


class Constant(Initializer):
    """The same number everywhere, or the numbers of an array.

    >>> Constant(3.0)((2,))
    tensor([3., 3.])
    """

    def __init__(self, value=0.0):
        self.value = value

    def __call__(self, shape, dtype=None):
        return as_tensor(np.broadcast_to(np.asarray(self.value, dtype or np.float32), shape).copy())


class Zeros(Constant):
    """0 everywhere: how biases begin.

    >>> Zeros()((2,))
    tensor([0., 0.])
    """

    def __init__(self):
        super().__init__(0.0)


class Ones(Constant):
    """1 everywhere.

    >>> Ones()((2,))
    tensor([1., 1.])
    """

    def __init__(self):
        super().__init__(1.0)


class Identity(Initializer):
    """gain on the diagonal of a matrix, 0 beside it.

    >>> Identity()((2, 2))
    tensor([[1., 0.],
            [0., 1.]])
    """

    def __init__(self, gain=1.0):
        self.gain = gain

    def __call__(self, shape, dtype=None):
        if len(shape) != 2:
            raise ShapeError(f"Identity fills matrices, not a weight of shape {tuple(shape)}.")
        return self.gain * eye(*shape)


class Drawn(Initializer):
    """What the initializers share that draw random numbers."""

    seed = None

    def __call__(self, shape, dtype=None):
        weight = zeros(shape) if dtype is None else zeros(shape, dtype=dtype)
        generator = None if self.seed is None else Generator().manual_seed(self.seed)
        return self.draw(weight, generator)

    def draw(self, weight, generator) -> Tensor:
        """Fill the weight with random numbers."""
        raise NotImplementedError


class RandomNormal(Drawn):
    """Numbers from the normal distribution.

    >>> RandomNormal(stddev=0.1, seed=0)((100, 100)).std().item() < 0.11
    True
    """

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def draw(self, weight, generator):
        return init.normal_(weight, self.mean, self.stddev, generator)


class TruncatedNormal(Drawn):
    """Numbers from the normal distribution, none of them further from the mean than two deviations.

    >>> TruncatedNormal(stddev=0.1, seed=0)((100, 100)).abs().max().item() <= 0.2
    True
    """

    def __init__(self, mean=0.0, stddev=0.05, seed=None):
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def draw(self, weight, generator):
        two = 2.0 * self.stddev
        return init.trunc_normal_(weight, self.mean, self.stddev, self.mean - two, self.mean + two, generator)


class RandomUniform(Drawn):
    """Numbers from minval to maxval, all equally likely.

    >>> RandomUniform(seed=0)((100, 100)).abs().max().item() <= 0.05
    True
    """

    def __init__(self, minval=-0.05, maxval=0.05, seed=None):
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def draw(self, weight, generator):
        return init.uniform_(weight, self.minval, self.maxval, generator)


class Orthogonal(Drawn):
    """gain times an orthogonal matrix; a kernel of a convolution counts as (height width channels, channels out).

    >>> import pellucid as pc
    >>> w = Orthogonal(seed=0)((3, 3))
    >>> (w @ w.mT).allclose(pc.eye(3), atol=1e-6)
    True
    """

    def __init__(self, gain=1.0, seed=None):
        self.gain, self.seed = gain, seed

    def draw(self, weight, generator):
        flat = init.orthogonal_(zeros(math.prod(weight.shape[:-1]), weight.shape[-1]), self.gain, generator)
        return flat.reshape(weight.shape)


class VarianceScaling(Drawn):
    """Numbers of variance scale / fan; `mode` says which fan: "fan_in", "fan_out" or their mean, "fan_avg".

    `distribution` is "uniform", "untruncated_normal", or "truncated_normal" ("normal" is the same).

    >>> w = VarianceScaling(2.0, seed=0)((200, 100))
    >>> abs(w.std().item() - 0.1) < 0.003
    True
    """

    def __init__(self, scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None):
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ArgumentError(f'mode is "fan_in", "fan_out" or "fan_avg", not {mode!r}.')
        if distribution not in ("uniform", "normal", "truncated_normal", "untruncated_normal"):
            raise ArgumentError(f"VarianceScaling knows no distribution {distribution!r}.")
        if not scale > 0.0:
            raise ArgumentError(f"scale is a number above 0, not {scale!r}.")
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed

    def draw(self, weight, generator):
        fan_in, fan_out = fans(weight.shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        deviation = math.sqrt(self.scale / max(1.0, fan))
        if self.distribution == "uniform":
            bound = math.sqrt(3.0) * deviation
            return init.uniform_(weight, -bound, bound, generator)
        if self.distribution == "untruncated_normal":
            return init.normal_(weight, 0.0, deviation, generator)
        deviation /= TRUNCATED
        return init.trunc_normal_(weight, 0.0, deviation, -2.0 * deviation, 2.0 * deviation, generator)


def fans(shape):
    """How many numbers go into an output, and how many outputs one input has, for a weight in Keras' layout."""
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


class GlorotUniform(VarianceScaling):
    """Uniform within sqrt(6 / (fan_in + fan_out)): how kernels begin. Source: Glorot and Bengio (2010).

    >>> GlorotUniform(seed=0)((3, 3)).abs().max().item() <= 1.0
    True
    """

    def __init__(self, seed=None):
        super().__init__(1.0, "fan_avg", "uniform", seed)


class GlorotNormal(VarianceScaling):
    """Normal of variance 2 / (fan_in + fan_out), truncated. Source: Glorot and Bengio (2010).

    >>> GlorotNormal(seed=0)((3, 3)).shape
    (3, 3)
    """

    def __init__(self, seed=None):
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)


class HeUniform(VarianceScaling):
    """Uniform within sqrt(6 / fan_in): before relu. Source: He et al., "Delving deep into rectifiers" (2015).

    >>> HeUniform(seed=0)((6, 3)).abs().max().item() <= 1.0
    True
    """

    def __init__(self, seed=None):
        super().__init__(2.0, "fan_in", "uniform", seed)


class HeNormal(VarianceScaling):
    """Normal of variance 2 / fan_in, truncated: before relu. Source: He et al. (2015).

    >>> HeNormal(seed=0)((3, 3)).shape
    (3, 3)
    """

    def __init__(self, seed=None):
        super().__init__(2.0, "fan_in", "truncated_normal", seed)


class LecunUniform(VarianceScaling):
    """Uniform within sqrt(3 / fan_in). Source: LeCun et al., "Efficient backprop" (1998).

    >>> LecunUniform(seed=0)((3, 3)).abs().max().item() <= 1.0
    True
    """

    def __init__(self, seed=None):
        super().__init__(1.0, "fan_in", "uniform", seed)


class LecunNormal(VarianceScaling):
    """Normal of variance 1 / fan_in, truncated: before selu. Source: LeCun et al. (1998).

    >>> LecunNormal(seed=0)((3, 3)).shape
    (3, 3)
    """

    def __init__(self, seed=None):
        super().__init__(1.0, "fan_in", "truncated_normal", seed)


CLASSES = {name: thing for name, thing in globals().items() if name in __all__ and name != "Initializer"}
KNOWN = {snake(name): thing for name, thing in CLASSES.items()}
KNOWN |= {"normal": RandomNormal, "uniform": RandomUniform}


def get(identifier):
    """The initializer of a name ("he_normal", "HeNormal"); an object or function as it is.

    >>> get("zeros")((2,))
    tensor([0., 0.])
    """
    if isinstance(identifier, str):
        return look_up("initializer", identifier, KNOWN)()
    if isinstance(identifier, type) and issubclass(identifier, Initializer):
        return identifier()
    if callable(identifier):
        return identifier
    raise ArgumentError(
        f"an initializer is a name, an object or a function, not {identifier!r}.",
        remedy="Write initializers.HeNormal(), or the name he_normal.",
    )


blame.answer_for(globals(), calls=True)
# Keras' other spellings, such as initializers.he_normal:
__getattr__ = answer(__name__, KNOWN | {"IdentityInitializer": Identity, "OrthogonalInitializer": Orthogonal})
