/* Gives the words to a battery of TestU01.
 * usage: crush BATTERY ORDER SEED FORM     BATTERY: small, crush, rabbit, alphabit (both over 2^30 bits) */
#include <stdio.h>
#include <string.h>
#include <testu01/unif01.h>
#include <testu01/bbattery.h>
#include <testu01/swrite.h>
#include "draws.h"

static unsigned int bits(void) { return next_word(); }

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
    else return 2;
    return 0;
}
