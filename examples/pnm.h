/* Reads images of the simplest formats: binary PGM (P5, gray) and PPM (P6, RGB) of 8 bits. */
#ifndef PNM_H
#define PNM_H

#include "bitocr.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* The next number of a header, up to BITOCR_MAX_SIDE, behind white space and comments; else 0. */
static int read_number(FILE *file) {
    int c, number = 0;
    while ((c = fgetc(file)) == '#' || isspace(c))
        while (c == '#' && (c = fgetc(file)) != '\n' && c != EOF)
            c = '#';
    for (; isdigit(c); c = fgetc(file))
        number = number <= BITOCR_MAX_SIDE ? 10 * number + c - '0' : number;
    return isspace(c) && number <= BITOCR_MAX_SIDE ? number : 0;
}

/* Reads what follows the first two bytes; returns what is wrong, or NULL. */
static const char *read_pixels(FILE *file, bitocr_image *image) {
    image->width = read_number(file);
    image->height = read_number(file);
    if (!image->width || !image->height || read_number(file) != 255)
        return "not an image of 8 bits a channel";
    size_t row = (size_t)image->width * (size_t)image->channels, rows = (size_t)image->height;
    uint8_t *pixels = malloc(row * rows);
    image->pixels = pixels;
    image->stride = (ptrdiff_t)row;
    if (!pixels)
        return "out of memory for the image";
    return fread(pixels, row, rows, file) == rows ? NULL : "the image ends too early";
}

/* Fills an image, whose pixels are to be freed whatever becomes of it. */
static bitocr_status read_pnm(const char *path, bitocr_image *image, bitocr_error *error) {
    const char *problem = "not a binary PGM or PPM image";
    FILE *file = fopen(path, "rb");
    int letter = file ? fgetc(file) : 0, digit = file ? fgetc(file) : 0;
    image->channels = digit == '6' ? 3 : 1;
    if (!file)
        problem = "cannot be opened";
    else if (letter == 'P' && (digit == '5' || digit == '6'))
        problem = read_pixels(file, image);
    if (file)
        fclose(file);
    if (problem)
        snprintf(error->message, sizeof error->message, "%.200s: %s", path, problem);
    return problem ? BITOCR_ERROR_IMAGE : BITOCR_OK;
}

#endif
