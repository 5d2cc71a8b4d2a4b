"""Keras itself, for the tests of pellucid.keras: on JAX, without its warnings about old forms."""

import os

import numpy as np
import pytest


def reference():
    """The package keras with its JAX backend; the test is skipped without it."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "jax":
        pytest.skip("keras runs on another backend than JAX in this process")
    return keras


def same_weights(ours, theirs, seed=0):
    """Random weights, the same in both models."""
    random = np.random.default_rng(seed)
    weights = [random.normal(0.0, 0.3, weight.shape).astype(np.float32) for weight in theirs.get_weights()]
    for place, weight in enumerate(theirs.weights):
        if "variance" in weight.path:
            weights[place] = abs(weights[place]) + 0.5
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return weights


def close(ours, theirs, tolerance=2e-5):
    """All weights alike."""
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def trained(model, loss, optimizer, x, y, batch_size, epochs, weight=None):
    """Keras' model after this training, its loss in each epoch: gradients of JAX, steps of Keras' optimizer.

    It is what its own fit does, without the seconds in which that compiles each model anew.
    """
    import jax

    kept = [v.value for v in model.non_trainable_variables]

    def cost(weights, x, y, weight):
        predictions, _ = model.stateless_call(weights, kept, x)
        return loss(y, predictions, sample_weight=weight)

    step = jax.jit(jax.value_and_grad(cost))
    weights, losses = model.trainable_variables, []
    optimizer.build(weights)
    for _ in range(epochs):
        costs = []
        for start in range(0, len(x), batch_size):
            rows = slice(start, start + batch_size)
            part = None if weight is None else weight[rows]
            value, gradients = step([w.value for w in weights], x[rows], y[rows], part)
            optimizer.apply(gradients, weights)
            costs.append(float(value))
        losses.append(float(np.mean(costs)))
    return losses
