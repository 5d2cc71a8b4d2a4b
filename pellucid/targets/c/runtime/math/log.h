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
