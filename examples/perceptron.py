"""Rosenblatt's perceptron learns AND.

The perceptron answers 1 if z = w1 x1 + w2 x2 + b is above 0, else 0. When it is wrong, weights and bias move towards
the right answer y by the learning rate times the error:

    w = w + rate (y - answer) x
    b = b + rate (y - answer)

If any straight line divides the two classes, this rule finds one. (The perceptron: Rosenblatt, 1958. The proof:
Novikoff, "On convergence proofs on perceptrons", 1962.)
"""

import pellucid as pc

X = pc.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
Y = pc.tensor([1.0, 0.0, 0.0, 0.0])  # 1 AND 1 is 1; everything else is 0

w = pc.zeros(2)
b = pc.zeros(1)
rate = 0.1


def answer(x):
    """The step function of z: 1 above 0, else 0."""
    z = x @ w + b
    return (z > 0).float()


for _ in range(10):  # ten passes over the four samples
    for x, y in zip(X, Y, strict=True):
        error = y - answer(x)  # 1: should have fired, -1: should not have, 0: right
        w = w + rate * error * x
        b = b + rate * error

print("weights", [round(number, 6) for number in w.tolist()])
print("bias", round(b.item(), 6))
for x, y in zip(X, Y, strict=True):
    x1, x2 = (int(number) for number in x.tolist())
    verdict = "right" if answer(x).item() == y.item() else "wrong"
    print(f"{x1} AND {x2} = {int(answer(x).item())}  {verdict}")
