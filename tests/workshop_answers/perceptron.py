"""Written from the contract alone."""


def train(samples, rate, epochs):
    w1 = w2 = b = 0.0
    while epochs > 0:
        epochs -= 1
        for (x1, x2), label in samples:
            step = rate * (label - (w1 * x1 + w2 * x2 + b > 0))
            w1, w2, b = w1 + step * x1, w2 + step * x2, b + step
    return [w1, w2], b
