"""Written from the contract alone."""


def topological_order(root):
    order, state = [], {}
    stack = [root]
    while stack:
        value = stack[-1]
        if state.get(id(value)) is None:
            state[id(value)] = "open"
            stack += [child for child in value.children if id(child) not in state]
        else:
            stack.pop()
            if state[id(value)] == "open":
                state[id(value)] = "done"
                order.append(value)
    return order


def backward(root):
    order = topological_order(root)
    for value in order:
        value.grad = 0.0
    root.grad = 1.0
    while order:
        order.pop()._backward()
