"""Written from the contract alone."""

import numpy as np


def log_sums(scores):
    top = scores.max(axis=1, keepdims=True)
    return top + np.log(np.sum(np.exp(scores - top), axis=1, keepdims=True))


def cross_entropy(scores, labels):
    of_label = np.take_along_axis(scores, labels[:, None], axis=1)
    return (log_sums(scores) - of_label).mean()


def cross_entropy_gradient(scores, labels):
    wanted = np.eye(scores.shape[1], dtype=scores.dtype)[labels]
    return (np.exp(scores - log_sums(scores)) - wanted) / len(labels)
