"""The heart of backward: every node of a graph is paid what it is owed. It knows neither values nor ops."""


def walk_back(graph, owed, leave):
    """Pay every node of a graph what it is owed: for each use of it a share, and all shares added up.

    graph   node -> the nodes that it was made of, each as often as it was used; a leaf was made of none
    owed    node -> what is known of its gradient; at the beginning, the gradients of the results
    leave   leave(node, g), for g all that the node is owed, gives its share to each of graph[node]; None: nothing

    A node is left when all who used it have paid their share, and passed by if it is owed nothing. There is no
    recursion, and the length of a chain is no limit.
    """
    users = dict.fromkeys(graph, 0)
    for inputs in graph.values():
        for x in inputs:
            users[x] += 1
    ready = [node for node in graph if users[node] == 0]
    while ready:
        node = ready.pop()
        inputs = graph[node]
        g = owed.pop(node, None)
        shares = [None] * len(inputs) if g is None else leave(node, g)
        for x, share in zip(inputs, shares, strict=True):
            if share is not None:
                owed[x] = owed[x] + share if x in owed else share
            users[x] -= 1
            if users[x] == 0:
                ready.append(x)
