/* How alike are two draws whose first keys are equal or shifted by a few elements?
 * Such pairs are rare (two draws of n elements overlap with chance 2n / 2^32), and then only the second key parts them.
 * For 400 pairs of random keys and 65,536 elements: how often each bit agrees, and a chi-square test of the top four
 * bits of one against the top four bits of the other.
 * usage: overlap */
#include <math.h>
#include <stdio.h>
#include "draws.h"

enum { PAIRS = 400, N = 65536, CELLS = 256 };

static uint32_t random_key(void)            /* xorshift64 of Marsaglia (2003), for the keys only */
{
    static uint64_t s = 88172645463325252u;
    s ^= s << 13; s ^= s >> 7; s ^= s << 17;
    return (uint32_t)(s >> 16);
}

int main(void)
{
    double squares = 0, worst = 0, worst_z = 0;
    int above_4 = 0;
    for (int pair = 0; pair < PAIRS; pair++) {
        uint32_t k1 = random_key(), a = random_key(), b = random_key();
        int differ[32] = {0}, cell[CELLS] = {0};
        for (uint32_t i = 0; i < N; i++) {
            uint32_t u = word(i, k1, a), v = word(i, k1, b);
            for (int bit = 0; bit < 32; bit++) differ[bit] += (u ^ v) >> bit & 1;
            cell[u >> 28 << 4 | v >> 28]++;
        }
        double chi2 = 0, expected = (double)N / CELLS;
        for (int k = 0; k < CELLS; k++) chi2 += (cell[k] - expected) * (cell[k] - expected) / expected;
        double z = (chi2 - (CELLS - 1)) / sqrt(2.0 * (CELLS - 1));
        above_4 += z > 4;
        worst_z = fmax(worst_z, z);
        for (int bit = 0; bit < 32; bit++) {
            double correlation = 2.0 * differ[bit] / N - 1;
            squares += correlation * correlation;
            worst = fmax(worst, fabs(correlation));
        }
    }
    printf("variant %d: bit correlation rms %.4f (chance %.4f), largest %.3f; chi-square z largest %.1f, above 4: %d of %d\n",
           VARIANT, sqrt(squares / PAIRS / 32), 1 / sqrt(N), worst, worst_z, above_4, PAIRS);
    return 0;
}
