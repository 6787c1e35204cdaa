/* Any bytes as Exif, alone and in the chunks and segments that hold it. */
#define FUZZ_CHANGES 60
#include "fuzz/fuzz.h"

#include "base/exif.h"
#include "sources.h"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED("Exif\0\0II*\0\10\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"),
    FUZZ_SEED(
        "Exif\0\0MM\0*\0\0\0\10\0\2\1\x12\0\3\0\0\0\1\0\3\0\0\1\x1A\0\5\0\0\0\1\0\0\0\x26\0\0\0\0\0\0\1\x2C\0\0\0\1"),
    FUZZ_SEED("MPF\0II*\0\10\0\0\0\1\0\2\xB0\7\0\x20\0\0\0\x1A\0\0\0\0\0\0\0"),
    {0}};

/* A JPEG's beginning with the bytes in a segment of that number: how far the file goes is told by them. */
static void in_jpeg(uint8_t marker, const uint8_t *data, size_t size)
{
    static const uint8_t rest[] = {0xFF, 0xDA, 0, 2, 1, 2, 3, 0xFF, 0xD9, 9, 9};
    bytes b = {0};
    uint8_t head[] = {0xFF, 0xD8, 0xFF, marker, (uint8_t)((size + 2) >> 8), (uint8_t)(size + 2)};
    bytes_put(&b, head, sizeof head);
    bytes_put(&b, data, size);
    bytes_put(&b, rest, sizeof rest);
    read_anything(b.data, b.len, NULL);
    bytes_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ocrvl_exif e = {.orientation = 1};
    ocrvl_exif_read(&e, data, size);
    must(e.orientation >= 1 && e.orientation <= 8);
    ocrvl_exif_read_tiff(&e, data, size);
    must(e.orientation >= 1 && e.orientation <= 8);
    if (size < 60000) {
        in_jpeg(0xE1, data, size);
        in_jpeg(0xE2, data, size);
    }
    return 0;
}
