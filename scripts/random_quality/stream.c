/* Writes the words to standard output, lowest byte first (on the usual machines), until the reader stops.
 * usage: stream ORDER SEED FORM */
#include <stdio.h>
#include "draws.h"

int main(int n, char **a)
{
    if (n != 4) return 2;
    choose(a[1], a[2], a[3]);
    do fill(); while (fwrite(buffer, 4, filled, stdout) == (size_t)filled);
    return 0;
}
