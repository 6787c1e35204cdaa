#include "in/pdf_recover.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "in/pdf_contents.h"

#define SKIPPED 1024             /* bytes in which every reader looks for the beginning */
#define FARTHEST (64u << 10)     /* those in which we do */
#define FOLLOWING 1000           /* bytes after the end within which every reader finds it */
#define MAX_OBJECT 8388607       /* PDF 1.7, annex C */
#define MAX_STREAMED (64u << 20) /* bytes of objects taken out of object streams */

static bool is_white(uint8_t c) { return c == 0 || c == 9 || c == 10 || c == 12 || c == 13 || c == 32; }

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static bool is_delimiter(uint8_t c) { return is_white(c) || (c && strchr("()<>[]{}/%", c)); }

static bool stands_at(const uint8_t *data, size_t len, size_t at, const char *word)
{
    size_t n = strlen(word);
    return at <= len && n <= len - at && memcmp(data + at, word, n) == 0;
}

/* The number that ends before `at`, and where it begins; false if there is none. */
static bool number_before(const uint8_t *data, size_t *at, uint64_t *v)
{
    size_t end = *at, from = end;
    while (from > 0 && is_digit(data[from - 1]) && end - from < 10)
        from--;
    *v = 0;
    for (size_t i = from; i < end; i++)
        *v = 10 * *v + (uint64_t)(data[i] - '0');
    *at = from;
    return from < end;
}

static bool white_before(const uint8_t *data, size_t *at)
{
    size_t end = *at;
    while (*at > 0 && is_white(data[*at - 1]) && end - *at < 10)
        (*at)--;
    return *at < end;
}

/* Whether an object's value may begin at `at`, or the file ends there: prose may have "1 0 obj" as well. */
static bool begins_value(const uint8_t *data, size_t len, size_t at)
{
    while (at < len && is_white(data[at]))
        at++;
    if (at == len)
        return true;
    if (data[at] == '<')
        return at + 1 == len || strchr("<>0123456789abcdefABCDEF", data[at + 1]);
    return strchr("([/%+-.0123456789", data[at]) || stands_at(data, len, at, "true") ||
           stands_at(data, len, at, "false") || stands_at(data, len, at, "null") || stands_at(data, len, at, "endobj");
}

/* Whether an object begins with the word obj at `at`; *number is its number and *start where that stands. */
static bool is_object(const uint8_t *data, size_t len, size_t at, uint64_t *number, size_t *start)
{
    uint64_t generation;
    size_t p = at;
    return stands_at(data, len, at, "obj") && (at + 3 == len || is_delimiter(data[at + 3])) && white_before(data, &p) &&
           number_before(data, &p, &generation) && white_before(data, &p) && number_before(data, &p, number) &&
           *number > 0 && *number <= MAX_OBJECT && begins_value(data, len, at + 3) && (*start = p, true);
}

/* ---- the beginning ----------------------------------------------------------------------------------- */

/* Whether a PDF's mark stands at `at`; far down, where it may be prose, it is a version's, and ends a line. */
static bool is_mark(const uint8_t *data, size_t len, size_t at)
{
    if (!stands_at(data, len, at, "%PDF-"))
        return false;
    return at < SKIPPED || (len - at > 8 && is_digit(data[at + 5]) && data[at + 6] == '.' && is_digit(data[at + 7]) &&
                            is_white(data[at + 8]) && data[at + 8] != ' ');
}

/* Whether the file begins as one that says to be PostScript as well, or with an object. */
static bool begins_otherwise(const uint8_t *data, size_t len)
{
    enum { LINE = 40 };
    uint64_t number;
    size_t start, at = 0;
    for (size_t i = 0; stands_at(data, len, 0, "%!PS-Adobe-") && i < LINE && i < len && data[i] != '\n'; i++)
        if (stands_at(data, len, i, " PDF-"))
            return true;
    while (at < len && at < LINE && (is_white(data[at]) || is_digit(data[at])))
        at++;
    return is_object(data, len, at, &number, &start);
}

bool ocrvl_pdf_begins(const uint8_t *data, size_t len, size_t *at)
{
    size_t n = len < FARTHEST ? len : FARTHEST, i = 0;
    while (i < n && !is_mark(data, len, i))
        i++;
    if (at)
        *at = i < n && i + 5 > SKIPPED ? i : 0;
    return i < n || begins_otherwise(data, len);
}

/* ---- objects ----------------------------------------------------------------------------------------- */

/* Where the next object after `from` begins, at the word obj; len if there is none. */
static size_t next_object(const uint8_t *data, size_t len, size_t from, uint64_t *number)
{
    size_t start;
    for (const uint8_t *p; from < len && (p = memchr(data + from, 'o', len - from)); from = (size_t)(p - data) + 1)
        if (is_object(data, len, (size_t)(p - data), number, &start) && start >= 1)
            return (size_t)(p - data);
    return len;
}

/* ---- the end ----------------------------------------------------------------------------------------- */

/* Where the last such word begins; len if there is none. */
static size_t last_word(const uint8_t *data, size_t len, const char *word)
{
    for (size_t i = len; i-- > 0;)
        if (data[i] == (uint8_t)word[0] && stands_at(data, len, i, word))
            return i;
    return len;
}

/* Whether the file ends between objects, or in the table that follows them. */
static bool ends_whole(const uint8_t *data, size_t len)
{
    uint64_t number;
    size_t last = last_word(data, len, "endobj");
    return last < len && next_object(data, len, last + 6, &number) == len &&
           !stands_at(data, len, len - (len < 6 ? len : 6), "stream");
}

/* Whether it ends within the data of a stream. */
static bool ends_within_stream(const uint8_t *data, size_t len)
{
    size_t begin = last_word(data, len, "stream"), end = last_word(data, len, "endobj");
    bool is_end = begin >= 3 && begin < len && stands_at(data, len, begin - 3, "endstream");
    return begin < len && !is_end && (end == len || end < begin);
}

ocrvl_pdf_end ocrvl_pdf_find_end(const uint8_t *data, size_t len)
{
    ocrvl_pdf_end e = {.len = len};
    uint64_t number;
    size_t mark = last_word(data, len, "%%EOF"), table = last_word(data, len, "startxref"), end = 0;
    if (mark < len)
        end = mark + 5;
    if (table < len && table + 9 > end) { /* a number follows */
        end = table + 9;
        while (end < len && (is_white(data[end]) || is_digit(data[end])))
            end++;
    }
    if (!end || next_object(data, len, end, &number) < len) {
        e.cut = true;
        e.lost = !ends_whole(data, len);
        e.update = end > 0;
        e.within = e.lost && ends_within_stream(data, len);
    } else if (len - end > FOLLOWING) {
        e.len = end;
    }
    return e;
}

/* ---- objects without a table ------------------------------------------------------------------------- */

typedef struct found { /* what is found among the objects; 0: nothing */
    uint64_t catalog, its_pages, root, most;
    uint64_t lock;   /* how the document is encrypted */
    bool needs_id;   /* and its key depends on the trailer's /ID */
    bool no_tree;    /* catalogs and nodes are left aside */
    uint8_t *kinds;  /* [MAX_OBJECT + 1] what an object is */
    ocrvl_buf pages; /* their numbers in order, as uint64_t */
} found;

enum { SOMETHING = 1, PAGE = 2 };

/* Whether the dictionary has this key with this name as its value. */
static bool has_name(const uint8_t *p, size_t n, const char *key, const char *value)
{
    for (size_t i = 0; i < n; i++) {
        if (!stands_at(p, n, i, key))
            continue;
        size_t k = i + strlen(key);
        while (k < n && is_white(p[k]))
            k++;
        if (stands_at(p, n, k, value) && (k + strlen(value) == n || is_delimiter(p[k + strlen(value)])))
            return true;
    }
    return false;
}

static bool has_type(const uint8_t *p, size_t n, const char *value) { return has_name(p, n, "/Type", value); }

/* The integer, or the number of the object, that a key has; 0 if there is none. */
static uint64_t value_of(const uint8_t *p, size_t n, const char *key)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        if (!stands_at(p, n, i, key))
            continue;
        size_t k = i + strlen(key);
        while (k < n && is_white(p[k]))
            k++;
        if (k < n && !is_digit(p[k]))
            continue; /* a longer name */
        for (; k < n && is_digit(p[k]) && v <= MAX_STREAMED; k++)
            v = 10 * v + (uint64_t)(p[k] - '0');
        return v;
    }
    return 0;
}

/* The length of an object's text, or of what comes before its stream. */
static size_t head_of(const uint8_t *p, size_t n)
{
    enum { LONG = 1 << 20 };
    n = n < LONG ? n : LONG;
    for (size_t i = 0; i + 6 <= n; i++)
        if ((p[i] == 'e' && stands_at(p, n, i, "endobj")) || (p[i] == 's' && stands_at(p, n, i, "stream")))
            return i;
    return n;
}

static void look_at(found *f, uint64_t number, const uint8_t *p, size_t n)
{
    f->kinds[number] |= SOMETHING;
    f->most = number > f->most ? number : f->most;
    if (has_name(p, n, "/Filter", "/Standard") && value_of(p, n, "/R")) {
        f->lock = number;
        f->needs_id = value_of(p, n, "/R") < 5;
    } else if (has_type(p, n, "/Page") && !(f->kinds[number] & PAGE)) {
        f->kinds[number] |= PAGE;
        ocrvl_buf_put(&f->pages, &number, sizeof number);
    } else if (f->no_tree) {
        return;
    } else if (has_type(p, n, "/Catalog")) {
        f->catalog = number;
        f->its_pages = value_of(p, n, "/Pages");
    } else if (has_type(p, n, "/Pages") && !value_of(p, n, "/Parent")) {
        f->root = number;
    }
}

static void find_objects(found *f, const uint8_t *data, size_t len)
{
    uint64_t number;
    for (size_t at = next_object(data, len, 0, &number); at < len; at = next_object(data, len, at + 3, &number))
        look_at(f, number, data + at + 3, head_of(data + at + 3, len - at - 3));
}

/* ---- object streams ---------------------------------------------------------------------------------- */

/* Appends the objects of a decoded stream: `count` pairs of number and place, then the objects from `first` on. */
static void put_objects(ocrvl_buf *b, const char *data, size_t len, uint64_t count, uint64_t first)
{
    char *p = (char *)(uintptr_t)data, *end;
    for (uint64_t i = 0; i < count && first < len; i++) {
        unsigned long long number = strtoull(p, &end, 10), from = strtoull(end, &p, 10), to = len - first;
        if (end == p || (size_t)(p - data) > first)
            return;
        char *next = p, *then;
        if (i + 1 < count) {
            strtoull(next, &then, 10);
            to = strtoull(then, &next, 10);
        }
        if (from > to || to > len - first || number == 0 || number > MAX_OBJECT)
            continue;
        ocrvl_buf_printf(b, "\n%llu 0 obj\n", number);
        ocrvl_buf_put(b, data + first + from, to - from);
        ocrvl_buf_puts(b, "\nendobj\n");
    }
}

/* Appends what the object streams among the objects hold. */
static void unpack_streams(ocrvl_buf *b, const uint8_t *data, size_t len)
{
    static const char trailer[] = "\ntrailer\n<</Root 1 0 R/Size 1>>\nstartxref\n0\n%%EOF\n";
    ocrvl_buf whole = {0};
    uint64_t number;
    ocrvl_buf_put(&whole, data, len);
    ocrvl_buf_put(&whole, trailer, sizeof trailer - 1);
    qpdf_data pdf = whole.failed ? NULL : ocrvl_pdf_objects_open(whole.data, whole.len, NULL);
    for (size_t at = next_object(data, len, 0, &number); pdf && at < len;
         at = next_object(data, len, at + 3, &number)) {
        const uint8_t *head = data + at + 3;
        size_t n = head_of(head, len - at - 3), size = 0;
        unsigned char *objects = NULL; /* allocated by qpdf with malloc */
        ocrvl_buf text = {0};
        if (!has_type(head, n, "/ObjStm"))
            continue;
        qpdf_oh stream = qpdf_get_object_by_id(pdf, (int)number, 0);
        if (ocrvl_pdf_stream_decode(&objects, &size, NULL, pdf, stream)) {
            ocrvl_buf_put(&text, objects, size); /* which ends it with a null */
            if (!text.failed && b->len + size < MAX_STREAMED)
                put_objects(b, text.data, size, value_of(head, n, "/N"), value_of(head, n, "/First"));
        }
        b->failed |= text.failed;
        ocrvl_buf_free(&text);
        free(objects);
        qpdf_oh_release_all(pdf);
    }
    b->failed |= whole.failed;
    ocrvl_pdf_objects_close(&pdf);
    ocrvl_buf_free(&whole);
}

/* ---- the whole --------------------------------------------------------------------------------------- */

/* The last /ID of earlier trailers, two strings of hexadecimal digits, which all versions of a document share in part;
 * its length, 0 if there is none. */
static size_t find_id(const uint8_t **id, const uint8_t *data, size_t len)
{
    enum { LONG = 400 };
    for (size_t at = len; at-- > 0;) {
        size_t k = at + 3;
        if (data[at] != '/' || !stands_at(data, len, at, "/ID"))
            continue;
        while (k < len && is_white(data[k]))
            k++;
        size_t from = k;
        while (k < len && k - from < LONG && data[k] != ']' &&
               (is_white(data[k]) || strchr("[<>0123456789abcdefABCDEF", data[k])))
            k++;
        *id = data + from;
        if (k < len && data[from] == '[' && data[k] == ']')
            return k + 1 - from;
    }
    return 0;
}

/* Appends a catalog, and a tree of pages, where they are missing, and a trailer with that /ID. Returns whether a tree
 * was there. */
static bool put_end(ocrvl_buf *b, found *f, const uint8_t *id, size_t id_len)
{
    bool own = f->catalog && f->its_pages <= MAX_OBJECT && f->kinds[f->its_pages];
    if (!own) {
        uint64_t root = f->root;
        own = root > 0;
        if (!root) {
            root = ++f->most;
            ocrvl_buf_printf(b, "\n%llu 0 obj\n<</Type/Pages/Count %zu/Kids[", (unsigned long long)root,
                             f->pages.len / sizeof(uint64_t));
            for (size_t i = 0; i < f->pages.len; i += sizeof(uint64_t)) {
                uint64_t number;
                memcpy(&number, f->pages.data + i, sizeof number);
                ocrvl_buf_printf(b, "%llu 0 R ", (unsigned long long)number);
            }
            ocrvl_buf_puts(b, "]>>\nendobj\n");
        }
        f->catalog = ++f->most;
        ocrvl_buf_printf(b, "\n%llu 0 obj\n<</Type/Catalog/Pages %llu 0 R>>\nendobj\n", (unsigned long long)f->catalog,
                         (unsigned long long)root);
    }
    ocrvl_buf_printf(b, "\ntrailer\n<</Root %llu 0 R/Size %llu", (unsigned long long)f->catalog,
                     (unsigned long long)f->most + 1);
    if (f->lock) {
        ocrvl_buf_printf(b, "/Encrypt %llu 0 R/ID", (unsigned long long)f->lock);
        ocrvl_buf_put(b, id_len ? (const char *)id : "[<><>]", id_len ? id_len : 6);
    }
    ocrvl_buf_puts(b, ">>\nstartxref\n0\n%%EOF\n");
    return own;
}

/* Makes the trailers of earlier versions unknown, of which readers would take the first. */
static void drop_trailers(char *data, size_t len)
{
    char *end = data + len;
    for (char *p = data; p < end && (p = memchr(p, 't', (size_t)(end - p))); p++)
        if (stands_at((const uint8_t *)p, (size_t)(end - p), 0, "trailer"))
            memset(p, ' ', 7);
}

ocrvl_status ocrvl_pdf_recover(uint8_t **out, size_t *out_len, bool *own_tree, const uint8_t *data, size_t len,
                               bool no_tree, ocrvl_error *err)
{
    ocrvl_buf b = {0}, more = {0};
    found f = {.kinds = ocrvl_alloc(MAX_OBJECT + 1), .no_tree = no_tree};
    *out = NULL;
    *out_len = 0;
    *own_tree = false;
    unpack_streams(&more, data, len);
    ocrvl_buf_put(&b, data, len);
    ocrvl_buf_put(&b, more.data ? more.data : "", more.len);
    if (!b.failed && f.kinds)
        find_objects(&f, (const uint8_t *)b.data, b.len);
    if (f.pages.len && !b.failed)
        drop_trailers(b.data, b.len);
    const uint8_t *id = NULL;
    size_t id_len = f.lock ? find_id(&id, data, len) : 0;
    bool locked = f.lock && f.needs_id && !id_len;
    if (f.pages.len)
        *own_tree = put_end(&b, &f, id, id_len);
    bool failed = b.failed || more.failed || !f.kinds || f.pages.failed, any = f.pages.len > 0;
    ocrvl_buf_free(&more);
    ocrvl_free(f.kinds);
    ocrvl_buf_free(&f.pages);
    if (!failed && any && !locked) {
        *out = (uint8_t *)ocrvl_buf_steal(&b, out_len);
        failed = !*out;
    }
    ocrvl_buf_free(&b);
    if (!failed && any && locked)
        return ocrvl_fail(
            err, OCRVL_E_FORMAT,
            "PDF: it is encrypted, and the end of the file is missing, without which it can't be decrypted");
    return failed ? ocrvl_fail_nomem(err) : OCRVL_OK;
}
