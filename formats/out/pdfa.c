#include "out/pdfa.h"

#include <stdlib.h>
#include <string.h>

#include "base/content_tokens.h"

enum { DEEP = 16, PARENTS = 200, MOST_WHY = 400, MOST_OBJECTS = 20000, MOST_CONTENT = 16 << 20 };

typedef struct check {
    qpdf_data pdf;
    ocrvl_pdfa part;
    ocrvl_buf *why;
    ocrvl_buf seen; /* numbers of objects that were looked at */
    int deep;
} check;

/* ---- tools ------------------------------------------------------------------------------------------- */

/* Notes a fault, once. */
static void fault(check *c, const char *text, const char *name)
{
    ocrvl_buf b = {0};
    ocrvl_buf_printf(&b, "%s%.60s", text, name ? name : "");
    if (b.data && c->why->len < MOST_WHY && !(c->why->data && strstr(c->why->data, b.data)))
        ocrvl_buf_printf(c->why, "%s%s", c->why->len ? "; " : "", b.data);
    c->why->failed |= b.failed;
    ocrvl_buf_free(&b);
}

static qpdf_oh key_of(const check *c, qpdf_oh dict, const char *key)
{
    return qpdf_oh_get_key_if_dict(c->pdf, dict, key);
}

static bool has(const check *c, qpdf_oh dict, const char *key)
{
    return !qpdf_oh_is_null(c->pdf, key_of(c, dict, key));
}

static bool is(const check *c, qpdf_oh o, const char *name) { return qpdf_oh_is_name_and_equals(c->pdf, o, name); }

static double number_of(const check *c, qpdf_oh dict, const char *key, double otherwise)
{
    qpdf_oh o = key_of(c, dict, key);
    return qpdf_oh_is_number(c->pdf, o) ? qpdf_oh_get_numeric_value(c->pdf, o) : otherwise;
}

/* Whether an object is met for the first time; those that are no objects of their own always are. */
static bool is_new(check *c, qpdf_oh o)
{
    int id = qpdf_oh_get_object_id(c->pdf, o);
    if (id <= 0)
        return true;
    for (size_t i = 0; i + sizeof id <= c->seen.len; i += sizeof id)
        if (memcmp(c->seen.data + i, &id, sizeof id) == 0)
            return false;
    ocrvl_buf_put(&c->seen, &id, sizeof id);
    return c->seen.len / sizeof id < MOST_OBJECTS;
}

/* Calls `look` with each entry's value. */
static void each(check *c, qpdf_oh dict, void (*look)(check *c, qpdf_oh value))
{
    ocrvl_buf keys = {0}; /* the API has a single iterator */
    if (!qpdf_oh_is_dictionary(c->pdf, dict))
        return;
    for (qpdf_oh_begin_dict_key_iter(c->pdf, dict); qpdf_oh_dict_more_keys(c->pdf);) {
        const char *key = qpdf_oh_dict_next_key(c->pdf);
        ocrvl_buf_put(&keys, key, strlen(key) + 1);
    }
    for (size_t i = 0; i < keys.len && !keys.failed; i += strlen(keys.data + i) + 1)
        look(c, qpdf_oh_get_key(c->pdf, dict, keys.data + i));
    c->why->failed |= keys.failed;
    ocrvl_buf_free(&keys);
}

/* ---- colours and states ------------------------------------------------------------------------------ */

static void look_at_colour(check *c, qpdf_oh cs)
{
    qpdf_data pdf = c->pdf;
    if (is(c, cs, "/DeviceCMYK") || is(c, cs, "/CMYK")) {
        fault(c, "DeviceCMYK colours without a profile", NULL);
        return;
    }
    if (!qpdf_oh_is_array(pdf, cs) || qpdf_oh_get_array_n_items(pdf, cs) < 2 || ++c->deep > DEEP)
        return;
    qpdf_oh kind = qpdf_oh_get_array_item(pdf, cs, 0);
    if (is(c, kind, "/Indexed") || is(c, kind, "/I") || is(c, kind, "/Pattern"))
        look_at_colour(c, qpdf_oh_get_array_item(pdf, cs, 1));
    else if ((is(c, kind, "/Separation") || is(c, kind, "/DeviceN")) && qpdf_oh_get_array_n_items(pdf, cs) > 2)
        look_at_colour(c, qpdf_oh_get_array_item(pdf, cs, 2));
    c->deep--;
}

static bool is_plain_blend(const check *c, qpdf_oh mode)
{
    return qpdf_oh_is_null(c->pdf, mode) || is(c, mode, "/Normal") || is(c, mode, "/Compatible");
}

static void look_at_font(check *c, qpdf_oh font);

static void look_at_state(check *c, qpdf_oh state)
{
    qpdf_oh mask = key_of(c, state, "/SMask"), transfer = key_of(c, state, "/TR2"), font = key_of(c, state, "/Font");
    bool clear = number_of(c, state, "/ca", 1) < 1 || number_of(c, state, "/CA", 1) < 1 ||
                 !is_plain_blend(c, key_of(c, state, "/BM")) ||
                 !(qpdf_oh_is_null(c->pdf, mask) || is(c, mask, "/None"));
    if (clear && c->part == OCRVL_PDFA_1B)
        fault(c, "transparency", NULL);
    if (has(c, state, "/TR") || !(qpdf_oh_is_null(c->pdf, transfer) || is(c, transfer, "/Default")))
        fault(c, "a transfer function", NULL);
    if (qpdf_oh_is_array(c->pdf, font) && qpdf_oh_get_array_n_items(c->pdf, font) > 0)
        look_at_font(c, qpdf_oh_get_array_item(c->pdf, font, 0));
}

/* ---- fonts ------------------------------------------------------------------------------------------- */

static void look_in(check *c, qpdf_oh resources);

static bool is_subset(const char *name) { return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 6 && name[6] == '+'; }

static bool is_known_encoding(const check *c, qpdf_oh e)
{
    return is(c, e, "/WinAnsiEncoding") || is(c, e, "/MacRomanEncoding");
}

/* TrueType fonts of letters have one of two encodings, those of symbols none (6.3.7 of part 1, 6.2.11.6 of part 2). */
static void look_at_encoding(check *c, qpdf_oh font, qpdf_oh descriptor, const char *name)
{
    qpdf_oh e = key_of(c, font, "/Encoding");
    bool symbols = (int)number_of(c, descriptor, "/Flags", 0) & 4, dict = qpdf_oh_is_dictionary(c->pdf, e);
    if (symbols ? !qpdf_oh_is_null(c->pdf, e)
                : !(is_known_encoding(c, e) || (dict && is_known_encoding(c, key_of(c, e, "/BaseEncoding")))))
        fault(c, "an encoding that doesn't suit the font ", name);
    else if (!symbols && dict && has(c, e, "/Differences") && c->part == OCRVL_PDFA_1B)
        fault(c, "an encoding with differences for the font ", name);
}

static void look_at_program(check *c, qpdf_oh font, qpdf_oh own, bool composite)
{
    qpdf_oh d = key_of(c, own, "/FontDescriptor"), base = key_of(c, own, "/BaseFont"),
            three = key_of(c, d, "/FontFile3");
    const char *name = qpdf_oh_is_name(c->pdf, base) ? qpdf_oh_get_name(c->pdf, base) + 1 : "without a name";
    if (!has(c, d, "/FontFile") && !has(c, d, "/FontFile2") && !qpdf_oh_is_stream(c->pdf, three)) {
        fault(c, "a font isn't embedded: ", name);
        return;
    }
    if (is(c, key_of(c, font, "/Subtype"), "/TrueType"))
        look_at_encoding(c, font, d, name);
    if (composite && is(c, key_of(c, own, "/Subtype"), "/CIDFontType2") && !has(c, own, "/CIDToGIDMap"))
        qpdf_oh_replace_key(c->pdf, own, "/CIDToGIDMap", qpdf_oh_new_name(c->pdf, "/Identity"));
    if (c->part != OCRVL_PDFA_1B)
        return;
    if (qpdf_oh_is_stream(c->pdf, three) && is(c, key_of(c, qpdf_oh_get_dict(c->pdf, three), "/Subtype"), "/OpenType"))
        fault(c, "an OpenType font: ", name);
    if (is_subset(name) && composite && !has(c, d, "/CIDSet"))
        fault(c, "no list of the characters in the font ", name);
    if (is_subset(name) && is(c, key_of(c, font, "/Subtype"), "/Type1") && !has(c, d, "/CharSet"))
        fault(c, "no list of the characters in the font ", name);
}

static void look_at_font(check *c, qpdf_oh font)
{
    qpdf_oh kind = key_of(c, font, "/Subtype"), kids = key_of(c, font, "/DescendantFonts");
    if (!qpdf_oh_is_dictionary(c->pdf, font)) {
        fault(c, "a font that is missing", NULL);
        return;
    }
    if (!is_new(c, font))
        return;
    if (is(c, kind, "/Type3")) {
        look_in(c, key_of(c, font, "/Resources"));
    } else if (is(c, kind, "/Type0")) {
        bool one = qpdf_oh_is_array(c->pdf, kids) && qpdf_oh_get_array_n_items(c->pdf, kids) == 1;
        look_at_program(c, font, one ? qpdf_oh_get_array_item(c->pdf, kids, 0) : qpdf_oh_new_null(c->pdf), true);
    } else {
        look_at_program(c, font, font, false);
    }
}

/* ---- content ----------------------------------------------------------------------------------------- */

/* Inline pictures are packed in no other way than pictures are, and colours told in no other space. */
static void look_at_inline(check *c, const ocrvl_content_tokens *s, ocrvl_content_token t)
{
    char name[OCRVL_TOKEN_NAME];
    if (!ocrvl_token_name(s, t, name))
        return;
    if (strcmp(name, "/LZW") == 0 || strcmp(name, "/LZWDecode") == 0)
        fault(c, "a picture compressed by LZW", NULL);
    else if (strcmp(name, "/CMYK") == 0 || strcmp(name, "/DeviceCMYK") == 0)
        fault(c, "DeviceCMYK colours without a profile", NULL);
}

static void look_at_operators(check *c, const uint8_t *data, size_t len)
{
    ocrvl_content_tokens s = {data, len, 0};
    ocrvl_content_token t, last = {0, 0};
    bool image = false;
    while (ocrvl_tokens_next(&s, &t)) {
        if (ocrvl_token_is_operand(&s, t)) {
            if (image)
                look_at_inline(c, &s, t);
            last = t;
            continue;
        }
        image = ocrvl_token_is(&s, t, "BI") || (image && !ocrvl_token_is(&s, t, "ID"));
        if (ocrvl_token_is(&s, t, "k") || ocrvl_token_is(&s, t, "K"))
            fault(c, "DeviceCMYK colours without a profile", NULL);
        else if (ocrvl_token_is(&s, t, "cs") || ocrvl_token_is(&s, t, "CS"))
            look_at_inline(c, &s, last);
        else if (ocrvl_token_is(&s, t, "ID") && !ocrvl_tokens_skip_image(&s))
            return;
    }
}

/* Looks at a stream of content; one that can't be told anything of is a fault. */
static void look_at_content(check *c, qpdf_oh stream)
{
    unsigned char *data = NULL;
    size_t len = 0;
    QPDF_BOOL filtered = QPDF_FALSE;
    if (!qpdf_oh_is_stream(c->pdf, stream))
        return;
    bool fine =
        !(qpdf_oh_get_stream_data(c->pdf, stream, qpdf_dl_none, NULL, &data, &len) & QPDF_ERRORS) && len < MOST_CONTENT;
    free(data);
    data = NULL;
    fine = fine &&
           !(qpdf_oh_get_stream_data(c->pdf, stream, qpdf_dl_generalized, &filtered, &data, &len) & QPDF_ERRORS) &&
           filtered;
    if (fine)
        look_at_operators(c, data, len);
    else
        fault(c, "content that can't be decoded", NULL);
    free(data);
}

static void look_at_picture(check *c, qpdf_oh dict)
{
    qpdf_oh filter = key_of(c, dict, "/Filter");
    if (qpdf_oh_is_array(c->pdf, filter) && qpdf_oh_get_array_n_items(c->pdf, filter) > 0)
        filter = qpdf_oh_get_array_item(c->pdf, filter, qpdf_oh_get_array_n_items(c->pdf, filter) - 1);
    if (is(c, filter, "/JPXDecode") && c->part == OCRVL_PDFA_1B)
        fault(c, "a JPEG 2000 picture", NULL);
    if ((has(c, dict, "/SMask") || number_of(c, dict, "/SMaskInData", 0) > 0) && c->part == OCRVL_PDFA_1B)
        fault(c, "transparency", NULL);
    if (number_of(c, dict, "/BitsPerComponent", 8) > 8 && c->part == OCRVL_PDFA_1B)
        fault(c, "a picture with 16 bits a component", NULL);
    if (has(c, dict, "/OPI"))
        fault(c, "a picture that is to be replaced by another file", NULL);
    if (has(c, dict, "/Interpolate"))
        qpdf_oh_replace_key(c->pdf, dict, "/Interpolate", qpdf_oh_new_bool(c->pdf, QPDF_FALSE));
    if (has(c, dict, "/Alternates"))
        qpdf_oh_remove_key(c->pdf, dict, "/Alternates");
    look_at_colour(c, key_of(c, dict, "/ColorSpace"));
    qpdf_oh mask = key_of(c, dict, "/SMask");
    if (qpdf_oh_is_stream(c->pdf, mask) && has(c, qpdf_oh_get_dict(c->pdf, mask), "/Interpolate"))
        qpdf_oh_replace_key(c->pdf, qpdf_oh_get_dict(c->pdf, mask), "/Interpolate",
                            qpdf_oh_new_bool(c->pdf, QPDF_FALSE));
}

/* Looks at a form, or another stream of content with resources. */
static void look_at_form(check *c, qpdf_oh form)
{
    qpdf_oh dict = qpdf_oh_get_dict(c->pdf, form);
    if (has(c, dict, "/Ref") || has(c, dict, "/OPI"))
        fault(c, "content that is to be replaced by another file", NULL);
    if (has(c, dict, "/PS") || is(c, key_of(c, dict, "/Subtype2"), "/PS"))
        fault(c, "PostScript", NULL);
    if (is(c, key_of(c, key_of(c, dict, "/Group"), "/S"), "/Transparency") && c->part == OCRVL_PDFA_1B)
        fault(c, "transparency", NULL);
    look_at_content(c, form);
    look_in(c, key_of(c, dict, "/Resources"));
}

static void look_at_object(check *c, qpdf_oh o)
{
    if (!qpdf_oh_is_stream(c->pdf, o) || !is_new(c, o))
        return;
    qpdf_oh dict = qpdf_oh_get_dict(c->pdf, o), kind = key_of(c, dict, "/Subtype");
    if (has(c, dict, "/F"))
        fault(c, "data in another file", NULL);
    if (is(c, kind, "/Image"))
        look_at_picture(c, dict);
    else if (is(c, kind, "/Form"))
        look_at_form(c, o);
    else
        fault(c, "PostScript", NULL);
}

static void look_at_shading(check *c, qpdf_oh s)
{
    look_at_colour(c, key_of(c, qpdf_oh_is_stream(c->pdf, s) ? qpdf_oh_get_dict(c->pdf, s) : s, "/ColorSpace"));
}

static void look_at_pattern(check *c, qpdf_oh p)
{
    if (!is_new(c, p))
        return;
    if (qpdf_oh_is_stream(c->pdf, p))
        look_at_form(c, p);
    else
        look_at_shading(c, key_of(c, p, "/Shading"));
}

static void look_in(check *c, qpdf_oh resources)
{
    if (c->deep >= DEEP)
        fault(c, "forms that are nested too deeply to be checked", NULL);
    if (c->deep >= DEEP || !qpdf_oh_is_dictionary(c->pdf, resources))
        return;
    c->deep++;
    each(c, key_of(c, resources, "/Font"), look_at_font);
    each(c, key_of(c, resources, "/XObject"), look_at_object);
    each(c, key_of(c, resources, "/ExtGState"), look_at_state);
    each(c, key_of(c, resources, "/ColorSpace"), look_at_colour);
    each(c, key_of(c, resources, "/Pattern"), look_at_pattern);
    each(c, key_of(c, resources, "/Shading"), look_at_shading);
    c->deep--;
}

/* ---- annotations ------------------------------------------------------------------------------------- */

static bool is_one_of(const check *c, qpdf_oh name, const char *const *names)
{
    for (; *names; names++)
        if (is(c, name, *names))
            return true;
    return false;
}

/* Takes away what runs something. */
static void drop_actions(check *c, qpdf_oh dict, const char *key)
{
    static const char *const harmless[] = {"/GoTo", "/GoToR", "/Thread", "/URI", "/SubmitForm", NULL};
    static const char *const turns[] = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage", NULL};
    qpdf_oh a = key_of(c, dict, key), kind = key_of(c, a, "/S");
    bool named = is(c, kind, "/Named") && is_one_of(c, key_of(c, a, "/N"), turns);
    if (qpdf_oh_is_dictionary(c->pdf, a) && !named && !is_one_of(c, kind, harmless))
        qpdf_oh_remove_key(c->pdf, dict, key);
    else if (has(c, a, "/Next"))
        qpdf_oh_remove_key(c->pdf, a, "/Next");
    if (has(c, dict, "/AA"))
        qpdf_oh_remove_key(c->pdf, dict, "/AA");
}

/* One appearance is all that there may be; the one that a widget's state names is a choice of several. */
static void look_at_appearance(check *c, qpdf_oh annotation, bool needed)
{
    qpdf_oh all = key_of(c, annotation, "/AP"), n = key_of(c, all, "/N");
    if (has(c, all, "/D"))
        qpdf_oh_remove_key(c->pdf, all, "/D");
    if (has(c, all, "/R"))
        qpdf_oh_remove_key(c->pdf, all, "/R");
    if (needed && !qpdf_oh_is_stream(c->pdf, n) && !qpdf_oh_is_dictionary(c->pdf, n))
        fault(c, "an annotation without an appearance", NULL);
    if (qpdf_oh_is_stream(c->pdf, n))
        look_at_object(c, n);
    else
        each(c, n, look_at_object);
}

static void look_at_annotation(check *c, qpdf_oh a)
{
    static const char *const refused[] = {"/Sound", "/Movie", "/Screen", "/3D", "/RichMedia", "/FileAttachment", NULL};
    qpdf_oh kind = key_of(c, a, "/Subtype");
    enum { INVISIBLE = 1, HIDDEN = 2, PRINT = 4, NO_VIEW = 32, TOGGLE = 256 };
    if (!qpdf_oh_is_dictionary(c->pdf, a))
        return;
    if (is_one_of(c, kind, refused))
        fault(c, "an annotation of a kind that PDF/A doesn't allow: ", qpdf_oh_get_name(c->pdf, kind) + 1);
    int flags = (int)number_of(c, a, "/F", 0);
    bool popup = is(c, kind, "/Popup"), link = is(c, kind, "/Link");
    if (!popup && flags & (INVISIBLE | HIDDEN | NO_VIEW | TOGGLE))
        fault(c, "an annotation that is hidden", NULL);
    else if (!popup)
        qpdf_oh_replace_key(c->pdf, a, "/F", qpdf_oh_new_integer(c->pdf, flags | PRINT));
    if (number_of(c, a, "/CA", 1) < 1 && c->part == OCRVL_PDFA_1B)
        fault(c, "transparency", NULL);
    drop_actions(c, a, "/A");
    look_at_appearance(c, a, !popup && !link);
}

/* ---- page and document ------------------------------------------------------------------------------- */

qpdf_oh ocrvl_pdfa_inherited(qpdf_data pdf, qpdf_oh page, const char *key)
{
    for (int i = 0; i < PARENTS && qpdf_oh_is_dictionary(pdf, page); i++) {
        if (qpdf_oh_has_key(pdf, page, key))
            return qpdf_oh_get_key(pdf, page, key);
        page = qpdf_oh_get_key(pdf, page, "/Parent");
    }
    return qpdf_oh_new_null(pdf);
}

bool ocrvl_pdfa_lacked_memory(qpdf_data pdf)
{
    bool lacked = false;
    while (qpdf_more_warnings(pdf))
        lacked |= strstr(qpdf_get_error_full_text(pdf, qpdf_next_warning(pdf)), "bad_alloc") != NULL;
    return lacked;
}

static void end(check *c)
{
    c->why->failed |= c->seen.failed;
    ocrvl_buf_free(&c->seen);
    qpdf_oh_release_all(c->pdf);
    c->why->failed |= ocrvl_pdfa_lacked_memory(c->pdf);
}

void ocrvl_pdfa_page(qpdf_data pdf, size_t index, ocrvl_pdfa part, ocrvl_buf *why)
{
    check c = {.pdf = pdf, .part = part, .why = why};
    qpdf_oh page = qpdf_get_page_n(pdf, index), contents = qpdf_oh_get_key_if_dict(pdf, page, "/Contents"),
            annotations = qpdf_oh_get_key_if_dict(pdf, page, "/Annots");
    bool many = qpdf_oh_is_array(pdf, contents);
    for (int i = 0, n = many ? qpdf_oh_get_array_n_items(pdf, contents) : 1; i < n; i++)
        look_at_content(&c, many ? qpdf_oh_get_array_item(pdf, contents, i) : contents);
    look_in(&c, ocrvl_pdfa_inherited(pdf, page, "/Resources"));
    for (int i = 0, n = qpdf_oh_is_array(pdf, annotations) ? qpdf_oh_get_array_n_items(pdf, annotations) : 0; i < n;
         i++)
        look_at_annotation(&c, qpdf_oh_get_array_item(pdf, annotations, i));
    look_at_colour(&c, key_of(&c, key_of(&c, page, "/Group"), "/CS"));
    if (part == OCRVL_PDFA_1B && !why->len && has(&c, page, "/Group"))
        qpdf_oh_remove_key(pdf, page, "/Group"); /* nothing on it is transparent */
    if (has(&c, page, "/AA"))
        qpdf_oh_remove_key(pdf, page, "/AA");
    if (has(&c, page, "/PresSteps"))
        qpdf_oh_remove_key(pdf, page, "/PresSteps");
    end(&c);
}

static void look_at_field(check *c, qpdf_oh field)
{
    drop_actions(c, field, "/A");
    qpdf_oh kids = key_of(c, field, "/Kids");
    int n = qpdf_oh_is_array(c->pdf, kids) && c->deep < DEEP ? qpdf_oh_get_array_n_items(c->pdf, kids) : 0;
    c->deep++;
    for (int i = 0; i < n; i++) {
        qpdf_oh kid = qpdf_oh_get_array_item(c->pdf, kids, i);
        if (is_new(c, kid))
            look_at_field(c, kid);
    }
    c->deep--;
}

static void look_at_forms(check *c, qpdf_oh form)
{
    qpdf_oh fields = key_of(c, form, "/Fields");
    if (has(c, form, "/XFA"))
        qpdf_oh_remove_key(c->pdf, form, "/XFA");
    if (has(c, form, "/NeedAppearances"))
        qpdf_oh_remove_key(c->pdf, form, "/NeedAppearances");
    for (int i = 0, n = qpdf_oh_is_array(c->pdf, fields) ? qpdf_oh_get_array_n_items(c->pdf, fields) : 0; i < n; i++)
        look_at_field(c, qpdf_oh_get_array_item(c->pdf, fields, i));
    look_in(c, key_of(c, form, "/DR"));
}

static void look_at_layers(check *c, qpdf_oh layers)
{
    qpdf_oh usual = key_of(c, layers, "/D");
    if (qpdf_oh_is_null(c->pdf, layers))
        return;
    if (c->part == OCRVL_PDFA_1B)
        fault(c, "layers", NULL);
    else if (has(c, layers, "/Configs"))
        fault(c, "layers with more than one configuration", NULL);
    if (!has(c, usual, "/Name") && qpdf_oh_is_dictionary(c->pdf, usual))
        qpdf_oh_replace_key(c->pdf, usual, "/Name", qpdf_oh_new_string(c->pdf, "Default"));
    if (has(c, usual, "/AS"))
        qpdf_oh_remove_key(c->pdf, usual, "/AS");
}

void ocrvl_pdfa_document(qpdf_data pdf, ocrvl_pdfa part, ocrvl_buf *why)
{
    static const char *const needless[] = {"/AA", "/Requirements", "/Perms", "/Version", NULL};
    check c = {.pdf = pdf, .part = part, .why = why};
    qpdf_oh root = qpdf_get_root(pdf), names = key_of(&c, root, "/Names");
    for (const char *const *key = needless; *key; key++)
        if (has(&c, root, *key))
            qpdf_oh_remove_key(pdf, root, *key);
    drop_actions(&c, root, "/OpenAction");
    if (has(&c, names, "/JavaScript"))
        qpdf_oh_remove_key(pdf, names, "/JavaScript");
    if (has(&c, names, "/EmbeddedFiles") || has(&c, root, "/AF"))
        fault(&c, "attached files", NULL);
    if (has(&c, root, "/NeedsRendering"))
        fault(&c, "a form whose pages a program has to draw", NULL);
    look_at_forms(&c, key_of(&c, root, "/AcroForm"));
    look_at_layers(&c, key_of(&c, root, "/OCProperties"));
    end(&c);
}

void ocrvl_pdfa_add(qpdf_data pdf, const ocrvl_pdfa_parts *p)
{
    static const char intent[] = "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) "
                                 "/Info (sRGB IEC61966-2.1) >>";
    qpdf_oh root = qpdf_get_root(pdf), none = qpdf_oh_new_null(pdf);
    qpdf_oh metadata = qpdf_oh_new_stream(pdf), dict = qpdf_oh_get_dict(pdf, metadata);
    qpdf_oh_replace_stream_data(pdf, metadata, (const unsigned char *)p->xmp->data, p->xmp->len, none, none);
    qpdf_oh_replace_key(pdf, dict, "/Type", qpdf_oh_new_name(pdf, "/Metadata"));
    qpdf_oh_replace_key(pdf, dict, "/Subtype", qpdf_oh_new_name(pdf, "/XML"));
    qpdf_oh_replace_key(pdf, root, "/Metadata", metadata);
    qpdf_oh profile = qpdf_oh_new_stream(pdf);
    qpdf_oh_replace_stream_data(pdf, profile, (const unsigned char *)p->profile->data, p->profile->len,
                                qpdf_oh_new_name(pdf, "/FlateDecode"), none);
    qpdf_oh_replace_key(pdf, qpdf_oh_get_dict(pdf, profile), "/N", qpdf_oh_new_integer(pdf, 3));
    qpdf_oh out = qpdf_make_indirect_object(pdf, qpdf_oh_parse(pdf, intent));
    qpdf_oh_replace_key(pdf, out, "/DestOutputProfile", profile);
    qpdf_oh_replace_key(pdf, root, "/OutputIntents", qpdf_oh_wrap_in_array(pdf, out));
    qpdf_oh_replace_key(pdf, qpdf_get_trailer(pdf), "/Info",
                        qpdf_make_indirect_object(pdf, qpdf_oh_parse(pdf, p->information->data)));
    if (p->language && qpdf_oh_is_null(pdf, qpdf_oh_get_key(pdf, root, "/Lang")))
        qpdf_oh_replace_key(pdf, root, "/Lang", qpdf_oh_new_string(pdf, p->language));
    qpdf_oh_release_all(pdf);
}
