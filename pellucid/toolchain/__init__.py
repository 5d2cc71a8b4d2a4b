"""The way from C to functions that can be called. What the C is about, nobody here knows.

build.py      Units of C in, a loaded library out; what was compiled once is not compiled again
compilers.py  which compiler there is, and what it understands
probe.py      does it really work?
processes.py  running it, never longer than allowed
cache.py      where compiled files are kept
call.py       calling a step in C with NumPy arrays, without ctypes in between
machine.py    the processor: what it can do, and how many cores there are
"""
