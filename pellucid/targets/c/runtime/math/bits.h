// A float's 32 bits as an integer, and back: sign (1 bit), exponent + 127 (8 bits), fraction (23 bits).
#ifndef BITS_H // the runtime may have brought it
#define BITS_H
__attribute__((always_inline)) static inline uint32_t bits_of_f32(float x)
{
    union { float value; uint32_t bits; } both = {.value = x};
    return both.bits;
}

__attribute__((always_inline)) static inline float f32_of_bits(uint32_t bits)
{
    union { uint32_t bits; float value; } both = {.bits = bits};
    return both.value;
}
#endif
