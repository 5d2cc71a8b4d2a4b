// needs: fma bits sine
// cos(x) = sin(|x| + pi / 2), for any finite x; NaN for infinities.
__attribute__((always_inline)) static inline float cos_f32(float x) { return sine_f32(__builtin_fabsf(x), 1); }

__attribute__((always_inline)) static inline double cos_f64(double x) { return __builtin_cos(x); }
