// needs: fma bits log
// log1p(x) = log(1 + x), without the digits that 1 + x loses for small x: 1 + x = 2^n (1 + f), so
// f = 2^-n x + (2^-n - 1), where both terms are exact, so that f is rounded only once. Largest error seen: 1.38 ulp.
__attribute__((always_inline)) static inline float log1p_f32(float x)
{
    uint32_t bits = bits_of_f32(1.0f + x);
    int32_t exponent = (int32_t)(bits - 0x3f3504f3u) >> 23;
    float power = f32_of_bits((uint32_t)(127 - exponent) << 23);
    float f = FMA(x, power, power - 1.0f);
    // From 2^25 on, 1 + x is x to a float's precision, and 2^-n may be too small for a float.
    f = exponent > 24 ? f32_of_bits(bits - ((uint32_t)exponent << 23)) - 1.0f : f;
    float y = log_parts_f32((float)exponent, f);
    y = x > -1.0f ? y : x == -1.0f ? -__builtin_inff() : __builtin_nanf("");
    y = x == 0.0f ? x : y; // keeps the sign of -0
    return x < __builtin_inff() ? y : x;
}

__attribute__((always_inline)) static inline double log1p_f64(double x) { return __builtin_log1p(x); }
