/* Gives the words to a battery of TestU01.
 * usage: crush BATTERY ORDER SEED FORM
 * BATTERY: small, crush, rabbit, alphabit (both over 2^30 bits), or one test with more numbers than in the batteries:
 * hamming (HammingIndep, 2^31 bits, L = 32, 64, 128), walk (RandomWalk1, 10,000,000 walks of 150 steps) */
#include <stdio.h>
#include <string.h>
#include <testu01/unif01.h>
#include <testu01/bbattery.h>
#include <testu01/sstring.h>
#include <testu01/swalk.h>
#include <testu01/swrite.h>
#include "draws.h"

static unsigned int bits(void) { return next_word(); }

static void hamming(unif01_Gen *gen)
{
    for (int length = 32; length <= 128; length *= 2) {
        sstring_Res *result = sstring_CreateRes();
        place = 0;
        used = filled = 0;
        sstring_HammingIndep(gen, result, 1, (1L << 31) / (2 * length), 0, 32, length, 0);
        printf("HammingIndep L = %d: p = %.3g\n", length, result->Bas->pVal2[gofw_Mean]);
        sstring_DeleteRes(result);
    }
}

static void walk(unif01_Gen *gen)
{
    swalk_Res *result = swalk_CreateRes();
    swalk_RandomWalk1(gen, result, 1, 10000000, 0, 30, 150, 150);
    printf("RandomWalk1: p of H %.3g, M %.3g, J %.3g, R %.3g, C %.3g\n", result->H[0]->pVal2[gofw_Mean],
           result->M[0]->pVal2[gofw_Mean], result->J[0]->pVal2[gofw_Mean], result->R[0]->pVal2[gofw_Mean],
           result->C[0]->pVal2[gofw_Mean]);
    swalk_DeleteRes(result);
}

int main(int n, char **a)
{
    if (n != 5) return 2;
    choose(a[2], a[3], a[4]);
    char name[200];
    snprintf(name, sizeof name, "variant %d %s %s %s", VARIANT, a[2], a[3], a[4]);
    unif01_Gen *gen = unif01_CreateExternGenBits(name, bits);
    swrite_Basic = 0;
    if (!strcmp(a[1], "small")) bbattery_SmallCrush(gen);
    else if (!strcmp(a[1], "crush")) bbattery_Crush(gen);
    else if (!strcmp(a[1], "rabbit")) bbattery_Rabbit(gen, 1073741824.0);
    else if (!strcmp(a[1], "alphabit")) bbattery_Alphabit(gen, 1073741824.0, 0, 32);
    else if (!strcmp(a[1], "hamming")) hamming(gen);
    else if (!strcmp(a[1], "walk")) walk(gen);
    else return 2;
    return 0;
}
