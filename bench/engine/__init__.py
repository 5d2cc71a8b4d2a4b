"""What each pass of the engine brings: `python -m bench.engine` measures it, and writes it into docs/engine.md.

ladder.py    a training step with passes left out, one more of them on each rung
products.py  a matrix product in three loops, and what makes it fast
excerpts.py  what the page quotes: lines of graphs, kernels and schedules
__main__.py  the page
"""
