"""The C target: a recorded step becomes kernels in C, compiled once and kept, and a schedule that calls them."""
