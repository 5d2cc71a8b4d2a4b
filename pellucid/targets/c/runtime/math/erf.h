// needs: fma bits exp
// erf(x) = 2 / sqrt(pi) * integral of exp(-t^2) from 0 to x. Below 0.92 it is x + x P(x^2); from there on it is
// sign(x) (1 - exp(-x^2) Q(|x|)): Q(t) = exp(t^2) erfc(t) falls slowly, and from 4 on the result is 1 to a float's
// precision. The derivative of erf is made of exp(-x^2) as well, so a kernel with both computes it once.
// Minimax coefficients, computed for this file from erf to 120 bits by least squares with Lawson's weights.
// Largest error seen: 1.15 ulp (0.97 with fused multiply-add).
__attribute__((always_inline)) static inline float erf_f32(float x)
{
    float size = __builtin_fabsf(x);
    float minus = x * -x;
    float p = 0.000600415f; // of -x^2
    p = FMA(p, minus, 0.004995919f);
    p = FMA(p, minus, 0.02676862f);
    p = FMA(p, minus, 0.11281878f);
    p = FMA(p, minus, 0.376125f);
    p = FMA(p, minus, 0.12837915f);
    float near = FMA(p, size, size);
    float t = size > 4.0f ? 4.0f : size;
    float u = t - 1.0f;
    float q = 0.00012856715f;
    q = FMA(q, u, -0.0012018839f);
    q = FMA(q, u, 0.0052901809f);
    q = FMA(q, u, -0.015607892f);
    q = FMA(q, u, 0.037223551f);
    q = FMA(q, u, -0.079180501f);
    q = FMA(q, u, 0.15437223f);
    q = FMA(q, u, -0.27321237f);
    q = FMA(q, u, 0.42758358f);
    float far = FMA(-q, exp_f32(minus), 1.0f);
    return __builtin_copysignf(size < 0.92f ? near : far, x);
}

__attribute__((always_inline)) static inline double erf_f64(double x) { return __builtin_erf(x); }
