// convolve_f32, convolve_input_f32 and convolve_kernel_f32: see convolution.h and convolution_ways.h.
#define REAL float
#define OF(name) name##_f32
#include "convolution_ways.h"
#undef REAL // so that a program in one file can hold both types
#undef OF
