// |x|. Without a branch on the sign of a float, so that -0 and NaN come out as they should.
static inline float absolute_f32(float x) { return __builtin_fabsf(x); }
static inline double absolute_f64(double x) { return __builtin_fabs(x); }
static inline int8_t absolute_i8(int8_t x) { return (int8_t)(x < 0 ? -x : x); }
static inline int16_t absolute_i16(int16_t x) { return (int16_t)(x < 0 ? -x : x); }
static inline int32_t absolute_i32(int32_t x) { return x < 0 ? -x : x; }
static inline int64_t absolute_i64(int64_t x) { return x < 0 ? -x : x; }
static inline uint8_t absolute_u8(uint8_t x) { return x; }
static inline uint16_t absolute_u16(uint16_t x) { return x; }
static inline uint32_t absolute_u32(uint32_t x) { return x; }
static inline uint64_t absolute_u64(uint64_t x) { return x; }
