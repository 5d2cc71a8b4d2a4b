"""Fashion-MNIST: pieces of clothing."""

from pellucid import blame, data
from pellucid.keras.datasets.mnist import both


def load_data(path=None):
    """((x_train, y_train), (x_test, y_test)), in the form of MNIST: see pellucid.data.fashion_mnist."""
    return both(data.fashion_mnist, path)


blame.answer_for(globals())
