// a to the power of b: the C library's for floats (below 1 ulp); squaring and multiplying for whole numbers, which wrap
// around as NumPy's do. A negative whole exponent is refused before a kernel runs.
static inline float power_f32(float a, float b) { return __builtin_powf(a, b); }
static inline double power_f64(double a, double b) { return __builtin_pow(a, b); }
static inline uint64_t power_u64(uint64_t a, uint64_t b)
{
    uint64_t y = 1;
    for (; b; b >>= 1, a *= a)
        y = b & 1 ? y * a : y;
    return y;
}
static inline int8_t power_i8(int8_t a, int8_t b) { return (int8_t)power_u64((uint64_t)a, (uint64_t)b); }
static inline int16_t power_i16(int16_t a, int16_t b) { return (int16_t)power_u64((uint64_t)a, (uint64_t)b); }
static inline int32_t power_i32(int32_t a, int32_t b) { return (int32_t)power_u64((uint64_t)a, (uint64_t)b); }
static inline int64_t power_i64(int64_t a, int64_t b) { return (int64_t)power_u64((uint64_t)a, (uint64_t)b); }
static inline uint8_t power_u8(uint8_t a, uint8_t b) { return (uint8_t)power_u64(a, b); }
static inline uint16_t power_u16(uint16_t a, uint16_t b) { return (uint16_t)power_u64(a, b); }
static inline uint32_t power_u32(uint32_t a, uint32_t b) { return (uint32_t)power_u64(a, b); }
