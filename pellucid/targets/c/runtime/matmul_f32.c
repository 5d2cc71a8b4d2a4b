// matmul_f32: see matmul.h.
#define REAL float
#define OF(name) name##_f32
#include "matmul.h"
#undef REAL // so that a program in one file can hold both types
#undef OF
