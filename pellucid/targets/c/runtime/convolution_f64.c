// convolve_f64, convolve_input_f64 and convolve_kernel_f64: see convolution.h and convolution_ways.h.
#define REAL double
#define OF(name) name##_f64
#include "convolution_ways.h"
#undef REAL // so that a program in one file can hold both types
#undef OF
