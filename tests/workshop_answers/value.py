"""Written from the contract alone."""

import math


class Value:
    def __init__(self, data, children=(), op=""):
        self.data, self.children, self.op = data, children, op
        self.grad = 0.0
        self.slopes = ()

    @staticmethod
    def made(data, children, op, slopes):
        out = Value(data, children, op)
        out.slopes = slopes
        return out

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value.made(self.data + other.data, (self, other), "+", (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value.made(self.data * other.data, (self, other), "*", (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__

    def tanh(self):
        t = math.tanh(self.data)
        return Value.made(t, (self,), "tanh", (1 - t * t,))

    def _backward(self):
        for child, slope in zip(self.children, self.slopes, strict=True):
            child.grad += slope * self.grad
