// attention_f64 and attention_gradient_f64: see attention.h.
#define REAL double
#define OF(name) name##_f64
#include "attention.h"
#undef REAL // so that a program in one file can hold both types
#undef OF
