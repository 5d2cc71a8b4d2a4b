"""Which ops of a graph share a loop nest. What language the loops are written in, nobody here knows.

fuse.py   the groups
rows.py   updates of tables that need not visit every row
loops.py  a small language for the loop nests that groups become
layout.py how those loops lie: their order, strips and rows, and the units of work
reads.py  what a node reads, and what must lie in memory for it
views.py  nodes that compute nothing and only say which element of another node is read
"""
