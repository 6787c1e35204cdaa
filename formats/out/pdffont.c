/* The maps of a PDF's invisible font, from its codes to glyphs and to code points. */
#include "out/pdfparts.h"

void ocrvl_put_pdf_glyph_map(ocrvl_buf *b, const ocrvl_pdf_codes *c)
{
    ocrvl_buf_put(b, "\0\0", 2);
    for (size_t i = 0; i < c->count; i++) /* never glyph 0, which PDF/A forbids to show */
        ocrvl_buf_put(b, ocrvl_text_is_zero_width(c->points[i]) ? "\0\2" : "\0\1", 2);
}

void ocrvl_put_pdf_widths(ocrvl_buf *b, const ocrvl_pdf_codes *c)
{
    ocrvl_buf_puts(b, "[");
    for (size_t i = 0; i < c->count; i++)
        if (ocrvl_text_is_zero_width(c->points[i]))
            ocrvl_buf_printf(b, " %zu [0]", i + 1);
    ocrvl_buf_puts(b, " ]");
}

void ocrvl_put_pdf_unicode_map(ocrvl_buf *b, const ocrvl_pdf_codes *c)
{
    ocrvl_buf_puts(
        b, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) "
           "/Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
           "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
    for (size_t i = 0; i < c->count; i++) {
        uint32_t p = c->points[i];
        if (i % 100 == 0)
            ocrvl_buf_printf(b, "%zu beginbfchar\n", c->count - i < 100 ? c->count - i : (size_t)100);
        if (p >= 0x10000)
            ocrvl_buf_printf(b, "<%04zX> <%04X%04X>\n", i + 1, 0xD800 + ((p - 0x10000) >> 10), 0xDC00 + (p & 0x3FF));
        else
            ocrvl_buf_printf(b, "<%04zX> <%04X>\n", i + 1, p);
        if (i % 100 == 99 || i + 1 == c->count)
            ocrvl_buf_puts(b, "endbfchar\n");
    }
    ocrvl_buf_puts(b, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
}
