"""The network of both estimators, and what watches its training."""

import math

import numpy as np

import pellucid.functional as F
from pellucid import nn
from pellucid.engine import no_grad
from pellucid.tensors import from_numpy

ACTIVATIONS = {"identity": lambda x: x, "logistic": F.sigmoid, "tanh": F.tanh, "relu": F.relu}
LEAST_RATE = 1e-6  # learning_rate="adaptive" stops here


class Network(nn.Module):
    """Layers h = f(x W + b), the last without f: weights (inputs, outputs), as scikit-learn keeps them."""

    def __init__(self, coefs, intercepts, activation):
        self.weights = nn.ParameterList([nn.Parameter(weight) for weight in coefs])
        self.biases = nn.ParameterList([nn.Parameter(bias) for bias in intercepts])
        self.activation = ACTIVATIONS[activation]

    def forward(self, x):
        *hidden, last = zip(self.weights, self.biases, strict=True)
        for weight, bias in hidden:
            x = self.activation(x @ weight + bias)
        weight, bias = last
        return x @ weight + bias


class Watch:
    """A callback of the training: stops it when it no longer gets better, keeps the best weights, changes the rate.

    Better means: by `tol`, than the best loss so far, or the best score on the rows that early stopping holds back.
    """

    def __init__(self, estimator, network, held_back):
        self.estimator, self.network, self.held_back = estimator, network, held_back
        self.best, self.waited, self.scores = -math.inf, 0, []
        self.best_weights = None
        self.converged = False

    def epoch(self, training):
        """Look at the epoch that is done."""
        estimator = self.estimator
        estimator.t_ += len(training.loader.dataset)
        if self.held_back is None:
            now = -training.history[-1]["loss"]
        else:
            x, y = self.held_back
            now = estimator._score(y, estimator._answers(outputs_of(self.network, x)))
            self.scores.append(now)
            if now > self.best:
                self.best_weights = self.network.state_dict()
        self.waited = 0 if now >= self.best + estimator.tol else self.waited + 1
        self.best = max(self.best, now)
        self.set_rate(training)

    def set_rate(self, training):
        """Stop if it has waited long enough; an adaptive learning rate is divided by 5 first, until it is tiny."""
        estimator = self.estimator
        (group,) = training.optimizer.param_groups
        varies = estimator.solver == "sgd"  # Adam has rates of its own
        if varies and estimator.learning_rate == "invscaling":
            group["lr"] = estimator.learning_rate_init / (estimator.t_ + 1) ** estimator.power_t
        if self.waited <= estimator.n_iter_no_change:
            return
        if varies and estimator.learning_rate == "adaptive" and group["lr"] > LEAST_RATE:
            group["lr"] /= 5.0
            self.waited = 0
            return
        self.converged = True
        training.stopped = f"no better by {estimator.tol} for {estimator.n_iter_no_change} epochs"


def outputs_of(network, x):
    """What the last layer gives for these rows, an array."""
    with no_grad():
        return network(from_numpy(np.ascontiguousarray(x))).numpy()
