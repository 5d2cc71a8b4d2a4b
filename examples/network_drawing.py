"""What a network is made of: input, hidden and output layer, as a table and as a drawing.

    python examples/network_drawing.py --picture network_drawing.png

The input layer computes nothing: it has a place for each number of a sample. A hidden layer is what stands between:
each of its units adds up all inputs with weights of its own and a bias, and an activation function bends the sum. The
output layer has a unit for each answer. A layer of m units that reads n numbers has m n weights and m biases.
(Numbers of this kind of flower, and three species to tell apart: R. A. Fisher, "The use of multiple measurements in
taxonomic problems", 1936.)
"""

from common import options

import pellucid as pc
from pellucid import nn, view

INPUTS = ["sepal length", "sepal width", "petal length", "petal width"]
OUTPUTS = ["setosa", "versicolor", "virginica"]


def main():
    arguments = options(__doc__)
    pc.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
    print(model.summary(pc.zeros(1, 4)))
    by_hand = (6 * 4 + 6) + (3 * 6 + 3)
    print(f"by hand: (6 * 4 + 6) + (3 * 6 + 3) = {by_hand}")
    for name, parameter in model.named_parameters():
        print(f"{name:9} {tuple(parameter.shape)!s:7} {parameter.numel():3} numbers")
    if arguments.picture:
        view.network(
            model, arguments.picture, inputs=INPUTS, outputs=OUTPUTS, title="iris: 4 inputs, 6 hidden units, 3 classes"
        )


if __name__ == "__main__":
    main()
