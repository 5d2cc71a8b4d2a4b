// matmul_f32: see matmul.h.
#define REAL float
#define OF(name) name##_f32
#include "matmul.h"
