"""A model in training or evaluation mode for a while."""

import contextlib


@contextlib.contextmanager
def in_mode(model, training):
    """Inside the `with` block all modules of a model train, or none does; then each has the mode that it had.

    Each module has a mode of its own: a frozen batch norm may be in evaluation mode inside a model that trains.
    """
    modes = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, before in modes:
            module.training = before
