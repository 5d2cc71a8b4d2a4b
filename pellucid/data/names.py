"""What the labels and the columns of the data sets stand for."""

from pellucid.errors import ArgumentError

TEN_DIGITS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")

CLASS_NAMES = {
    "cifar10": ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    "digits": TEN_DIGITS,
    "fashion_mnist": (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    "iris": ("setosa", "versicolor", "virginica"),
    "mnist": TEN_DIGITS,
    "moons": ("upper", "lower"),
    "xor": ("equal", "different"),
}

FEATURE_NAMES = {
    "iris": ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
    "moons": ("x", "y"),
    "xor": ("a", "b"),
}


def class_names(dataset):
    """The names of the labels 0, 1, 2 ... of a data set, which is called as the function that loads it.

    Raises ArgumentError for an unknown name.

    >>> class_names("iris")
    ('setosa', 'versicolor', 'virginica')
    """
    return look_up(CLASS_NAMES, dataset)


def feature_names(dataset):
    """The names of the columns of a data set that is a table: iris, moons or xor.

    Raises ArgumentError for an unknown name and for images.

    >>> feature_names("iris")[0]
    'sepal length (cm)'
    """
    return look_up(FEATURE_NAMES, dataset)


def look_up(table, dataset):
    if dataset not in table:
        raise ArgumentError(f"There are no such names for {dataset!r}, only for {', '.join(table)}.")
    return table[dataset]
