/* The random words of Pellucid in C, and the orders in which the tests read them.
 *
 * word(i, k1, k2) is one 32-bit word: element i of the draw that has the keys (k1, k2).
 * keys(seed, count) makes the two keys of a draw. All arithmetic is modulo 2^32.
 * VARIANT chooses what is tested; 4 is the function that Pellucid uses.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifndef VARIANT
#define VARIANT 4
#endif

static inline uint32_t word(uint32_t i, uint32_t k1, uint32_t k2)
{
#if VARIANT == 0                                            /* one Weyl sequence shared by all draws */
    (void)k2;
    uint32_t x = i * 0x9E3779B9u + k1;
    x ^= x >> 16; x *= 0x21F0AAADu;
#elif VARIANT == 1                                          /* plain counter, second key by xor */
    uint32_t x = i + k1;
    x ^= x >> 16; x *= 0x21F0AAADu; x ^= k2;
#elif VARIANT == 2                                          /* plain counter, second key by addition */
    uint32_t x = i + k1;
    x ^= x >> 16; x *= 0x21F0AAADu; x += k2;
#elif VARIANT == 3                                          /* Weyl counter, second key by xor */
    uint32_t x = i * 0x9E3779B9u + k1;
    x ^= x >> 16; x *= 0x21F0AAADu; x ^= k2;
#else                                                       /* Weyl counter, second key by addition */
    uint32_t x = i * 0x9E3779B9u + k1;
    x ^= x >> 16; x *= 0x21F0AAADu; x += k2;
#endif
    x ^= x >> 15; x *= 0x735A2D97u;
    return x ^ x >> 15;
}

typedef struct { uint32_t k1, k2; } Keys;

static inline Keys keys(uint32_t seed, uint32_t count)
{
#if VARIANT == 0
    return (Keys){word(count, seed, 0), 0};
#else
    uint32_t a = word(seed, 0x9E3779B9u, 0x7F4A7C15u), b = word(a, 0x7F4A7C15u, 0x9E3779B9u);
    uint32_t k1 = word(count, a, b);
    return (Keys){k1, word(k1, b, a)};
#endif
}

/* How the words are put in a row. N is a number:
 *   long       count 0, i = 0, 1, 2, ...
 *   short:N    whole draws of N elements, count = 0, 1, 2, ...
 *   seeds:N    whole draws of N elements, count 0, seed running
 *   across:N   element N of each draw, count = 0, 1, 2, ...
 *   turns:N    N draws in turn: element 0 of each, then element 1 of each, ...
 *   pairs:N    whole draws of N elements, each element followed by its word with the keys exchanged (float64)
 * and in which form: words; reversed (the bits of each word, last first);
 * floats (the top 24 bits of each word, packed without gaps). */
enum { BUFFER = 65536 };
static uint32_t buffer[BUFFER];
static int used = 0, filled = 0;
static const char *order, *form;
static uint32_t size, seed_of_run;
static uint64_t place = 0;                                  /* words made so far */

static inline void choose(const char *order_name, const char *seed, const char *form_name)
{
    static const char *known[] = {"long", "short:", "seeds:", "across:", "turns:", "pairs:"};
    int found = 0;
    for (int k = 0; k < 6; k++) found |= !strncmp(order_name, known[k], strlen(known[k]));
    if (!found || (strcmp(form_name, "words") && strcmp(form_name, "reversed") && strcmp(form_name, "floats"))) exit(2);
    const char *colon = strchr(order_name, ':');
    order = order_name;
    form = form_name;
    size = colon ? (uint32_t)strtoul(colon + 1, 0, 10) : 0;
    if (!size && order[0] != 'l' && order[0] != 'a') exit(2);
    seed_of_run = (uint32_t)strtoul(seed, 0, 10);
}

static inline void make_words(void)
{
    for (int at = 0; at < BUFFER;) {
        if (order[0] == 'a') {                              /* across */
            Keys k = keys(seed_of_run, (uint32_t)place++);
            buffer[at++] = word(size, k.k1, k.k2);
        } else if (order[0] == 't') {                       /* turns */
            Keys k = keys(seed_of_run, (uint32_t)(place % size));
            buffer[at++] = word((uint32_t)(place / size), k.k1, k.k2);
            place++;
        } else if (order[0] == 'p') {                       /* pairs */
            Keys k = keys(seed_of_run, (uint32_t)(place / size));
            uint32_t i = (uint32_t)(place++ % size);
            buffer[at++] = word(i, k.k1, k.k2);
            buffer[at++] = word(i, k.k2, k.k1);
        } else {                                            /* runs of one draw */
            uint64_t length = size ? size : 1ull << 32;
            uint32_t draw = (uint32_t)(place / length);
            uint64_t i = place % length;
            Keys k = order[1] == 'e' ? keys(seed_of_run + draw, 0) : keys(seed_of_run, draw);
            for (; i < length && at < BUFFER; i++, place++) buffer[at++] = word((uint32_t)i, k.k1, k.k2);
        }
    }
    used = 0;
    filled = BUFFER;
}

static inline void fill(void)
{
    make_words();
    if (form[0] == 'r')
        for (int n = 0; n < BUFFER; n++) {
            uint32_t x = buffer[n];
            x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
            x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
            x = (x >> 4 & 0x0F0F0F0Fu) | (x & 0x0F0F0F0Fu) << 4;
            buffer[n] = __builtin_bswap32(x);
        }
    if (form[0] == 'f') {                                   /* four floats become three words */
        filled = BUFFER / 4 * 3;
        for (int n = 0, at = 0; n < BUFFER; n += 4, at += 3) {
            uint32_t a = buffer[n] >> 8, b = buffer[n + 1] >> 8, c = buffer[n + 2] >> 8, d = buffer[n + 3] >> 8;
            buffer[at] = a << 8 | b >> 16;
            buffer[at + 1] = b << 16 | c >> 8;
            buffer[at + 2] = c << 24 | d;
        }
    }
}

static inline uint32_t next_word(void)
{
    if (used == filled) fill();
    return buffer[used++];
}
