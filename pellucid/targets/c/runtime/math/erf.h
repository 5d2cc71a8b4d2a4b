// needs: fma bits exp
// erf(x) = 2 / sqrt(pi) * integral of exp(-t^2) from 0 to x. Below 0.92 it is x + x P(x^2); from there on it is
// sign(x) (1 - exp(-|x| Q(|x|))), that is 1 - erfc(|x|), which is 1 to a float's precision from 3.92 on.
// Minimax coefficients, computed for this file from erf to 120 bits by least squares with Lawson's weights.
// Largest error seen: 1.26 ulp (1.09 with fused multiply-add).
__attribute__((always_inline)) static inline float erf_f32(float x)
{
    float size = __builtin_fabsf(x);
    float z = x * x;
    float p = -0.000600415f;
    p = FMA(p, z, 0.004995919f);
    p = FMA(p, z, -0.02676862f);
    p = FMA(p, z, 0.11281878f);
    p = FMA(p, z, -0.376125f);
    p = FMA(p, z, 0.12837915f);
    float near = FMA(p, size, size);
    float t = size > 4.0f ? 4.0f : size;
    float q = -0.00021398548f;
    q = FMA(q, t, 0.003214972f);
    q = FMA(q, t, -0.022890048f);
    q = FMA(q, t, 0.10526201f);
    q = FMA(q, t, 0.63571817f);
    q = FMA(q, t, 1.1285144f);
    float far = 1.0f - exp_f32(-t * q);
    return __builtin_copysignf(size < 0.92f ? near : far, x);
}

__attribute__((always_inline)) static inline double erf_f64(double x) { return __builtin_erf(x); }
