/* By libqpdf, as poppler-glib doesn't tell it. */
#include "in/pdf_lang.h"

#include <string.h>

#include "in/pdf_contents.h"

#define MOST_BYTES (256u << 20) /* of a file that is looked at */

void ocrvl_pdf_language(char out[OCRVL_PDF_LANG_BYTES], const void *data, size_t len, const char *password)
{
    *out = '\0';
    if (!data || len > MOST_BYTES)
        return;
    qpdf_data pdf = qpdf_init();
    qpdf_silence_errors(pdf);
    qpdf_set_suppress_warnings(pdf, QPDF_TRUE);
    qpdf_set_attempt_recovery(pdf, QPDF_FALSE); /* a search through all of the file isn't worth it */
    if (!(qpdf_read_memory(pdf, "PDF", data, len, password) & QPDF_ERRORS)) {
        qpdf_oh lang = qpdf_oh_get_key_if_dict(pdf, qpdf_get_root(pdf), "/Lang");
        const char *text = qpdf_oh_is_string(pdf, lang) ? qpdf_oh_get_utf8_value(pdf, lang) : "";
        size_t n = text ? strlen(text) : 0;
        if (n < OCRVL_PDF_LANG_BYTES && !qpdf_has_error(pdf))
            memcpy(out, text ? text : "", n + 1);
    }
    ocrvl_pdf_objects_close(&pdf);
}
