#include "in/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "in/big_endian.h"
#include "in/pdf_contents.h"

struct ocrvl_scans {
    qpdf_data pdf;
    unsigned char *bytes; /* of the last image; allocated by qpdf with malloc */
};

ocrvl_scans *ocrvl_scans_open(const void *data, size_t len, const char *password)
{
    ocrvl_scans *s = ocrvl_alloc(sizeof *s);
    if (!s)
        return NULL;
    s->pdf = ocrvl_pdf_objects_open(data, len, password);
    if (ocrvl_pdf_objects_check(s->pdf, NULL)) {
        ocrvl_scans_free(s);
        return NULL;
    }
    return s;
}

void ocrvl_scans_free(ocrvl_scans *s)
{
    if (!s)
        return;
    free(s->bytes);
    ocrvl_pdf_objects_close(&s->pdf);
    ocrvl_free(s);
}

static qpdf_oh key(qpdf_data pdf, qpdf_oh o, const char *name) { return qpdf_oh_get_key_if_dict(pdf, o, name); }

static bool is_null(qpdf_data pdf, qpdf_oh dict, const char *name)
{
    return qpdf_oh_is_null(pdf, key(pdf, dict, name));
}

static bool is_name(qpdf_data pdf, qpdf_oh dict, const char *name, const char *value)
{
    return qpdf_oh_is_name_and_equals(pdf, key(pdf, dict, name), value);
}

static long long number(qpdf_data pdf, qpdf_oh dict, const char *name, long long otherwise)
{
    qpdf_oh n = key(pdf, dict, name);
    return qpdf_oh_is_integer(pdf, n) ? qpdf_oh_get_int_value(pdf, n) : otherwise;
}

/* The only object that the page can show; *found is false if there are several, or none. */
static qpdf_oh only_object(qpdf_data pdf, uint64_t index, bool *found)
{
    qpdf_oh page = qpdf_get_page_n(pdf, (size_t)index);
    qpdf_oh objects = key(pdf, ocrvl_pdf_objects_inherited(pdf, page, "/Resources"), "/XObject"), only = objects;
    int count = 0;
    if (qpdf_oh_is_dictionary(pdf, objects))
        for (qpdf_oh_begin_dict_key_iter(pdf, objects); qpdf_oh_dict_more_keys(pdf); count++)
            only = qpdf_oh_get_key(pdf, objects, qpdf_oh_dict_next_key(pdf));
    *found = count == 1 && qpdf_oh_is_stream(pdf, only);
    return only;
}

/* 1 or 3 colours whose values mean what they do in a device's colour space; 0 for other colour spaces. */
static int colours(qpdf_data pdf, qpdf_oh dict)
{
    qpdf_oh space = key(pdf, dict, "/ColorSpace");
    if (qpdf_oh_is_name_and_equals(pdf, space, "/DeviceGray"))
        return 1;
    if (qpdf_oh_is_name_and_equals(pdf, space, "/DeviceRGB"))
        return 3;
    if (!qpdf_oh_is_array(pdf, space) || qpdf_oh_get_array_n_items(pdf, space) != 2 ||
        !qpdf_oh_is_name_and_equals(pdf, qpdf_oh_get_array_item(pdf, space, 0), "/ICCBased"))
        return 0;
    qpdf_oh profile = qpdf_oh_get_array_item(pdf, space, 1);
    long long n = qpdf_oh_is_stream(pdf, profile) ? number(pdf, qpdf_oh_get_dict(pdf, profile), "/N", 0) : 0;
    return n == 1 || n == 3 ? (int)n : 0;
}

static const char *fax_type(qpdf_data pdf, qpdf_oh dict, uint32_t width, uint32_t height)
{
    qpdf_oh parms = key(pdf, dict, "/DecodeParms");
    qpdf_oh align = key(pdf, parms, "/EncodedByteAlign"), black = key(pdf, parms, "/BlackIs1");
    if (number(pdf, parms, "/K", 0) >= 0 || number(pdf, parms, "/Columns", 1728) != width ||
        number(pdf, parms, "/Rows", height) != height || colours(pdf, dict) != 1 ||
        number(pdf, dict, "/BitsPerComponent", 1) != 1 ||
        (qpdf_oh_is_bool(pdf, align) && qpdf_oh_get_bool_value(pdf, align)))
        return NULL;
    return qpdf_oh_is_bool(pdf, black) && qpdf_oh_get_bool_value(pdf, black) ? "image/g4-negative" : "image/g4";
}

/* Whether the JP2 data themselves say that they are grey or sRGB with 8 bits and of this size, without a palette: boxes
 * of ISO 15444-1, annex I. */
static bool is_plain_jp2(const uint8_t *p, size_t n, uint32_t width, uint32_t height)
{
    unsigned channels = 0, space = 0;
    for (size_t at = 0; n - at >= 8;) {
        size_t len = ocrvl_big_endian32(p + at), body = at + 8;
        if (memcmp(p + at + 4, "jp2h", 4) == 0) { /* a box that contains boxes */
            at = body;
            continue;
        }
        if (len < 8 || len > n - at)
            break; /* the code stream, which may extend to the end */
        if (memcmp(p + at + 4, "ihdr", 4) == 0 && len >= 22) {
            if (ocrvl_big_endian32(p + body) != height || ocrvl_big_endian32(p + body + 4) != width ||
                p[body + 10] != 7)
                return false;
            channels = (unsigned)p[body + 8] << 8 | p[body + 9];
        } else if (memcmp(p + at + 4, "colr", 4) == 0) {
            if (space || len < 15 || p[body] != 1)
                return false;
            space = ocrvl_big_endian32(p + body + 3);
        } else if (memcmp(p + at + 4, "pclr", 4) == 0 || memcmp(p + at + 4, "cdef", 4) == 0) {
            return false;
        }
        at += len;
    }
    return (channels == 1 && space == 17) || (channels == 3 && space == 16);
}

void ocrvl_scans_take(ocrvl_scans *s, uint64_t index, uint32_t width, uint32_t height, ocrvl_page_place *place)
{
    qpdf_data pdf = s->pdf;
    bool found;
    size_t len = 0;
    qpdf_oh image = only_object(pdf, index, &found);
    qpdf_oh dict = found ? qpdf_oh_get_dict(pdf, image) : image;
    const char *type = NULL;
    bool jp2 = false;
    free(s->bytes);
    s->bytes = NULL;
    if (found && is_name(pdf, dict, "/Subtype", "/Image") && number(pdf, dict, "/Width", 0) == width &&
        number(pdf, dict, "/Height", 0) == height && is_null(pdf, dict, "/Mask") && is_null(pdf, dict, "/SMask") &&
        is_null(pdf, dict, "/ImageMask") && is_null(pdf, dict, "/Decode") &&
        number(pdf, dict, "/SMaskInData", 0) == 0) {
        if (is_name(pdf, dict, "/Filter", "/DCTDecode") && colours(pdf, dict) && is_null(pdf, dict, "/DecodeParms"))
            type = "image/jpeg";
        else if (is_name(pdf, dict, "/Filter", "/CCITTFaxDecode"))
            type = fax_type(pdf, dict, width, height);
        else if (is_name(pdf, dict, "/Filter", "/JPXDecode"))
            jp2 = is_null(pdf, dict, "/ColorSpace") || colours(pdf, dict);
    }
    if ((type || jp2) && !(qpdf_oh_get_stream_data(pdf, image, qpdf_dl_none, NULL, &s->bytes, &len) & QPDF_ERRORS)) {
        if (jp2 && is_plain_jp2(s->bytes, len, width, height))
            type = "image/jp2";
        place->original = type ? s->bytes : NULL;
        place->original_len = type ? len : 0;
        place->original_type = type;
    }
    qpdf_oh_release_all(pdf);
}
