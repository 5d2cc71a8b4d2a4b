// A training step (or part of one) that Pellucid recorded and wrote as C.
//
// How to read it. Every kernel has the same arguments: p, the addresses of its buffers; n, its sizes; and the units of
// work to do, begin to end - 1. Its first lines give them names: x0, x1, ... are read, y0, y1, ... are written, n_i is
// the length of the loop over i, and arrays lie row after row in memory. step() at the end is the schedule: it says
// which kernel works on which values. In it, v7 is what node %7 of step.graph computes; inside of a kernel v0, v1, ...
// are its own. Kernels whose work is worth it are handed to several threads by parallel(); matrix products are the
// runtime's.

#include <stdint.h>

// What a compiled step asks of the runtime: to share work out over threads, and to multiply matrices.
//
// A process has one runtime (see runtime_open), which lies in a shared object of its own. Steps get its address as an
// argument, so that any number of them share one set of threads. The parts: pool.c (threads), scratch.c (memory
// of a thread), matmul.h with the files it includes (the algorithm), matmul_f32.c and matmul_f64.c (for one type each).
#ifndef RUNTIME_H
#define RUNTIME_H

// A kernel does the units begin .. end - 1 of its work. What a unit is, and how many there are, follows from shapes
// alone, and no unit reads what another writes. So it does not matter to a single bit which thread does which units.
// p: addresses of its buffers; n: its sizes. A kernel knows the order.
typedef void kernel(void *const *p, const int64_t *n, int64_t begin, int64_t end);

// c[s, i, j] = sum over l of a[s, i, l] * b[s, l, j]   for s < batch, i < m, j < n, l < k; with add, c += that sum.
//
// Strides count elements, and may be any integers: transposed, broadcast (0) and reversed (negative) matrices cost no
// copy. The columns of c lie side by side. c overlaps neither a nor b, and its elements are distinct.
// The heads of several sentences, say, have no common stride: that is a batch for each of several groups, for which a,
// b and c move on by strides of their own. `groups` may be left out (0) where there is one.
struct matmul {
    int64_t batch, m, n, k;
    const void *a;
    int64_t a_batch, a_row, a_column;
    const void *b;
    int64_t b_batch, b_row, b_column;
    void *c;
    int64_t c_batch, c_row;
    int add;
    int64_t groups, a_group, b_group, c_group;
    const void *packed; // if not 0: what pack_... has made of this b, for those that multiply by it again and again
};

// A matrix for each head, in a batch with any number of leading axes: where the first begins, and how many elements lie
// from one row, column and head to the next. `steps` has one number for each leading axis.
struct heads {
    const void *at;
    int64_t row, column;
    const int64_t *steps;
};

// y = softmax(scale q k^T) v for each head, and its gradient. q is queries x width, k keys x width, v keys x depth, and
// y and g (the gradient of the loss with respect to y) queries x depth. If it is causal, query i sees keys 0 .. i only.
// What is written overlaps nothing that is read, and its columns lie side by side.
struct attention {
    int64_t queries, keys, width, depth;
    double scale;
    int causal;
    int64_t axes;           // leading axes, which count heads
    const int64_t *lengths; // and how long each of them is
    struct heads q, k, v;
    struct heads y;             // written by attention
    struct heads g, dq, dk, dv; // g is read and the others are written by attention_gradient
    int64_t groups;             // into which it divides the queries of a head, so that several threads can do one head
    void *sums;                 // memory for groups - 1 of dk and dv, which are added up in the end
};

struct runtime {
    // Call work(p, n, ...) for all of 0 .. units - 1, on as many threads as are free; return when all is done.
    // Inside a unit, and while another thread of the program has the pool, it runs everything where it is called.
    void (*parallel)(const struct runtime *, kernel *work, int64_t units, void *const *p, const int64_t *n);
    // float and double. The bits depend on the sizes and strides, never on the number of threads.
    void (*matmul_f32)(const struct runtime *, const struct matmul *);
    void (*matmul_f64)(const struct runtime *, const struct matmul *);
    // Copy one b (n, k and what concerns b are given) in the order in which matmul reads it. It takes room for up to
    // k * (n + 32) numbers.
    void (*pack_f32)(const struct runtime *, const struct matmul *, void *to);
    void (*pack_f64)(const struct runtime *, const struct matmul *, void *to);
    void (*attention_f32)(const struct runtime *, const struct attention *);
    void (*attention_f64)(const struct runtime *, const struct attention *);
    void (*attention_gradient_f32)(const struct runtime *, const struct attention *);
    void (*attention_gradient_f64)(const struct runtime *, const struct attention *);
};

// The one runtime of the process, made at the first call. Every call sets how many threads take part from now on
// (the calling thread is one of them); 0 or less means one per processor.
const struct runtime *runtime_open(int threads);

#endif

#define KERNEL static

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// FMA(a, b, c) = a b + c for float: rounded once where the processor has an instruction for it, twice elsewhere. It is
// spelled out because kernels are compiled with -ffp-contract=off, so that the compiler never fuses on its own and one
// expression gives the same bits in every kernel.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define FMA(a, b, c) __builtin_fmaf(a, b, c)
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#endif

// A float's 32 bits as an integer, and back: sign (1 bit), exponent + 127 (8 bits), fraction (23 bits).
#ifndef BITS_H // the runtime may have brought it
#define BITS_H
__attribute__((always_inline)) static inline uint32_t bits_of_f32(float x)
{
    union { float value; uint32_t bits; } both = {.value = x};
    return both.bits;
}

__attribute__((always_inline)) static inline float f32_of_bits(uint32_t bits)
{
    union { uint32_t bits; float value; } both = {.bits = bits};
    return both.value;
}
#endif

// needs: fma bits
// exp(x) = 2^n exp(r) with n = round(x / ln 2) and r = x - n ln 2, so |r| <= ln(2) / 2; exp(r) is a polynomial with the
// coefficients of S. Moshier's Cephes library (1989). Largest error seen: 1.00 ulp. Results below the normal numbers
// lose their digits one by one, as IEEE 754 says; exp(-infinity) = 0.
#ifndef EXP_H // the runtime may have brought it
#define EXP_H
__attribute__((always_inline)) static inline float exp_f32(float x)
{
    // Adding 1.5 * 2^23 leaves no bits for a fraction: the sum is rounded to an integer, which its low bits hold.
    float shifted = FMA(x, 1.44269504f, 12582912.0f);
    float n = shifted - 12582912.0f;
    int32_t exponent = (int32_t)(bits_of_f32(shifted) - 0x4b400000u);
    // ln 2 in two parts; the first has 9 bits, so its product with n is exact.
    float r = FMA(n, -0.693359375f, x);
    r = FMA(n, 2.12194440e-4f, r);
    float p = 1.9875691500e-4f;
    p = FMA(p, r, 1.3981999507e-3f);
    p = FMA(p, r, 8.3334519073e-3f);
    p = FMA(p, r, 4.1665795894e-2f);
    p = FMA(p, r, 1.6666665459e-1f);
    p = FMA(p, r, 5.0000001201e-1f);
    p = FMA(p, r * r, r) + 1.0f;
    // Where the result is 0, say so: a product that underflows to 0 takes a processor a hundred cycles. Attention masks
    // half of its scores with -infinity. No factor may be infinite then, so n is kept where both are numbers.
    p = x < -103.98f ? 0.0f : p;
    exponent = exponent < -250 ? -250 : exponent;
    exponent = exponent > 250 ? 250 : exponent;
    // 2^n in two factors: n reaches from -150 to 128, a float's exponent only from -126 to 127.
    int32_t half = exponent >> 1;
    float first = f32_of_bits((uint32_t)(half + 127) << 23);
    float second = f32_of_bits((uint32_t)(exponent - half + 127) << 23);
    p = p * first * second;
    return x > 89.0f ? __builtin_inff() : p; // of a NaN, neither comparison is true
}

__attribute__((always_inline)) static inline double exp_f64(double x) { return __builtin_exp(x); }
#endif

// needs: fma bits
// log(2^n (1 + f)) = n ln 2 + log(1 + f) with sqrt(1/2) - 1 <= f < sqrt(2) - 1. There log(1 + f) is a polynomial,
// f - f^2 / 2 + f^3 P(f), with the coefficients of S. Moshier's Cephes library (1989). Largest error seen: 0.83 ulp.
// log(0) = -infinity; the logarithm of a negative number is NaN.
__attribute__((always_inline)) static inline float log_parts_f32(float n, float f)
{
    float z = f * f;
    float p = 7.0376836292e-2f;
    p = FMA(p, f, -1.1514610310e-1f);
    p = FMA(p, f, 1.1676998740e-1f);
    p = FMA(p, f, -1.2420140846e-1f);
    p = FMA(p, f, 1.4249322787e-1f);
    p = FMA(p, f, -1.6668057665e-1f);
    p = FMA(p, f, 2.0000714765e-1f);
    p = FMA(p, f, -2.4999993993e-1f);
    p = FMA(p, f, 3.3333331174e-1f);
    p = p * f * z;
    p = FMA(n, -2.12194440e-4f, p);
    p = FMA(z, -0.5f, p);
    return FMA(n, 0.693359375f, f + p);
}

__attribute__((always_inline)) static inline float log_f32(float x)
{
    // Numbers below the smallest normal one have no exponent of their own: scale them up by 2^23 first.
    float scaled = x < 1.17549435e-38f ? x * 8388608.0f : x;
    float offset = x < 1.17549435e-38f ? -23.0f : 0.0f;
    // Counting bits from those of sqrt(1/2) makes the exponent change there and not at 1, where f must be small.
    uint32_t bits = bits_of_f32(scaled);
    int32_t exponent = (int32_t)(bits - 0x3f3504f3u) >> 23;
    float f = f32_of_bits(bits - ((uint32_t)exponent << 23)) - 1.0f;
    float y = log_parts_f32((float)exponent + offset, f);
    y = x > 0.0f ? y : x == 0.0f ? -__builtin_inff() : __builtin_nanf("");
    return x < __builtin_inff() ? y : x; // infinity and NaN are their own logarithms
}

__attribute__((always_inline)) static inline double log_f64(double x) { return __builtin_log(x); }

// The square root: one instruction, correctly rounded.
static inline float sqrt_f32(float x) { return __builtin_sqrtf(x); }
static inline double sqrt_f64(double x) { return __builtin_sqrt(x); }

// v70 = Add(v69, v66)    float64[]  compiled_step.py:29
// v82 = Add(v81, v66)    float64[]  compiled_step.py:29
// v94 = Add(v93, v66)    float64[]  compiled_step.py:29
// v106 = Add(v105, v66)  float64[]  compiled_step.py:29
KERNEL void add_01f6874b(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const double *x0 = p[0];
    const double *x1 = p[1];
    const double *x2 = p[2];
    const double *x3 = p[3];
    double *y0 = p[4];
    double *y1 = p[5];
    double *y2 = p[6];
    double *y3 = p[7];
    (void)n, (void)begin, (void)end;
    const double v0 = x0[0];
    const double v1 = v0 + 1.0;
    const double v2 = x1[0];
    const double v3 = v2 + 1.0;
    const double v4 = x2[0];
    const double v5 = v4 + 1.0;
    const double v6 = x3[0];
    const double v7 = v6 + 1.0;
    y0[0] = v1;
    y1[0] = v3;
    y2[0] = v5;
    y3[0] = v7;
}

// v9 = Add(v5, v8)              float32[128, 512]  compiled_step.py:26
// v10 = Relu(v9)                float32[128, 512]  compiled_step.py:26
// v50 = GreaterEqual(v49, v10)  bool[128, 512]     compiled_step.py:28
// v51 = Not(v50)                bool[128, 512]     compiled_step.py:28
KERNEL void add_relu_greaterequal_30fc5151(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const float *x0 = p[0];
    const float *x1 = p[1];
    float *y0 = p[2];
    uint8_t *y1 = p[3];
    const int64_t n_j = n[2];
    const int64_t first = begin * n[1], last = least(end * n[1], n[0]);
    for (int64_t i = first; i < last; i++) {
        #pragma omp simd
        for (int64_t j = 0; j < n_j; j++) {
            const float v0 = x0[i * n_j + j];
            const float v1 = x1[j];
            const float v2 = v0 + v1;
            const float v3 = v2 <= 0 ? 0 : v2;
            const uint8_t v4 = 0.0f >= v3;
            const uint8_t v5 = !v4;
            y0[i * n_j + j] = v3;
            y1[i * n_j + j] = v5;
        }
    }
}

// v17 = Add(v13, v16)                          float32[128, 10]  compiled_step.py:26
// v18 = Max(v17, axes=(1,))                    float32[128, 1]   compiled_step.py:26
// v20 = Subtract(v17, v19)                     float32[128, 10]  compiled_step.py:26
// v21 = Exp(v20)                               float32[128, 10]  compiled_step.py:26
// v22 = Sum(v21, axes=(1,))                    float32[128, 1]   compiled_step.py:26
// v23 = Log(v22)                               float32[128, 1]   compiled_step.py:26
// v25 = Gather(v13, v24, axis=1)               float32[128, 1]   compiled_step.py:26
// v26 = Gather(v16, v24, axis=1)               float32[128, 1]   compiled_step.py:26
// v27 = Add(v25, v26)                          float32[128, 1]   compiled_step.py:26
// v28 = Subtract(v27, v18)                     float32[128, 1]   compiled_step.py:26
// v29 = Subtract(v28, v23)                     float32[128, 1]   compiled_step.py:26
// v31 = Negative(v30)                          float32[128]      compiled_step.py:26
// v32 = Sum(v31, axes=(0,))                    float32[1]        compiled_step.py:26
// v37 = ScatterAdd(v24, v36, axis=1, size=10)  float32[128, 10]  compiled_step.py:28
// v39 = Divide(v38, v22)                       float32[128, 1]   compiled_step.py:28
// v41 = Multiply(v40, v21)                     float32[128, 10]  compiled_step.py:28
// v42 = Add(v37, v41)                          float32[128, 10]  compiled_step.py:28
// v43 = Sum(v42, axes=(0,))                    float32[1, 10]    compiled_step.py:28
KERNEL void add_max_subtract_eb94a851(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    float *y_part0 = p[0];
    float *y_part1 = p[1];
    const int64_t *x0 = p[2];
    const float *x1 = p[3];
    const float *x2 = p[4];
    const float *x3 = p[5];
    float *y0 = p[6];
    const int64_t n_part1 = n[2];
    const int64_t n_i = n[3];
    const int64_t n_j = n[4];
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * n[1], last = least(first + n[1], n[0]);
        float part0 = 0;
        float *part1 = y_part1 + unit * n_part1;
        for (int64_t w = 0; w < n_part1; w++) part1[w] = 0;
        for (int64_t strip = first; strip < last; strip++) {
            const int64_t i = strip * 64, lanes = least(64, n_i - i);
            float row0[4096];
            int64_t v11[64];
            float v12[64];
            float v13[64];
            float v14[64];
            float v18[64];
            float v20[64];
            #pragma omp simd
            for (int64_t k = 0; k < lanes; k++) {
                v11[k] = x0[i + k];
                v12[k] = x1[(i + k) * n_j + v11[k]];
                v13[k] = x2[v11[k]];
                v14[k] = v12[k] + v13[k];
                v18[k] = x3[i + k];
                v20[k] = -v18[k];
            }
            float running_v3[64];
            int bad_v3[64];
            for (int64_t k = 0; k < lanes; k++) { running_v3[k] = -__builtin_inff(); bad_v3[k] = 0; }
            for (int64_t j = 0; j < n_j; j++) {
                const float v1 = x2[j];
                #pragma omp simd
                for (int64_t k = 0; k < lanes; k++) {
                    const float v0 = x1[(i + k) * n_j + j];
                    const float v2 = v0 + v1;
                    running_v3[k] = v2 > running_v3[k] ? v2 : running_v3[k];
                    bad_v3[k] |= v2 != v2;
                }
            }
            float v3[64];
            float v15[64];
            #pragma omp simd
            for (int64_t k = 0; k < lanes; k++) {
                v3[k] = bad_v3[k] ? __builtin_nanf("") : running_v3[k];
                v15[k] = v14[k] - v3[k];
            }
            float running_v9[64];
            for (int64_t k = 0; k < lanes; k++) { running_v9[k] = 0; }
            for (int64_t j = 0; j < n_j; j++) {
                const float v5 = x2[j];
                #pragma omp simd
                for (int64_t k = 0; k < lanes; k++) {
                    const float v4 = x1[(i + k) * n_j + j];
                    const float v6 = v4 + v5;
                    const float v7 = v6 - v3[k];
                    const float v8 = exp_f32(v7);
                    row0[(j) * 64 + k] = v8;
                    running_v9[k] += v8;
                }
            }
            float v9[64];
            float v10[64];
            float v16[64];
            float v17[64];
            float v21[64];
            #pragma omp simd reduction(+:part0)
            for (int64_t k = 0; k < lanes; k++) {
                v9[k] = running_v9[k];
                v10[k] = log_f32(v9[k]);
                v16[k] = v15[k] - v10[k];
                v17[k] = -v16[k];
                part0 += v17[k];
                v21[k] = v20[k] / v9[k];
            }
            for (int64_t j = 0; j < n_j; j++) {
                float lane_sum1 = 0;
                #pragma omp simd reduction(+:lane_sum1)
                for (int64_t k = 0; k < lanes; k++) {
                    const float v19 = (int32_t)v11[k] == (int32_t)(j) ? v18[k] : 0;
                    const float v22 = row0[(j) * 64 + k];
                    const float v23 = v21[k] * v22;
                    const float v24 = v19 + v23;
                    lane_sum1 += v24;
                    y0[(i + k) * n_j + j] = v24;
                }
                part1[j] += lane_sum1;
            }
        }
        y_part0[unit] = part0;
    }
}

// v32 = Sum(v31, axes=(0,))  float32[1]  compiled_step.py:26
KERNEL void join_dd1804e2(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const float *x0 = p[0];
    float *y0 = p[1];
    const int64_t n_i = n[2];
    (void)n, (void)begin, (void)end;
    float running_v1 = 0;
    #pragma omp simd reduction(+:running_v1)
    for (int64_t i = 0; i < n_i; i++) {
        const float v0 = x0[i];
        running_v1 += v0;
    }
    const float v1 = running_v1;
    y0[0] = v1;
}

// v43 = Sum(v42, axes=(0,))  float32[1, 10]  compiled_step.py:28
// also for v53 to v53: float32[1, 512]
KERNEL void join_e54e7fa2(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const float *x0 = p[0];
    float *y0 = p[1];
    const int64_t n_i = n[2];
    const int64_t n_j = n[3];
    const int64_t first = begin * n[1], last = least(end * n[1], n[0]);
    for (int64_t strip = first; strip < last; strip++) {
        const int64_t i = strip * 64, lanes = least(64, n_i - i);
        double running_v1[64];
        for (int64_t k = 0; k < lanes; k++) { running_v1[k] = 0; }
        for (int64_t j = 0; j < n_j; j++) {
            #pragma omp simd
            for (int64_t k = 0; k < lanes; k++) {
                const float v0 = x0[i + k + j * n_i];
                running_v1[k] += v0;
            }
        }
        float v1[64];
        #pragma omp simd
        for (int64_t k = 0; k < lanes; k++) {
            v1[k] = running_v1[k];
            y0[i + k] = v1[k];
        }
    }
}

// v35 = Divide(v33, v34)  float32[]  compiled_step.py:26
KERNEL void divide_46ceaf0a(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const float *x0 = p[0];
    const float *x1 = p[1];
    float *y0 = p[2];
    (void)n, (void)begin, (void)end;
    const float v0 = x0[0];
    const float v1 = x1[0];
    const float v2 = v0 / v1;
    y0[0] = v2;
}

// v52 = Where(v51, v46, v49)  float32[128, 512]  compiled_step.py:28
// v53 = Sum(v52, axes=(0,))   float32[1, 512]    compiled_step.py:28
KERNEL void where_sum_59ee49d5(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    float *y_part0 = p[0];
    const uint8_t *x0 = p[1];
    const float *x1 = p[2];
    float *y0 = p[3];
    const int64_t n_part0 = n[2];
    const int64_t n_j = n[3];
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * n[1], last = least(first + n[1], n[0]);
        float *part0 = y_part0 + unit * n_part0;
        for (int64_t w = 0; w < n_part0; w++) part0[w] = 0;
        for (int64_t i = first; i < last; i++) {
            #pragma omp simd
            for (int64_t j = 0; j < n_j; j++) {
                const uint8_t v0 = x0[i * n_j + j];
                const float v1 = x1[i * n_j + j];
                const float v2 = v0 ? v1 : 0.0f;
                part0[j] += v2;
                y0[i * n_j + j] = v2;
            }
        }
    }
}

// v73 = Multiply(v59, v59)  float32[512, 784]  compiled_step.py:29
// v74 = Multiply(v68, v73)  float32[512, 784]  compiled_step.py:29
// v75 = Add(v72, v74)       float32[512, 784]  compiled_step.py:29
// v76 = Sqrt(v75)           float32[512, 784]  compiled_step.py:29
// v77 = Add(v76, v65)       float32[512, 784]  compiled_step.py:29
// v78 = Divide(v59, v77)    float32[512, 784]  compiled_step.py:29
// v79 = Multiply(v61, v78)  float32[512, 784]  compiled_step.py:29
// v80 = Subtract(v3, v79)   float32[512, 784]  compiled_step.py:29
// also for v85 to v92: float32[512]
// also for v97 to v104: float32[10, 512]
// also for v109 to v116: float32[10]
KERNEL void multiply_add_sqrt_5ecfc446(void *const *p, const int64_t *n, int64_t begin, int64_t end)
{
    const double *x0 = p[0];
    const double *x1 = p[1];
    const double *x2 = p[2];
    const float *x3 = p[3];
    const float *x4 = p[4];
    const float *x5 = p[5];
    float *y0 = p[6];
    float *y1 = p[7];
    const int64_t first = begin * n[1], last = least(end * n[1], n[0]);
    const double v2 = x0[0];
    const double v3 = 1.0 - v2;
    const float v4 = (float)v3;
    const float v6 = (float)v2;
    const double v11 = x1[0];
    const float v12 = (float)v11;
    const double v15 = x2[0];
    const float v16 = (float)v15;
    #pragma omp simd
    for (int64_t i = first; i < last; i++) {
        const float v0 = x3[i];
        const float v1 = v0 * v0;
        const float v5 = v4 * v1;
        const float v7 = x4[i];
        const float v8 = v6 * v7;
        const float v9 = v8 + v5;
        const float v10 = sqrt_f32(v9);
        const float v13 = v10 + v12;
        const float v14 = v0 / v13;
        const float v17 = v16 * v14;
        const float v18 = x5[i];
        const float v19 = v18 - v17;
        y0[i] = v9;
        y1[i] = v19;
    }
}

// Is one of these numbers negative, or not below size? (A size of -1: there is no limit.)
static int refused_int64_t(const int64_t *x, int64_t count, int64_t size)
{
    int wrong = 0;
    for (int64_t i = 0; i < count; i++)
        wrong |= x[i] < 0 || (size >= 0 && x[i] >= size);
    return wrong;
}

int step(void *const *p, const struct runtime *runtime)
{
    (void)p, (void)runtime;
    float *argument_0 = p[0];  // x: float32[128, 1, 28, 28]
    int64_t *argument_1 = p[1];  // y: int64[128]
    float *parameter_0 = p[2];  // float32[512, 784]
    float *parameter_1 = p[3];  // float32[512]
    float *parameter_2 = p[4];  // float32[10, 512]
    float *parameter_3 = p[5];  // float32[10]
    double *state_4 = p[6];  // float64[]
    double *state_5 = p[7];  // float64[]
    double *state_6 = p[8];  // float64[]
    double *state_9 = p[9];  // float64[]
    float *state_10 = p[10];  // float32[512, 784]
    double *state_11 = p[11];  // float64[]
    float *state_12 = p[12];  // float32[512]
    double *state_13 = p[13];  // float64[]
    float *state_14 = p[14];  // float32[10, 512]
    double *state_15 = p[15];  // float64[]
    float *state_16 = p[16];  // float32[10]
    float *gradient_of_parameter_0 = p[17];  // float32[512, 784]
    float *gradient_of_parameter_1 = p[18];  // float32[512]
    float *gradient_of_parameter_2 = p[19];  // float32[10, 512]
    float *gradient_of_parameter_3 = p[20];  // float32[10]
    float *constant_36 = p[21];  // float32[128, 1]
    char *arena = p[22];
    float *v5 = (float *)(arena + 0);  // float32[128, 512]
    float *v10 = (float *)(arena + 0);  // float32[128, 512]
    uint8_t *v51 = (uint8_t *)(arena + 262144);  // bool[128, 512]
    float *v13 = (float *)(arena + 327680);  // float32[128, 10]
    float *v32_parts = (float *)(arena + 332800);  // float32[2, 1]
    float *v42 = (float *)(arena + 332864);  // float32[128, 10]
    float *v43_parts = (float *)(arena + 337984);  // float32[2, 10]
    float *v32 = (float *)(arena + 327680);  // float32[1]
    float *v35 = (float *)(arena + 327680);  // float32[]
    float *v46 = (float *)(arena + 337984);  // float32[128, 512]
    float *v52 = (float *)(arena + 0);  // float32[128, 512]
    float *v53_parts = (float *)(arena + 600128);  // float32[16, 512]

    // are all indices right that Gather is given?   compiled_step.py:26
    if (refused_int64_t(argument_1, 128, 10))
        return 1;
    // v70 = Add float64[]; v82 = Add float64[]; v94 = Add float64[]; v106 = Add float64[]   compiled_step.py:29
    add_01f6874b(
        (void *[]){state_9, state_11, state_13, state_15, state_9, state_11, state_13, state_15},
        (int64_t[]){1, 1}, 0, 1);
    // v5 = v2 @ v4 float32[128, 512]   compiled_step.py:26
    runtime->matmul_f32(runtime, &(struct matmul){
        .batch = 1, .m = 128, .n = 512, .k = 784,
        .a = argument_0, .a_row = 784, .a_column = 1,
        .b = parameter_0, .b_row = 1, .b_column = 784,
        .c = v5, .c_row = 512,
    });
    // v10 = Relu float32[128, 512]; v51 = Not bool[128, 512]   compiled_step.py:26, compiled_step.py:28
    runtime->parallel(
        runtime, add_relu_greaterequal_30fc5151, 16,
        (void *[]){v5, parameter_1, v10, v51},
        (int64_t[]){128, 8, 512});
    // v13 = v10 @ v12 float32[128, 10]   compiled_step.py:26
    runtime->matmul_f32(runtime, &(struct matmul){
        .batch = 1, .m = 128, .n = 10, .k = 512,
        .a = v10, .a_row = 512, .a_column = 1,
        .b = parameter_2, .b_row = 1, .b_column = 512,
        .c = v13, .c_row = 10,
    });
    // v32 = Sum float32[1]; v42 = Add float32[128, 10]; v43 = Sum float32[1, 10]   compiled_step.py:26, compiled_step.py:28
    add_max_subtract_eb94a851(
        (void *[]){v32_parts, v43_parts, argument_1, v13, parameter_3, constant_36, v42},
        (int64_t[]){2, 1, 10, 128, 10}, 0, 2);
    // v32 = Sum float32[1]   compiled_step.py:26
    join_dd1804e2((void *[]){v32_parts, v32}, (int64_t[]){1, 1, 2}, 0, 1);
    // v43 = Sum float32[1, 10]   compiled_step.py:28
    join_e54e7fa2((void *[]){v43_parts, gradient_of_parameter_3}, (int64_t[]){1, 1, 10, 2}, 0, 1);
    // v35 = Divide float32[]   compiled_step.py:26
    divide_46ceaf0a((void *[]){v32, &(float){128.0f}, v35}, (int64_t[]){1, 1}, 0, 1);
    // v46 = v42 @ v45 float32[128, 512]   compiled_step.py:28
    runtime->matmul_f32(runtime, &(struct matmul){
        .batch = 1, .m = 128, .n = 512, .k = 10,
        .a = v42, .a_row = 10, .a_column = 1,
        .b = parameter_2, .b_row = 512, .b_column = 1,
        .c = v46, .c_row = 512,
    });
    // v48 = v47 @ v10 float32[10, 512]   compiled_step.py:28
    runtime->matmul_f32(runtime, &(struct matmul){
        .batch = 1, .m = 10, .n = 512, .k = 128,
        .a = v42, .a_row = 1, .a_column = 10,
        .b = v10, .b_row = 512, .b_column = 1,
        .c = gradient_of_parameter_2, .c_row = 512,
    });
    // v52 = Where float32[128, 512]; v53 = Sum float32[1, 512]   compiled_step.py:28
    runtime->parallel(
        runtime, where_sum_59ee49d5, 16,
        (void *[]){v53_parts, v51, v46, v52},
        (int64_t[]){128, 8, 512, 512});
    // v53 = Sum float32[1, 512]   compiled_step.py:28
    join_e54e7fa2((void *[]){v53_parts, gradient_of_parameter_1}, (int64_t[]){8, 8, 512, 16}, 0, 1);
    // v56 = v55 @ v2 float32[512, 784]   compiled_step.py:28
    runtime->matmul_f32(runtime, &(struct matmul){
        .batch = 1, .m = 512, .n = 784, .k = 128,
        .a = v52, .a_row = 1, .a_column = 512,
        .b = argument_0, .b_row = 784, .b_column = 1,
        .c = gradient_of_parameter_0, .c_row = 784,
    });
    // v75 = Add float32[512, 784]; v80 = Subtract float32[512, 784]   compiled_step.py:29
    runtime->parallel(
        runtime, multiply_add_sqrt_5ecfc446, 196,
        (void *[]){state_5, state_6, state_4, gradient_of_parameter_0, state_10, parameter_0, state_10, parameter_0},
        (int64_t[]){401408, 2048});
    // v87 = Add float32[512]; v92 = Subtract float32[512]   compiled_step.py:29
    multiply_add_sqrt_5ecfc446(
        (void *[]){state_5, state_6, state_4, gradient_of_parameter_1, state_12, parameter_1, state_12, parameter_1},
        (int64_t[]){512, 512}, 0, 1);
    // v99 = Add float32[10, 512]; v104 = Subtract float32[10, 512]   compiled_step.py:29
    runtime->parallel(
        runtime, multiply_add_sqrt_5ecfc446, 3,
        (void *[]){state_5, state_6, state_4, gradient_of_parameter_2, state_14, parameter_2, state_14, parameter_2},
        (int64_t[]){5120, 2048});
    // v111 = Add float32[10]; v116 = Subtract float32[10]   compiled_step.py:29
    multiply_add_sqrt_5ecfc446(
        (void *[]){state_5, state_6, state_4, gradient_of_parameter_3, state_16, parameter_3, state_16, parameter_3},
        (int64_t[]){10, 10}, 0, 1);
    return 0;
}

// Many steps in one call. Argument number slot[i] of step s lies at from[i] + s * stride[i], and result i of that step
// goes to to[i] + s * bytes[i]. Returns how many steps were done: fewer than asked if one refused an index. In the end
// p[slot[i]] is own[i].
int64_t repeat(void **p, const struct runtime *runtime, int64_t steps, char *const *from, int64_t arguments,
               const int64_t *slot, const int64_t *stride, char *const *own, char *const *to, int64_t results,
               char *const *result, const int64_t *bytes)
{
    int64_t s = 0;
    for (; s < steps; s++) {
        for (int64_t i = 0; i < arguments; i++)
            p[slot[i]] = from[i] + s * stride[i];
        if (step(p, runtime))
            break;
        for (int64_t i = 0; i < results; i++)
            __builtin_memcpy(to[i] + s * bytes[i], result[i], (uint64_t)bytes[i]);
    }
    for (int64_t i = 0; i < arguments; i++)
        p[slot[i]] = own[i];
    return s;
}

