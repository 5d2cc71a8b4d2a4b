"""Written from the contract alone."""


def broadcast_gradient(g, shape):
    while len(g.shape) > len(shape):
        g = g.sum(0)
    for axis, length in enumerate(shape):
        if length == 1 and g.shape[axis] != 1:
            g = g.sum(axis, keepdim=True)
    return g
