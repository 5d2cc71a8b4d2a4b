// a - b trunc(a / b), exactly: the C library's for floats. For whole numbers 0 where C has no answer: if b is 0, and for
// the smallest number divided by -1, which stops the processor.
static inline float fmod_f32(float a, float b) { return __builtin_fmodf(a, b); }
static inline double fmod_f64(double a, double b) { return __builtin_fmod(a, b); }
static inline int64_t fmod_i64(int64_t a, int64_t b)
{
    return b == 0 || b == -1 ? 0 : a % b;
}
static inline uint64_t fmod_u64(uint64_t a, uint64_t b) { return b ? a % b : 0; }
static inline int8_t fmod_i8(int8_t a, int8_t b) { return (int8_t)fmod_i64(a, b); }
static inline int16_t fmod_i16(int16_t a, int16_t b) { return (int16_t)fmod_i64(a, b); }
static inline int32_t fmod_i32(int32_t a, int32_t b) { return (int32_t)fmod_i64(a, b); }
static inline uint8_t fmod_u8(uint8_t a, uint8_t b) { return (uint8_t)fmod_u64(a, b); }
static inline uint16_t fmod_u16(uint16_t a, uint16_t b) { return (uint16_t)fmod_u64(a, b); }
static inline uint32_t fmod_u32(uint32_t a, uint32_t b) { return (uint32_t)fmod_u64(a, b); }
