"""A multilayer perceptron for classes."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.multiclass import check_classification_targets, type_of_target

import pellucid.functional as F
from pellucid.errors import ArgumentError
from pellucid.sklearn.arguments import check
from pellucid.sklearn.perceptron import MLP
from pellucid.tensors import from_numpy


class MLPClassifier(ClassifierMixin, MLP):
    """A multilayer perceptron that tells classes apart, as a scikit-learn estimator.

    Layers h = f(x W + b), and a last one without f. Two classes: one output z, P(second) = 1 / (1 + exp(-z)); more:
    softmax over one output each; several labels for each row (y of zeros and ones, (n, labels)): a sigmoid each. The
    loss is cross entropy, plus alpha / (2 n) times the squared weights for each batch of n rows.

    Arguments are those of sklearn.neural_network.MLPClassifier, with the same meaning and defaults; for the same
    `random_state` it begins with the same weights, but shuffles differently. It computes in the dtype of X (float32 is
    faster than float64). `compile` is as for train.fit (`partial_fit` compiles only if it
    is True). Not here: solver="lbfgs" and its `max_fun` (take "adam"),
    sparse X (`X.toarray()`), `sample_weight` (repeat rows, or weight the loss of `train.fit`). With momentum and a rate
    that changes, the formula is PyTorch's, in which the rate is not part of the velocity.

    After `fit`: `classes_`, `coefs_` and `intercepts_` (one array for each layer), `n_iter_` epochs, `loss_curve_`,
    `loss_`, with early stopping `validation_scores_`. `partial_fit` is one epoch.

    Raises ArgumentError, a ValueError, for arguments out of their range.

    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (1986).

    >>> from sklearn.model_selection import cross_val_score
    >>> from pellucid import data
    >>> x, y = data.iris()
    >>> net = MLPClassifier((16,), learning_rate_init=0.02, tol=1e-3, random_state=0)
    >>> bool(cross_val_score(net, x, y, cv=3).mean() > 0.9)
    True
    """

    def partial_fit(self, X, y, classes=None):
        """One epoch on these rows, going on from where it is. The first call needs all `classes` that will come."""
        check(self, partly=True)
        anew = not hasattr(self, "coefs_")
        X, y = self._data(X, y, anew)
        if classes is not None:
            classes = np.unique(classes)
        if anew:
            several = type_of_target(y).startswith("multilabel")
            if classes is None and not several:
                raise ArgumentError(
                    "the first call of partial_fit needs to know all classes, and classes is None.",
                    remedy="partial_fit(X, y, classes=np.unique(all_labels))",
                )
            self._know_targets(y if several else classes, anew=True)
        elif classes is not None and not np.array_equal(classes, self.classes_):
            raise ArgumentError(f"classes={classes} are others than those of the first call, {self.classes_}.")
        self._learn(X, y, anew, epochs=1, partly=True)
        return self

    def predict_proba(self, X):
        """The probability of each class, (n, classes), in the order of `classes_`; with several labels, of each."""
        outputs = from_numpy(self._outputs(X))
        if self.out_activation_ == "softmax":
            return F.softmax(outputs, dim=1).numpy()
        p = F.sigmoid(outputs).numpy()
        return p if self._multilabel else np.hstack([1 - p, p])

    def predict_log_proba(self, X):
        """The logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def _know_targets(self, y, anew):
        """Which classes there are, and how many outputs tell them apart."""
        check_classification_targets(y)
        multilabel = type_of_target(y).startswith("multilabel")
        classes = np.arange(y.shape[1]) if multilabel else np.unique(y)
        if not anew:
            if not np.array_equal(classes, self.classes_):
                raise ArgumentError(
                    f"with warm_start y must have the classes of the last fit, {self.classes_}; it has {classes}.",
                    remedy="For y with fewer classes there is partial_fit.",
                )
            return
        if len(classes) < 2 and not multilabel:
            raise ArgumentError(f"a classifier needs at least two classes in y, and there is 1 class: {classes}.")
        self._multilabel, self.classes_ = multilabel, classes
        self.out_activation_ = "softmax" if len(classes) > 2 and not multilabel else "logistic"
        self.n_outputs_ = 1 if len(classes) == 2 and not multilabel else len(classes)

    def _targets(self, y, dtype):
        """Numbers of classes (n,) for cross_entropy; zeros and ones (n, outputs) for the logistic loss."""
        if self._multilabel:
            return y.astype(dtype)
        if unknown := set(np.unique(y)) - set(self.classes_):
            raise ArgumentError(f"y has classes that were not named at first: {unknown}; known are {self.classes_}.")
        numbers = np.searchsorted(self.classes_, y)
        return numbers if self.out_activation_ == "softmax" else numbers[:, None].astype(dtype)

    def _loss(self, outputs, targets):
        if self.out_activation_ == "softmax":
            return F.cross_entropy(outputs, targets)
        return F.binary_cross_entropy_with_logits(outputs, targets, reduction="sum") / len(outputs)

    def _answers(self, outputs):
        if self._multilabel:
            return (outputs > 0).astype(int)
        return self.classes_[outputs.argmax(axis=1) if self.n_outputs_ > 1 else (outputs[:, 0] > 0).astype(int)]

    def _score(self, y, answers):
        return accuracy_score(y, answers)

    def _in_strata(self):
        return not self._multilabel

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
