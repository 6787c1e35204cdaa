/* Samples of an image as files store them, and what they are in 8 bits. */
#ifndef OCRVL_IN_SAMPLES_H
#define OCRVL_IN_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ocrvl_sample_kind { OCRVL_SAMPLE_UNSIGNED, OCRVL_SAMPLE_SIGNED, OCRVL_SAMPLE_FLOAT } ocrvl_sample_kind;

typedef struct ocrvl_samples {
    ocrvl_sample_kind kind;
    unsigned bits;
    bool narrow;        /* unsigned samples that fill fewer bits than they have */
    double low, high;   /* what becomes 0 and 255 */
    double least, most; /* that were measured; least > most: none */
} ocrvl_samples;

/* Unsigned samples have 1 to 16, 24, 32 or 64 bits, signed ones 8, 16, 24, 32 or 64, floating ones 16, 24, 32 or 64.
 * Returns false for others. Until ocrvl_samples_settle their range is all that the bits can say; of floats, 0 to 1. */
bool ocrvl_samples_begin(ocrvl_samples *s, ocrvl_sample_kind kind, unsigned bits);

/* Sample i of a row as it stands there, without its sign: 8, 16, 24, 32 and 64 bits in the machine's byte order, others
 * packed from the top bit. Not for floats. */
uint64_t ocrvl_sample_whole(const ocrvl_samples *s, const uint8_t *row, size_t i);

/* Takes sample i of a row into the range that is measured; what is no number is 0. */
void ocrvl_samples_measure(ocrvl_samples *s, const uint8_t *row, size_t i);

/* Settles the range by what was measured: writers of signed and floating samples fill it as they like. It is the
 * usual one that holds all samples (0 to 1, 255 or 65535, -1 to 1, what the bits can say), unless they fill less than
 * a sixteenth of it, or else their own. Unsigned samples that fill less than that have been given more bits than they
 * need: theirs is then what 1, 2, 4, 8, 10, 12, 14, 16 or 24 bits can say, the fewest that hold all. */
void ocrvl_samples_settle(ocrvl_samples *s);

/* Whether no more samples need be measured, as unsigned ones fill what the bits can say. */
bool ocrvl_samples_are_clear(const ocrvl_samples *s);

/* Sample i of a row in 8 bits: of unsigned ones that fill more bits the upper ones, of others the nearest step. */
uint8_t ocrvl_sample_byte(const ocrvl_samples *s, const uint8_t *row, size_t i);

#endif
