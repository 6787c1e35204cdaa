#include "in/pdf_picture.h"

#include <string.h>

static qpdf_oh either(qpdf_data pdf, qpdf_oh dict, const char *key, const char *brief)
{
    return qpdf_oh_get_key(pdf, dict, qpdf_oh_has_key(pdf, dict, key) ? key : brief);
}

bool ocrvl_pdf_picture_is(qpdf_data pdf, qpdf_oh dict, const char *filter, const char *brief)
{
    qpdf_oh f = either(pdf, dict, "/Filter", "/F");
    if (qpdf_oh_is_array(pdf, f) && qpdf_oh_get_array_n_items(pdf, f) == 1)
        f = qpdf_oh_get_array_item(pdf, f, 0);
    return qpdf_oh_is_name_and_equals(pdf, f, filter) || qpdf_oh_is_name_and_equals(pdf, f, brief);
}

long long ocrvl_pdf_picture_number(qpdf_data pdf, qpdf_oh dict, const char *key, const char *brief, long long otherwise)
{
    qpdf_oh n = either(pdf, dict, key, brief);
    return qpdf_oh_is_integer(pdf, n) ? qpdf_oh_get_int_value(pdf, n) : otherwise;
}

static uint32_t channels_of_name(qpdf_data pdf, qpdf_oh name)
{
    static const struct {
        const char *name;
        uint32_t channels;
    } spaces[] = {{"/DeviceGray", 1}, {"/G", 1},       {"/CalGray", 1}, {"/DeviceRGB", 3},
                  {"/RGB", 3},        {"/CalRGB", 3},  {"/Lab", 3},     {"/CMYK", 4},
                  {"/DeviceCMYK", 4}, {"/Indexed", 1}, {"/I", 1},       {"/Separation", 1}};
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (qpdf_oh_is_name_and_equals(pdf, name, spaces[i].name))
            return spaces[i].channels;
    return 0;
}

uint32_t ocrvl_pdf_picture_channels(qpdf_data pdf, qpdf_oh dict)
{
    qpdf_oh space = either(pdf, dict, "/ColorSpace", "/CS"), mask = either(pdf, dict, "/ImageMask", "/IM");
    if (qpdf_oh_is_bool(pdf, mask) && qpdf_oh_get_bool_value(pdf, mask))
        return 1;
    if (qpdf_oh_is_name(pdf, space))
        return channels_of_name(pdf, space);
    if (!qpdf_oh_is_array(pdf, space) || qpdf_oh_get_array_n_items(pdf, space) < 2)
        return 0;
    qpdf_oh kind = qpdf_oh_get_array_item(pdf, space, 0), second = qpdf_oh_get_array_item(pdf, space, 1);
    if (qpdf_oh_is_name_and_equals(pdf, kind, "/ICCBased")) {
        qpdf_oh profile = qpdf_oh_is_stream(pdf, second) ? qpdf_oh_get_dict(pdf, second) : second;
        return (uint32_t)ocrvl_pdf_picture_number(pdf, profile, "/N", "/N", 0);
    }
    if (qpdf_oh_is_name_and_equals(pdf, kind, "/DeviceN"))
        return qpdf_oh_is_array(pdf, second) ? (uint32_t)qpdf_oh_get_array_n_items(pdf, second) : 0;
    return channels_of_name(pdf, kind);
}
