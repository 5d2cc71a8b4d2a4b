// matmul_f64: see matmul.h.
#define REAL double
#define OF(name) name##_f64
#include "matmul.h"
