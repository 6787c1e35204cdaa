#include <stdlib.h>
#include <string.h>

#include "base/exif.h"
#include "base/mem.h"
#include "out/pdfparts.h"

/* ---- JPEG data without decoding ---------------------------------------------------------------------- */

typedef struct jpeg {
    uint32_t width, height, components, bits;
    ocrvl_exif exif;
} jpeg;

static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

/* Collects what a PDF must know of a JPEG. Returns false if a PDF can't contain it, or if anything is uncertain. */
static bool inspect(jpeg *j, const uint8_t *p, size_t n)
{
    *j = (jpeg){.exif = {.orientation = 1}};
    if (n < 4 || p[0] != 0xFF || p[1] != 0xD8 || p[n - 2] != 0xFF || p[n - 1] != 0xD9)
        return false;
    for (size_t i = 2; n - i >= 4 && p[i] == 0xFF;) {
        unsigned marker = p[i + 1];
        size_t len = get16(p + i + 2);
        if (marker == 0xFF) {
            i++;
            continue;
        }
        if (marker == 0xDA) /* the scan begins, so everything is known */
            return j->bits == 8 && (j->components == 1 || j->components == 3);
        if (len < 2 || len > n - i - 2)
            return false;
        if (marker == 0xE1)
            ocrvl_exif_read(&j->exif, p + i + 4, len - 2);
        if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
            if (marker > 0xC2 || len < 8) /* lossless or arithmetic coding, which PDF doesn't have */
                return false;
            j->bits = p[i + 4];
            j->height = get16(p + i + 5);
            j->width = get16(p + i + 7);
            j->components = p[i + 9];
        }
        i += 2 + len;
    }
    return false;
}

static bool pass_jpeg(ocrvl_pdf_image *out, const ocrvl_page_place *place)
{
    static const signed char matrices[9][6] = {{0},
                                               {1, 0, 0, 1, 0, 0},
                                               {-1, 0, 0, 1, 1, 0},
                                               {-1, 0, 0, -1, 1, 1},
                                               {1, 0, 0, -1, 0, 1},
                                               {0, -1, -1, 0, 1, 1},
                                               {0, -1, 1, 0, 0, 1},
                                               {0, 1, 1, 0, 0, 0},
                                               {0, 1, -1, 0, 1, 0}};
    jpeg j;
    if (!place->original || !place->original_type || strcmp(place->original_type, "image/jpeg") != 0 ||
        !inspect(&j, place->original, place->original_len))
        return false;
    if (strcmp(place->media_type, "application/pdf") == 0) /* EXIF doesn't rotate images inside a PDF */
        j.exif.orientation = 1;
    bool lies = j.exif.orientation >= 5;
    if ((lies ? j.height : j.width) != place->width || (lies ? j.width : j.height) != place->height)
        return false;
    for (int i = 0; i < 6; i++)
        out->matrix[i] = matrices[j.exif.orientation][i];
    ocrvl_buf_printf(&out->dictionary,
                     "/Width %u /Height %u /ColorSpace /Device%s /BitsPerComponent 8 /Filter /DCTDecode", j.width,
                     j.height, j.components == 1 ? "Gray" : "RGB");
    out->bytes = place->original;
    out->len = place->original_len;
    return true;
}

/* ---- fax data without decoding ----------------------------------------------------------------------- */

static bool pass_fax(ocrvl_pdf_image *out, const ocrvl_page_place *place)
{
    bool negative = place->original_type && strcmp(place->original_type, "image/g4-negative") == 0;
    if (!place->original || !place->original_type || (!negative && strcmp(place->original_type, "image/g4") != 0))
        return false;
    ocrvl_buf_printf(&out->dictionary,
                     "/Width %u /Height %u /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "
                     "/DecodeParms << /K -1 /Columns %u /Rows %u%s >>",
                     place->width, place->height, place->width, place->height, negative ? " /BlackIs1 true" : "");
    out->bytes = place->original;
    out->len = place->original_len;
    out->matrix[0] = out->matrix[3] = 1;
    return true;
}

static bool pass_jp2(ocrvl_pdf_image *out, const ocrvl_page_place *place)
{
    if (!place->original || !place->original_type || strcmp(place->original_type, "image/jp2") != 0)
        return false;
    ocrvl_buf_printf(&out->dictionary, "/Width %u /Height %u /Filter /JPXDecode", place->width, place->height);
    out->bytes = place->original;
    out->len = place->original_len;
    out->matrix[0] = out->matrix[3] = 1;
    return true;
}

/* ---- pixels ------------------------------------------------------------------------------------------ */

static bool black_and_white(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0 && p[i] != 255)
            return false;
    return true;
}

static void put_bits(ocrvl_buf *b, const uint8_t *p, uint32_t width, uint32_t height)
{
    size_t stride = (width + 7) / 8;
    for (uint32_t y = 0; y < height; y++, p += width) {
        char *row = ocrvl_buf_reserve(b, stride);
        if (!row)
            return;
        memset(row, 0, stride);
        for (uint32_t x = 0; x < width; x++)
            if (p[x])
                row[x / 8] |= (char)(0x80 >> x % 8);
        ocrvl_buf_grew(b, stride);
    }
}

static uint8_t paeth(int a, int b, int c)
{
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* Encodes a row by PNG's filter 1 (left), 2 (up) or 4 (Paeth); up is the row above, NULL for the first row. Returns the
 * sum by which filters are compared (PNG specification, 12.8). */
static uint64_t filter_row(uint8_t *out, int filter, const uint8_t *row, const uint8_t *up, size_t n, size_t step)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        int a = i >= step ? row[i - step] : 0, b = up ? up[i] : 0, c = up && i >= step ? up[i - step] : 0;
        out[i] = (uint8_t)(row[i] - (filter == 1 ? a : filter == 2 ? b : paeth(a, b, c)));
        sum += out[i] < 128 ? out[i] : 256u - out[i];
    }
    return sum;
}

/* Encodes every row with the filter that PNG's heuristic chooses. */
static void put_filtered(ocrvl_buf *b, const uint8_t *p, size_t row, uint32_t height, size_t step)
{
    static const int filters[] = {2, 1, 4};
    uint8_t *trial = ocrvl_alloc(row);
    for (uint32_t y = 0; y < height && trial; y++, p += row) {
        uint64_t best = UINT64_MAX;
        char *out = ocrvl_buf_reserve(b, row + 1);
        if (!out)
            break;
        for (size_t k = 0; k < sizeof filters / sizeof *filters; k++) {
            uint64_t sum = filter_row(trial, filters[k], p, y ? p - row : NULL, row, step);
            if (sum >= best)
                continue;
            best = sum;
            out[0] = (char)filters[k];
            memcpy(out + 1, trial, row);
        }
        ocrvl_buf_grew(b, row + 1);
    }
    b->failed |= !trial;
    ocrvl_free(trial);
}

static void put_pixels(ocrvl_pdf_image *out, const ocrvl_image *img)
{
    uint32_t w = ocrvl_image_width(img), h = ocrvl_image_height(img), channels = ocrvl_image_channels(img);
    const uint8_t *p = ocrvl_image_data(img);
    bool bits = channels == 1 && black_and_white(p, (size_t)w * h);
    ocrvl_buf plain = {0};
    ocrvl_buf_printf(&out->dictionary,
                     "/Width %u /Height %u /ColorSpace /Device%s /BitsPerComponent %d /Filter /FlateDecode", w, h,
                     channels == 1 ? "Gray" : "RGB", bits ? 1 : 8);
    if (bits) {
        put_bits(&plain, p, w, h);
    } else {
        ocrvl_buf_printf(&out->dictionary, " /DecodeParms << /Predictor 15 /Colors %u /Columns %u >>", channels, w);
        put_filtered(&plain, p, (size_t)w * channels, h, channels);
    }
    out->data.failed |= plain.failed;
    ocrvl_deflate(&out->data, plain.data, plain.len);
    ocrvl_buf_free(&plain);
    out->bytes = (const uint8_t *)out->data.data;
    out->len = out->data.len;
    out->matrix[0] = out->matrix[3] = 1;
}

void ocrvl_pdf_image_make(ocrvl_pdf_image *out, const ocrvl_page_place *place, bool jp2)
{
    memset(out, 0, sizeof *out);
    if (!pass_jpeg(out, place) && !pass_fax(out, place) && !(jp2 && pass_jp2(out, place)))
        put_pixels(out, place->image);
}

void ocrvl_pdf_image_free(ocrvl_pdf_image *i)
{
    ocrvl_buf_free(&i->dictionary);
    ocrvl_buf_free(&i->data);
}
