"""Batch and layer normalization, with Keras' momentum, epsilon and kind of variance."""

import pellucid.functional as F
from pellucid.engine import no_grad
from pellucid.errors import UnsupportedError
from pellucid.keras import regularizers
from pellucid.keras.layers.base import Layer, as_floats, refuse_constraints
from pellucid.keras.layers.images import channels_last, other_layout


class Normalizing(Layer):
    """What both share: gamma and beta, for the last axis."""

    def __init__(
        self, axis=-1, epsilon=1e-3, center=True, scale=True, beta_initializer="zeros", gamma_initializer="ones",
        beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None, **named,
    ):  # fmt: skip
        super().__init__(**named)
        refuse_constraints(type(self).__name__, beta_constraint=beta_constraint, gamma_constraint=gamma_constraint)
        self.axis = axis
        self.epsilon = epsilon
        self.initializers = {
            "gamma": gamma_initializer if scale else None,
            "beta": beta_initializer if center else None,
        }
        self.regularizers = {
            "gamma": regularizers.get(gamma_regularizer),
            "beta": regularizers.get(beta_regularizer),
        }
        self.gamma = self.beta = None

    def build(self, input_shape):
        if self.axis not in (-1, len(input_shape) - 1, [-1], (-1,)):
            raise UnsupportedError(
                f"{type(self).__name__} normalises the last axis here, not {self.axis}.",
                remedy="Images are (batch, height, width, channels); nn.BatchNorm2d takes channels first.",
            )
        for name, initializer in self.initializers.items():
            if initializer is not None:
                weight = self.add_weight((input_shape[-1],), initializer, self.regularizers[name], name=name)
                setattr(self, name, weight)


class BatchNormalization(Normalizing):
    """y = (x - mean) / sqrt(variance + epsilon) gamma + beta, for each number on the last axis.

    In training with mean and variance of the batch, which the moving ones follow: moving = momentum moving +
    (1 - momentum) new, the variance divided by n, as Keras does (nn.BatchNorm1d: by n - 1). Otherwise, and if the layer
    is frozen, with the moving ones. Weights: gamma, beta, moving_mean, moving_variance.

    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training" (2015).

    >>> import pellucid as pc
    >>> BatchNormalization(epsilon=0.0)(pc.tensor([[1.0], [3.0]]), training=True).detach()
    tensor([[-1.],
            [ 1.]])
    """

    def __init__(
        self, axis=-1, momentum=0.99, epsilon=1e-3, center=True, scale=True, beta_initializer="zeros",
        gamma_initializer="ones", moving_mean_initializer="zeros", moving_variance_initializer="ones",
        beta_regularizer=None, gamma_regularizer=None, beta_constraint=None, gamma_constraint=None, **named,
    ):  # fmt: skip
        super().__init__(
            axis, epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer,
            beta_constraint, gamma_constraint, **named,
        )  # fmt: skip
        self.momentum = momentum
        self.moving = (moving_mean_initializer, moving_variance_initializer)

    def build(self, input_shape):
        super().build(input_shape)
        mean, variance = self.moving
        self.moving_mean = self.add_weight((input_shape[-1],), mean, trainable=False)
        self.moving_variance = self.add_weight((input_shape[-1],), variance, trainable=False)

    def call(self, inputs):
        x = as_floats(inputs)
        before = other_layout(x)
        return self.normalized(x, -1) if before is None else channels_last(self.normalized(before, 1))

    def normalized(self, x, axis):
        """The same for channels on this axis."""
        shape = [1] * x.ndim
        shape[axis] = x.shape[axis]  # in which one number for each channel meets x
        if self.training and not self.frozen:
            axes = tuple([other for other in range(x.ndim) if other != axis % x.ndim])
            mean = x.mean(axes, keepdim=True)
            centred = x - mean
            variance = (centred * centred).mean(axes, keepdim=True)
            with no_grad():
                for moving, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
                    moving.assign(self.momentum * moving + (1.0 - self.momentum) * new.detach().reshape(-1))
        else:
            centred, variance = x - self.moving_mean.reshape(shape), self.moving_variance.reshape(shape)
        y = centred * (1.0 / (variance + self.epsilon).sqrt())
        y = y if self.gamma is None else y * self.gamma.reshape(shape)
        return y if self.beta is None else y + self.beta.reshape(shape)


class LayerNormalization(Normalizing):
    """y = (x - mean) / sqrt(variance + epsilon) gamma + beta, over the last axis of each sample by itself.

    Source: Ba, Kiros and Hinton, "Layer normalization" (2016).

    >>> import pellucid as pc
    >>> LayerNormalization()(pc.tensor([[1.0, 2.0, 3.0]])).detach()
    tensor([[-1.2238,  0.    ,  1.2238]])
    """

    def call(self, inputs):
        x = as_floats(inputs)
        return F.layer_norm(x, x.shape[-1], self.gamma, self.beta, self.epsilon)
