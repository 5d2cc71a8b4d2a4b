// matmul_f64: see matmul.h.
#define REAL double
#define OF(name) name##_f64
#include "matmul.h"
#undef REAL // so that a program in one file can hold both types
#undef OF
