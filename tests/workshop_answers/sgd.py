"""Written from the contract alone."""


def sgd_step(w, g, v, lr, momentum):
    velocity = g + v * momentum
    return w - velocity * lr, velocity
