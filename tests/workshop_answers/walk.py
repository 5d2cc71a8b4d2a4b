"""Written from the contract alone."""


def walk_back(graph, owed, leave):
    # Only what the results were made of takes part.
    reached, stack = set(owed), list(owed)
    waiting = {}
    while stack:
        for made_of in graph[stack.pop()]:
            waiting[made_of] = waiting.get(made_of, 0) + 1
            if made_of not in reached:
                reached.add(made_of)
                stack.append(made_of)
    free = [node for node in reached if not waiting.get(node)]
    totals = dict(owed)
    while free:
        node = free.pop()
        g = totals.pop(node, None)
        shares = [None] * len(graph[node]) if g is None else leave(node, g)
        for made_of, share in zip(graph[node], shares, strict=True):
            if share is not None:
                totals[made_of] = share if totals.get(made_of) is None else totals[made_of] + share
            waiting[made_of] -= 1
            if waiting[made_of] == 0:
                free.append(made_of)
