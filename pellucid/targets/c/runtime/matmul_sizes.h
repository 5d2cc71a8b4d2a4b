// How large the tiles and cuts of matmul.h are: also for those that lay out panels for it themselves (convolution).
#ifndef MATMUL_SIZES_H
#define MATMUL_SIZES_H
// The tile: TILE_ROWS x (VECTORS x lanes) sums, VECTORS numbers of b and one of a fill the registers (32 with AVX-512
// and NEON, else 16).
#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64, TILE_ROWS = 12, VECTORS = 2 };
#elif defined(__AVX__)
enum { VECTOR_BYTES = 32, TILE_ROWS = 6, VECTORS = 2 };
#elif defined(__aarch64__)
enum { VECTOR_BYTES = 16, TILE_ROWS = 8, VECTORS = 3 };
#else
enum { VECTOR_BYTES = 16, TILE_ROWS = 4, VECTORS = 2 };
#endif
enum { CUT_BYTES = 2048 }; // of a row of a: TILE_ROWS of them fit the first-level cache
#define ALWAYS_INLINE __attribute__((always_inline)) static inline
#ifdef __OPTIMIZE__
#define UNROLL _Pragma("GCC unroll 16")
#else // where gcc says that it unrolls nothing
#define UNROLL
#endif
#endif
