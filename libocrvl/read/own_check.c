#include "read/own_check.h"

#include <string.h>

#include "base/buf.h"
#include "base/edit.h"
#include "base/error.h"
#include "base/image.h"
#include "base/mem.h"
#include "read/line_reader.h"
#include "read/schedule.h"

/* Words are read as they are in 95 of 100 characters and more; those of a font whose characters are shifted have next
 * to none of them. */
#define LEAST_ALIKE 0.6
/* A sample is as short as it can be and still prove something. Two differ before a font does, if there are two. */
#define LEAST_X_HEIGHT 6.0f /* pixels: smaller type can't be read, and proves nothing */
enum { LETTERS = 10, MOST_CHARACTERS = 120, SAMPLES_A_FONT = 2, MOST_SAMPLES = 16 };

typedef struct sample { /* words of one font that follow each other on a line, to be read */
    const ocrvl_own_word *words;
    size_t count, letters;
    uint32_t font, rank;        /* which of its font's samples it is */
    size_t first_strip, strips; /* where they are among those that are to be read */
} sample;

static bool is_letter(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static uint32_t font_of(const ocrvl_own_text *t, const ocrvl_own_word *w)
{
    return w->style < t->style_count ? t->styles[w->style].number : UINT32_MAX;
}

/* The sample that begins with word `first` of the line and is no longer than it has to be. */
static sample take_run(const ocrvl_own_text *t, const ocrvl_own_line *l, size_t first)
{
    const ocrvl_own_word *w = &t->words[l->first];
    sample s = {.words = w + first, .font = font_of(t, w + first)};
    size_t characters = 0;
    for (size_t i = first; i < l->count && font_of(t, &w[i]) == s.font && s.letters < LETTERS; i++) {
        for (const char *c = w[i].text; *c; c++, characters++)
            s.letters += is_letter((unsigned char)*c);
        s.count++;
    }
    if (characters > MOST_CHARACTERS || s.font >= t->font_count || t->verdicts[s.font] != OCRVL_VERDICT_NONE)
        s.letters = 0;
    return s;
}

/* Keeps the first samples of each font. */
static void keep(sample *samples, size_t *n, const sample *s)
{
    uint32_t same = 0;
    for (size_t i = 0; i < *n; i++)
        same += samples[i].font == s->font;
    if (same == SAMPLES_A_FONT || *n == MOST_SAMPLES)
        return;
    samples[*n] = *s;
    samples[(*n)++].rank = same;
}

static size_t choose(const ocrvl_own_text *t, sample *samples)
{
    size_t n = 0;
    for (size_t i = 0; i < t->line_count; i++) {
        const ocrvl_own_line *l = &t->lines[i];
        for (size_t first = 0; !l->turn && l->x_height >= LEAST_X_HEIGHT && first < l->count;) {
            sample s = take_run(t, l, first);
            first += s.count;
            if (s.letters >= LETTERS)
                keep(samples, &n, &s);
        }
    }
    return n;
}

typedef struct letters {
    uint32_t at[2 * MOST_CHARACTERS];
    size_t count;
} letters;

/* Adds letters, in lower case, and digits. */
static void add_letters(letters *l, const char *s, size_t len)
{
    for (size_t i = 0; i < len && l->count < sizeof l->at / sizeof *l->at; i++) {
        uint32_t c = (unsigned char)s[i];
        if (is_letter(c) || (c >= '0' && c <= '9'))
            l->at[l->count++] = c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
}

/* What was read is that of the strips of line `number`, which may have become fewer. */
static bool is_alike(const sample *s, const ocrvl_lines *lines, uint32_t number)
{
    letters own = {.count = 0}, read = {.count = 0};
    size_t row[2 * MOST_CHARACTERS + 1];
    for (size_t i = 0; i < s->count; i++)
        add_letters(&own, s->words[i].text, strlen(s->words[i].text));
    for (size_t i = 0; i < lines->count; i++)
        if (lines->strips[i].line == number && lines->readings[i].transcript.text)
            add_letters(&read, lines->readings[i].transcript.text, lines->readings[i].transcript.len);
    size_t distance = ocrvl_edit_distance(own.at, own.count, read.at, read.count, row);
    return (double)distance <= (1 - LEAST_ALIKE) * (double)own.count;
}

/* Adds the strips of a sample, cut out of the page, as those of line `number`. */
static ocrvl_status cut(ocrvl_lines *lines, const ocrvl_page_job *j, sample *s, uint32_t number, ocrvl_error *err)
{
    ocrvl_layout_options how = {.mode = OCRVL_LAYOUT_LINE, .keep_rotation = true, .keep_skew = true};
    ocrvl_box b = s->words[0].box;
    for (size_t i = 1; i < s->count; i++)
        b = ocrvl_box_union(b, s->words[i].box);
    const ocrvl_own_text *t = j->in.own_text;
    int32_t air = (b.y1 - b.y0) / 8, width = (int32_t)t->width;
    ocrvl_box part = {b.x0 > air ? b.x0 - air : 0, b.y0, b.x1 + air < width ? b.x1 + air : width, b.y1};
    ocrvl_image *img;
    ocrvl_layout *l = NULL;
    ocrvl_status st =
        t->draw ? t->draw(t->draw_user, &part, &img, err) : ocrvl_image_crop(&img, j->in.image, part, err);
    if (!st)
        st = ocrvl_layout_new(&l, img, &how, err);
    s->first_strip = lines->count;
    if (!st && l->line_count)
        st = ocrvl_line_reader_cut(j->s->lines, lines, l, 0, err);
    s->strips = lines->count - s->first_strip;
    for (size_t i = s->first_strip; i < lines->count; i++)
        lines->strips[i].line = number; /* strips of one line are joined */
    ocrvl_layout_free(l);
    ocrvl_image_free(img);
    return st;
}

/* What the document's own text says of a sample is what its first strip is expected to say: nearly always the only one.
 */
static ocrvl_status expect(ocrvl_lines *lines, const ocrvl_page_job *j, const sample *s, ocrvl_error *err)
{
    ocrvl_buf text = {0};
    for (size_t i = 0; i < s->count; i++) {
        if (i)
            ocrvl_buf_putc(&text, ' ');
        ocrvl_buf_puts(&text, s->words[i].text);
    }
    ocrvl_status st = text.failed
                          ? ocrvl_fail_nomem(err)
                          : ocrvl_line_reader_expect(j->s->lines, lines, s->first_strip, text.data, text.len, err);
    ocrvl_buf_free(&text);
    return st;
}

/* What is known of a sample's font now that it has been read, and before it was known to be `so_far`. */
static uint8_t judge(const sample *s, const ocrvl_lines *lines, uint32_t number, uint8_t so_far)
{
    if (!s->strips)
        return so_far == OCRVL_VERDICT_NONE ? OCRVL_VERDICT_UNTOLD : so_far;
    return is_alike(s, lines, number) ? OCRVL_VERDICT_AGREES : OCRVL_VERDICT_DIFFERS;
}

/* Reads the samples of that rank whose fonts aren't known to agree. */
static ocrvl_status read_samples(ocrvl_page_job *j, sample *samples, size_t n, uint32_t rank, ocrvl_error *err)
{
    uint8_t *verdicts = j->in.own_text->verdicts;
    ocrvl_lines lines = {0};
    ocrvl_status st = OCRVL_OK;
    for (size_t i = 0; i < n; i++)
        samples[i].strips = 0;
    for (size_t i = 0; !st && i < n; i++)
        if (samples[i].rank == rank && verdicts[samples[i].font] != OCRVL_VERDICT_AGREES)
            st = cut(&lines, j, &samples[i], (uint32_t)i, err);
    for (size_t i = 0; !st && i < n; i++)
        if (samples[i].strips)
            st = expect(&lines, j, &samples[i], err);
    if (!st && lines.count)
        st = ocrvl_job_read_strips(j, &lines, err);
    for (size_t i = 0; !st && i < n; i++)
        if (samples[i].rank == rank && verdicts[samples[i].font] != OCRVL_VERDICT_AGREES)
            verdicts[samples[i].font] = judge(&samples[i], &lines, (uint32_t)i, verdicts[samples[i].font]);
    ocrvl_lines_free(&lines);
    return st;
}

ocrvl_status ocrvl_own_check(ocrvl_page_job *j, ocrvl_error *err)
{
    const ocrvl_own_text *t = j->in.own_text;
    sample samples[MOST_SAMPLES];
    ocrvl_status st = OCRVL_OK;
    bool shown = t && (t->draw || (j->in.image->width == t->width && j->in.image->height == t->height));
    if (!shown || !t->line_count || j->opt.own_text_only || !j->s->lines || !t->verdicts)
        return OCRVL_OK;
    size_t n = choose(t, samples);
    for (uint32_t rank = 0; !st && rank < SAMPLES_A_FONT; rank++)
        st = read_samples(j, samples, n, rank, err);
    return st;
}
