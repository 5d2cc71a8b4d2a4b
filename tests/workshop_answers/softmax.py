"""Written from the contract alone."""


def softmax(input, dim):
    scores = input - input.amax(dim, keepdim=True)
    positive = scores.exp()
    return positive * positive.sum(dim, keepdim=True) ** -1.0
