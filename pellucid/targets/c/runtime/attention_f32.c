// attention_f32 and attention_gradient_f32: see attention.h.
#define REAL float
#define OF(name) name##_f32
#include "attention.h"
#undef REAL // so that a program in one file can hold both types
#undef OF
