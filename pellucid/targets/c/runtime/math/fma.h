// FMA(a, b, c) = a b + c for float: rounded once where the processor has an instruction for it, twice elsewhere. It is
// spelled out because kernels are compiled with -ffp-contract=off, so that the compiler never fuses on its own and one
// expression gives the same bits in every kernel.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define FMA(a, b, c) __builtin_fmaf(a, b, c)
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#endif
