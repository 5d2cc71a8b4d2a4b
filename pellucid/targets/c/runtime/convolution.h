// Convolution: what a compiled step asks for. It is not part of the runtime that every program shares: a step that
// convolves gets convolution_f32.c or convolution_f64.c linked to it, which need only a struct runtime.
//
// The definition is a loop of three sums within a loop of three (here with one axis; up to three are meant):
//
//     for each image n, group, output channel o of the group, result p:
//         y[n, o, p] = sum over input channels c of the group, places i of the kernel, of
//                      w[o, c, i] * x[n, c, p * stride - before + i * dilation]                zeros outside of x
//
// All arrays lie row after row: x is (images, groups * inputs, *size), w is (groups * outputs, inputs, *kernel), and
// y is (images, groups * outputs, *result). Axes that are missing are the first ones, and have length 1.
#ifndef CONVOLUTION_H
#define CONVOLUTION_H
#include "runtime.h"

enum { AXES = 3 };

struct convolution {
    int64_t images, groups, outputs, inputs; // channels are those of one group
    int64_t size[AXES], kernel[AXES], result[AXES];
    int64_t stride[AXES], before[AXES], dilation[AXES];
    const void *x, *w, *y; // two of them are read, the third is written
    int64_t slices;        // into which convolve_kernel divides the pixels, each with sums of its own; in tiles of 4,
    int64_t chunks;        // into which lines of tiles, and outputs are divided (fours() of convolution.py)
    int in_tiles;          // 3 x 3, stride and dilation 1: tiles of 4 x 4 or 2 x 2 results take fewer multiplications
    void *kept;            // memory for weights laid out once (convolution_strips.h), or 0
    void *spare;           // memory for as many numbers as w has, for each slice; in tiles of 2, for 16 where w has 9;
                           // in tiles of 4, for the elements of a slice and a chunk
};

// y from x and w. The bits depend on sizes, never on the number of threads; so it is for the two others.
void convolve_f32(const struct runtime *, const struct convolution *);
void convolve_f64(const struct runtime *, const struct convolution *);
// x from y and w, where y is the loss's gradient with respect to y, and x that with respect to x.
void convolve_input_f32(const struct runtime *, const struct convolution *);
void convolve_input_f64(const struct runtime *, const struct convolution *);
// w from x and y, where y is the loss's gradient with respect to y, and w that with respect to w.
void convolve_kernel_f32(const struct runtime *, const struct convolution *);
void convolve_kernel_f64(const struct runtime *, const struct convolution *);

#endif
