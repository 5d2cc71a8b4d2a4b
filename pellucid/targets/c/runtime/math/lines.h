// Vectors for kernels in which images lie last: how long they are, and how many of them may hold sums, so that what they
// are made of finds room in the registers too (32 with AVX-512 and NEON, else 16).
#if defined(__AVX512F__)
enum { LINE_VECTOR_BYTES = 64, SUMS = 24 };
#elif defined(__AVX__)
enum { LINE_VECTOR_BYTES = 32, SUMS = 12 };
#elif defined(__aarch64__)
enum { LINE_VECTOR_BYTES = 16, SUMS = 24 };
#else
enum { LINE_VECTOR_BYTES = 16, SUMS = 12 };
#endif
#ifdef __OPTIMIZE__
#define UNROLL_ALL _Pragma("GCC unroll 32")
#else // where gcc says that it unrolls nothing
#define UNROLL_ALL
#endif
