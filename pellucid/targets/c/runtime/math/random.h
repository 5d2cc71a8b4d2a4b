// Random numbers without memory: element i of a draw is a function of the draw's two keys and i. The same function, with
// how it was tested: pellucid/ops/source.py and docs/choices/random-numbers.md.
static inline uint32_t random_word(uint32_t i, uint32_t k1, uint32_t k2)
{
    uint32_t x = i * 0x9E3779B9u + k1;
    x = (x ^ x >> 16) * 0x21F0AAADu + k2;
    x = (x ^ x >> 15) * 0x735A2D97u;
    return x ^ x >> 15;
}

// The keys of draw number `count` of a seed.
static inline uint32_t first_key(uint32_t seed, uint32_t count)
{
    uint32_t a = random_word(seed, 0x9E3779B9u, 0x7F4A7C15u);
    return random_word(count, a, random_word(a, 0x7F4A7C15u, 0x9E3779B9u));
}

static inline uint32_t second_key(uint32_t seed, uint32_t count)
{
    uint32_t a = random_word(seed, 0x9E3779B9u, 0x7F4A7C15u);
    return random_word(first_key(seed, count), random_word(a, 0x7F4A7C15u, 0x9E3779B9u), a);
}

// A number from [0, 1): the top 24 bits of a word for a float; 27 and 26 bits of two words for a double.
static inline float random_f32(uint32_t i, uint32_t k1, uint32_t k2)
{
    return (float)(random_word(i, k1, k2) >> 8) * 0x1p-24f;
}

static inline double random_f64(uint32_t i, uint32_t k1, uint32_t k2)
{
    double high = (double)(random_word(i, k1, k2) >> 5) * 0x1p26;
    return (high + (double)(random_word(i, k2, k1) >> 6)) * 0x1p-53;
}
