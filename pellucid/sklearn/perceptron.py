"""What the two estimators share: a network between the arrays that scikit-learn passes on and `train.fit`."""

import math
import warnings
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from pellucid import optim, train
from pellucid.data import DataLoader
from pellucid.sklearn.arguments import check
from pellucid.sklearn.network import Network, Watch, outputs_of


class MLP(BaseEstimator):
    """What the classifier and the regressor share: all but the targets, the loss of the outputs, and the answers."""

    def __init__(
        self, hidden_layer_sizes=(100,), activation="relu", *, solver="adam", alpha=0.0001, batch_size="auto",
        learning_rate="constant", learning_rate_init=0.001, power_t=0.5, max_iter=200, shuffle=True,
        random_state=None, tol=1e-4, verbose=False, warm_start=False, momentum=0.9, nesterovs_momentum=True,
        early_stopping=False, validation_fraction=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-8,
        n_iter_no_change=10, compile="auto",
    ):  # fmt: skip
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.compile = compile

    def fit(self, X, y):
        """Learn from rows X (n, features) and their answers y (n,) or (n, outputs), for at most `max_iter` epochs.

        Begins anew, or with `warm_start` from the weights in `coefs_` and `intercepts_`. Returns the estimator.
        """
        check(self)
        anew = not (self.warm_start and hasattr(self, "coefs_"))
        X, y = self._data(X, y, anew)
        self._know_targets(y, anew)
        self._learn(X, y, anew, epochs=self.max_iter)
        if self.n_iter_ == self.max_iter and not self._converged:
            warnings.warn(
                f"{type(self).__name__} has not converged after max_iter={self.max_iter} epochs. "
                "More epochs or a larger learning_rate_init may help; so may scaled features.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def predict(self, X):
        """The answers for rows X (n, features): (n,), or (n, outputs) if it has learned several."""
        return self._answers(self._outputs(X))

    # ---- what fit is made of

    def _data(self, X, y, anew):
        """X as floats, y as an array; both refused with scikit-learn's words where they do not fit."""
        X, y = validate_data(self, X, y, multi_output=True, dtype=(np.float64, np.float32), reset=anew)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    def _learn(self, X, y, anew, epochs, partly=False):
        """Train on these rows. `partly`: with the optimizer as it was left the last time."""
        random = check_random_state(self.random_state)
        if anew:
            self._begin(random, X)
        held_back = None
        if self.early_stopping:
            strata = y if self._in_strata() else None
            X, x_held, y, y_held = train_test_split(
                X, y, test_size=self.validation_fraction, random_state=random, stratify=strata
            )
            held_back = (x_held, y_held)
        network = Network(self.coefs_, self.intercepts_, self.activation)
        optimizer = self._optimizer(network)
        if partly and hasattr(self, "_optimizer_state"):
            optimizer.load_state_dict(self._optimizer_state)
        watch = Watch(self, network, held_back)
        batch_size = min(200 if isinstance(self.batch_size, str) else self.batch_size, len(X))  # "auto"
        seed = random.randint(2**31 - 1)
        # Each call of partial_fit would weigh the same question anew, and find out nothing in one epoch.
        compile: Any = False if partly and self.compile == "auto" else self.compile
        history = train.fit(
            network,
            DataLoader((X, self._targets(y, X.dtype)), batch_size, shuffle=self.shuffle, seed=seed),
            loss=lambda outputs, targets: self._penalised(self._loss(outputs, targets), network, len(outputs)),
            optimizer=optimizer,
            epochs=epochs,
            callbacks=[watch],
            compile=compile,
            progress=bool(self.verbose),
        )
        self._keep(network, optimizer, watch, [epoch["loss"] for epoch in history])

    def _begin(self, random, X):
        """The first weights: uniform as in Glorot and Bengio (2010), drawn as scikit-learn draws them."""
        hidden = self.hidden_layer_sizes
        sizes = [X.shape[1], *([hidden] if isinstance(hidden, Integral) else hidden), self.n_outputs_]
        self.n_layers_ = len(sizes)
        self.coefs_, self.intercepts_ = [], []
        for fan_in, fan_out in pairwise(sizes):
            bound = math.sqrt((2.0 if self.activation == "logistic" else 6.0) / (fan_in + fan_out))
            self.coefs_.append(random.uniform(-bound, bound, (fan_in, fan_out)).astype(X.dtype))
            self.intercepts_.append(random.uniform(-bound, bound, fan_out).astype(X.dtype))
        self.t_, self.loss_curve_ = 0, []
        self.validation_scores_ = [] if self.early_stopping else None

    def _optimizer(self, network):
        if self.solver == "adam":
            betas = (self.beta_1, self.beta_2)
            return optim.Adam(network.parameters(), self.learning_rate_init, betas=betas, eps=self.epsilon)
        nesterov = self.nesterovs_momentum and self.momentum > 0
        return optim.SGD(network.parameters(), self.learning_rate_init, self.momentum, nesterov=nesterov)

    def _penalised(self, loss, network, count):
        """The loss plus alpha / (2 n) times the sum of all squared weights, for a batch of n rows; biases are free."""
        if not self.alpha:
            return loss
        return loss + self.alpha / (2 * count) * sum([(weight * weight).sum() for weight in network.weights])

    def _keep(self, network, optimizer, watch, losses):
        """What was learned, as scikit-learn names it; and, for partial_fit, where the optimizer stands."""
        if watch.best_weights is not None:
            network.load_state_dict(watch.best_weights)
        self.coefs_ = [weight.numpy().copy() for weight in network.weights]
        self.intercepts_ = [bias.numpy().copy() for bias in network.biases]
        self._optimizer_state = optimizer.state_dict()
        self._converged = watch.converged
        self.n_iter_ = len(losses)
        self.loss_curve_ += losses
        self.loss_ = losses[-1]
        self.best_loss_ = None if self.early_stopping else min(self.loss_curve_)
        self.best_validation_score_ = None
        if self.early_stopping:
            self.validation_scores_ += watch.scores
            self.best_validation_score_ = max(self.validation_scores_)

    def _outputs(self, X):
        """What the last layer gives for rows that a user asks about: (n, outputs)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=self.coefs_[0].dtype, reset=False)
        return outputs_of(Network(self.coefs_, self.intercepts_, self.activation), X)
