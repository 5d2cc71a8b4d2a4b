"""A multilayer perceptron for numbers."""

from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from pellucid.errors import ArgumentError
from pellucid.sklearn.arguments import check
from pellucid.sklearn.perceptron import MLP


class MLPRegressor(RegressorMixin, MLP):
    """A multilayer perceptron that predicts numbers, as a scikit-learn estimator.

    Layers h = f(x W + b), and a last one without f. The loss is half the squared error, summed over the outputs and
    averaged over the rows, plus alpha / (2 n) times the squared weights for each batch of n rows. (scikit-learn follows
    the same slope; its `loss_curve_` averages over the outputs.)

    Arguments and attributes are those of MLPClassifier, in its order and without classes. Not here: loss="poisson"
    (give F.poisson_nll_loss to `train.fit`). Targets far from the range -1 to 1 are learned sooner if they are scaled:
    sklearn.compose.TransformedTargetRegressor does so.

    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (1986).

    >>> import numpy as np
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> y = np.sin(3 * x[:, 0])
    >>> net = MLPRegressor((32,), activation="tanh", learning_rate_init=0.01, max_iter=500, random_state=0)
    >>> net.set_params(tol=1e-5, n_iter_no_change=20).fit(x, y).score(x, y) > 0.99
    True
    """

    def partial_fit(self, X, y):
        """One epoch on these rows, going on from where it is."""
        check(self, partly=True)
        anew = not hasattr(self, "coefs_")
        X, y = self._data(X, y, anew)
        self._know_targets(y, anew)
        self._learn(X, y, anew, epochs=1, partly=True)
        return self

    def _know_targets(self, y, anew):
        """How many numbers are to be predicted for each row."""
        outputs = 1 if y.ndim == 1 else y.shape[1]
        if not anew and outputs != self.n_outputs_:
            raise ArgumentError(f"y has {outputs} numbers for each row; the network has learned {self.n_outputs_}.")
        self.n_outputs_, self.out_activation_ = outputs, "identity"

    def _targets(self, y, dtype):
        return y.reshape(len(y), -1).astype(dtype)

    def _loss(self, outputs, targets):
        return ((outputs - targets) ** 2).sum() / (2 * len(outputs))

    def _answers(self, outputs):
        return outputs[:, 0] if self.n_outputs_ == 1 else outputs

    def _score(self, y, answers):
        return r2_score(y, answers)

    def _in_strata(self):
        return False
