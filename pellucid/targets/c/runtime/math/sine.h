// needs: fma bits
// sin(x + quarters * pi / 2) for x >= 0: what sin and cos share.
//
// x is reduced to r = x - q pi / 2 with |r| <= pi / 4, where q is whole; then the answer is sin(r) or cos(r), both
// polynomials, up to its sign. The reduction is that of M. Payne and R. Hanek (1983), exact for any x: of x * 2 / pi
// only the last two bits before the point matter, and so many after it. With x = mantissa * 2^exponent that product
// needs 96 bits of 2 / pi, which begin where the exponent says: bits before them give whole turns, bits after them
// nothing that a float can hold.

// The bits of 2 / pi, 32 at a time, after 32 zeros. A choice among constants, since not every processor can look up
// a table for all numbers of a vector at once.
__attribute__((always_inline)) static inline uint32_t two_over_pi(uint32_t word)
{
    uint32_t bits = word == 1 ? 0xa2f9836eu : 0;
    bits = word == 2 ? 0x4e441529u : bits;
    bits = word == 3 ? 0xfc2757d1u : bits;
    bits = word == 4 ? 0xf534ddc0u : bits;
    bits = word == 5 ? 0xdb629599u : bits;
    bits = word == 6 ? 0x3c439041u : bits;
    return word == 7 ? 0xfe5163abu : bits;
}

__attribute__((always_inline)) static inline float sine_f32(float x, uint32_t quarters)
{
    uint32_t bits = bits_of_f32(x);
    uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
    int32_t exponent = (int32_t)(bits >> 23) - 127;
    // Numbers below 1/2 are not reduced (see `small`); larger ones have an exponent of -1 at least.
    uint32_t start = (uint32_t)((exponent < -1 ? -1 : exponent) + 7);
    uint32_t word = start >> 5, shift = start & 31;
    uint32_t w0 = two_over_pi(word), w1 = two_over_pi(word + 1), w2 = two_over_pi(word + 2), w3 = two_over_pi(word + 3);
    uint32_t high = w0 << shift | w1 >> 1 >> (31 - shift);
    uint32_t middle = w1 << shift | w2 >> 1 >> (31 - shift);
    uint32_t low = w2 << shift | w3 >> 1 >> (31 - shift);
    // The upper 64 of the product's 96 bits: two bits of whole quarters, then 62 bits of a fraction.
    uint64_t product = ((uint64_t)mantissa * low >> 32) + (uint64_t)mantissa * middle;
    product += (uint64_t)(mantissa * high) << 32;
    uint32_t whole = (uint32_t)((product + (1ull << 61)) >> 62); // rounded, so the rest is from -1/2 to 1/2
    uint64_t rest = product - ((uint64_t)whole << 62);
    // In two steps: most processors convert vectors of 32-bit integers only.
    double fraction = (double)(int32_t)(uint32_t)(rest >> 32) * 0x1p-30;
    fraction += (double)(int32_t)((uint32_t)rest >> 1) * 0x1p-61;
    int small = x < 0.5f;
    float r = small ? x : (float)(fraction * 1.5707963267948966);
    quarters += small ? 0 : whole;

    float z = r * r;
    float sine = -1.9515295891e-4f;
    sine = FMA(sine, z, 8.3321608736e-3f);
    sine = FMA(sine, z, -1.6666654611e-1f);
    sine = FMA(sine * z, r, r);
    float cosine = 2.443315711809948e-5f;
    cosine = FMA(cosine, z, -1.388731625493765e-3f);
    cosine = FMA(cosine, z, 4.166664568298827e-2f);
    cosine = FMA(cosine * z, z, FMA(z, -0.5f, 1.0f));
    float y = quarters & 1 ? cosine : sine;
    y = quarters & 2 ? -y : y;
    return x < __builtin_inff() ? y : x - x; // infinity has no sine
}
