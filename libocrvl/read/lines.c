#include "read/lines.h"

#include "base/mem.h"

void ocrvl_readings_free(ocrvl_reading *r, size_t count)
{
    for (size_t i = 0; r && i < count; i++)
        ocrvl_transcript_free(&r[i].transcript);
    ocrvl_free(r);
}

void ocrvl_lines_expect_nothing(ocrvl_lines *l)
{
    for (size_t i = 0; l->expected && i < l->count; i++)
        ocrvl_ids_free(&l->expected[i]);
    ocrvl_free(l->expected);
    l->expected = NULL;
}

void ocrvl_lines_free(ocrvl_lines *l)
{
    ocrvl_lines_expect_nothing(l);
    ocrvl_readings_free(l->readings, l->count);
    ocrvl_strips_free(l->strips, l->count);
    *l = (ocrvl_lines){0};
}
