"""Step or sigmoid: a small change of a weight changes the answer a little, or not at all, or all at once.

    python examples/sigmoid_neuron.py --picture sigmoid_neuron.png

A neuron answers f(z) with z = w x + b. With the step, f is 0 up to z = 0 and 1 above. Its derivative is 0 wherever it
has one, so no slope says in which direction a weight would be better. The sigmoid is a step with its edges rounded:

    a = 1 / (1 + exp(-z)),    da/dz = a (1 - a),    and a change of the weight by d changes a by about a (1 - a) x d.

The slope is at most 1/4, at z = 0, and nearly 0 far from it: the sigmoid is *saturated* there, and a neuron that is
sure and wrong learns slowly if its loss is the squared error. (Step: McCulloch and Pitts, 1943. Sigmoid in networks:
Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986. The story of the small
change: Nielsen, "Neural networks and deep learning", 2015, chapter 1.)
"""

from common import options

import pellucid as pc
from pellucid.view.canvas import BLUE, INK, VERMILLION, new_figure, save, tidy

x, b = 2.0, -1.0  # the neuron's only input, and its bias: z = 0 at w = 0.5


def step(z):
    """1 above 0, else 0."""
    return pc.heaviside(z, pc.zeros(()))


def slope(f, z):
    """df/dz at each of the places z."""
    z = z.detach().requires_grad_()
    f(z).sum().backward()  # each f(z_i) depends on its own z_i only, so the gradient of the sum is all slopes
    return z.grad


def slope_seen(f, z, h=1e-3):
    """How fast f changes around z: [f(z + h) - f(z - h)] / 2h."""
    return (f(z + h) - f(z - h)) / (2 * h)


def steps_to_learn(z, most):
    """Descent on J = (a - 1)^2 / 2, beginning at z: how many steps of rate 1 until a is above 0.9."""
    z = pc.tensor(z, requires_grad=True)
    for number in range(most):
        a = z.sigmoid()
        if a.item() > 0.9:
            return str(number)
        J = (a - 1) ** 2 / 2
        J.backward()
        z = (z - z.grad).detach().requires_grad_()
    return f"more than {most}"


def draw(path):
    """Both functions, their slopes, and the answer while the weight changes."""
    figure = new_figure(10, 3.1)
    both, slopes, weight = figure.subplots(1, 3)
    z, w = pc.linspace(-6, 6, 480), pc.linspace(-1.5, 2.5, 480)
    for f, color, line, name in ((step, VERMILLION, "--", "step"), (pc.sigmoid, BLUE, "-", "sigmoid")):
        both.plot(z.numpy(), f(z).numpy(), line, color=color, label=name)
        slopes.plot(
            z.numpy(), slope_seen(f, z, h=1e-4).numpy() if f is pc.sigmoid else 0 * z.numpy(), line, color=color
        )
        weight.plot(w.numpy(), f(w * x + b).numpy(), line, color=color)
    weight.axvline(0.5, color=INK, linewidth=0.8)
    both.set(title="answer", xlabel="$z$", ylabel="$f(z)$")
    slopes.set(title="slope", xlabel="$z$", ylabel="$df/dz$")
    weight.set(title="answer to $x = 2$, with $b = -1$", xlabel="weight $w$", ylabel="$f(wx + b)$")
    for axes in figure.axes:
        tidy(axes)
    both.legend(frameon=False)
    save(figure, path)


def main():
    arguments = options(__doc__)
    print("weight            step    sigmoid           change   a (1 - a) x d")
    d = 0.01
    for w in (0.48, 0.49, 0.50, 0.51, 0.52):
        before, after = pc.tensor(w * x + b), pc.tensor((w + d) * x + b)
        a = before.sigmoid()
        change, expected = after.sigmoid() - a, a * (1 - a) * x * d
        steps = f"{step(before).item():.0f} -> {step(after).item():.0f}"
        sigmoids = f"{a.item():.3f} -> {after.sigmoid().item():.3f}"
        print(f"{w:.2f} -> {w + d:.2f}  {steps}  {sigmoids}  {change.item():.5f}  {expected.item():.5f}")

    z = pc.linspace(-6, 6, 1000)  # 0 is not among these places
    print("places where the step has a slope:", int((slope_seen(step, z) != 0).sum()), "of", len(z))

    print("   z         a     slope  a (1-a)   steps until a is above 0.9")
    for place in (0.0, -2.0, -5.0, -10.0):
        a = pc.tensor(place).sigmoid().item()
        steps = steps_to_learn(place, most=500 if arguments.fast else 5000)
        print(f"{place:4.0f}  {a:.6f}  {slope(pc.sigmoid, pc.tensor(place)).item():.6f}  {a * (1 - a):.6f}  {steps}")
    if arguments.picture:
        draw(arguments.picture)


if __name__ == "__main__":
    main()
