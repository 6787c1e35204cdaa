/* Documents decoded in processes of their own: what comes back is what this process would have made, to the byte;
 * whatever a decoder sends is checked as what an enemy wrote; a decoder can do nothing but decode. */
#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pdfs.h"

#include <cairo-pdf.h>

#include "base/image.h"
#include "in/decoders.h"
#include "in/received.h"
#include "in/wire_page.h"

static ocrvl_decoders *decoders;

/* ---- the same as in this process --------------------------------------------------------------------- */

static void same_text(const char *a, const char *b)
{
    assert_int_equal(a != NULL, b != NULL);
    if (a)
        assert_string_equal(a, b);
}

static void same_bytes(const void *a, size_t a_len, const void *b, size_t b_len)
{
    assert_int_equal(a != NULL, b != NULL);
    if (!a)
        return;
    assert_int_equal(a_len, b_len);
    assert_memory_equal(a, b, a_len);
}

static void same_image(const ocrvl_image *a, const ocrvl_image *b)
{
    assert_int_equal(a != NULL, b != NULL);
    if (!a)
        return;
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->channels, b->channels);
    assert_true(a->dpi_x >= b->dpi_x && a->dpi_x <= b->dpi_x && a->dpi_y >= b->dpi_y && a->dpi_y <= b->dpi_y);
    assert_memory_equal(a->data, b->data, (size_t)a->width * a->height * a->channels);
}

static void same_words(const ocrvl_own_text *a, const ocrvl_own_text *b)
{
    assert_int_equal(a->word_count, b->word_count);
    for (size_t i = 0; i < a->word_count; i++) {
        const ocrvl_own_word *v = &a->words[i], *w = &b->words[i];
        same_text(v->text, w->text);
        same_text(v->link, w->link);
        assert_memory_equal(&v->box, &w->box, sizeof v->box);
        assert_int_equal(v->style, w->style);
        assert_int_equal(v->raised, w->raised);
    }
    assert_int_equal(a->line_count, b->line_count);
    for (size_t i = 0; i < a->line_count; i++) {
        const ocrvl_own_line *v = &a->lines[i], *w = &b->lines[i];
        assert_true(v->first == w->first && v->count == w->count && v->field == w->field && v->turn == w->turn);
        assert_memory_equal(&v->box, &w->box, sizeof v->box);
        assert_memory_equal(&v->baseline, &w->baseline, sizeof v->baseline);
        assert_memory_equal(&v->x_height, &w->x_height, sizeof v->x_height);
    }
}

static void same_own(const ocrvl_own_text *a, const ocrvl_own_text *b)
{
    assert_int_equal(a != NULL, b != NULL);
    if (!a)
        return;
    assert_true(a->width == b->width && a->height == b->height && a->whole == b->whole);
    assert_memory_equal(&a->dpi, &b->dpi, sizeof a->dpi);
    same_text(a->doubt, b->doubt);
    same_words(a, b);
    assert_int_equal(a->style_count, b->style_count);
    for (size_t i = 0; i < a->style_count; i++) {
        const ocrvl_text_style *s = &a->styles[i], *t = &b->styles[i];
        same_text(s->font, t->font);
        assert_memory_equal(&s->size, &t->size, sizeof s->size);
        assert_true(s->colour == t->colour && s->bold == t->bold && s->italic == t->italic && s->mono == t->mono &&
                    s->underlined == t->underlined && s->number == t->number);
    }
    assert_int_equal(a->rule_count, b->rule_count);
    for (size_t i = 0; i < a->rule_count; i++) {
        assert_memory_equal(&a->rules[i].box, &b->rules[i].box, sizeof(ocrvl_box));
        assert_int_equal(a->rules[i].vertical, b->rules[i].vertical);
    }
    same_bytes(a->verdicts, a->font_count, b->verdicts, b->font_count);
    assert_int_equal(a->draw != NULL, b->draw != NULL);
}

static void same_info(const ocrvl_document_info *a, const ocrvl_document_info *b)
{
    assert_int_equal(a != NULL, b != NULL);
    if (!a)
        return;
    same_text(a->title, b->title);
    same_text(a->author, b->author);
    same_text(a->created, b->created);
    same_text(a->modified, b->modified);
    same_text(a->creator, b->creator);
    same_text(a->producer, b->producer);
    same_text(a->language, b->language);
    assert_int_equal(a->outline_count, b->outline_count);
    for (size_t i = 0; i < a->outline_count; i++) {
        same_text(a->outline[i].title, b->outline[i].title);
        assert_true(a->outline[i].level == b->outline[i].level && a->outline[i].page == b->outline[i].page);
    }
}

static void same_place(const ocrvl_page_place *a, const ocrvl_page_place *b)
{
    same_text(a->media_type, b->media_type);
    same_text(a->label, b->label);
    same_text(a->text_layer, b->text_layer);
    same_text(a->damage, b->damage);
    same_text(a->sha256, b->sha256);
    same_text(a->md5, b->md5);
    assert_true(a->index == b->index && a->pages == b->pages && a->native == b->native);
    assert_true(a->width == b->width && a->height == b->height);
    assert_memory_equal(&a->dpi_x, &b->dpi_x, sizeof a->dpi_x);
    assert_memory_equal(a->pdf_box, b->pdf_box, sizeof a->pdf_box);
    same_bytes(a->original, a->original_len, b->original, b->original_len);
    if (a->original)
        same_text(a->original_type, b->original_type);
    same_bytes(a->document, a->document_len, b->document, b->document_len);
    assert_int_equal(a->text_place_count, b->text_place_count);
    for (size_t i = 0; i < a->text_place_count; i++) {
        same_text(a->text_places[i].text, b->text_places[i].text);
        assert_memory_equal(&a->text_places[i].box, &b->text_places[i].box, sizeof(ocrvl_box));
    }
    assert_int_equal(a->text_box_count, b->text_box_count);
    if (a->text_box_count)
        assert_memory_equal(a->text_boxes, b->text_boxes, a->text_box_count * sizeof(ocrvl_box));
    same_own(a->own_text, b->own_text);
    same_info(a->info, b->info);
}

/* Parts of the page, and what a reader finds out about its fonts. */
static void draw_and_judge(const ocrvl_own_text *a, const ocrvl_own_text *b)
{
    ocrvl_image *one, *other;
    ocrvl_error e;
    if (!a)
        return;
    for (size_t i = 0; i < a->font_count; i++)
        a->verdicts[i] = b->verdicts[i] = OCRVL_VERDICT_DIFFERS;
    if (!a->draw)
        return;
    const ocrvl_box part = {10, 20, (int32_t)a->width / 2, (int32_t)a->height / 2}, off = {0, 0, 1 << 20, 5};
    const ocrvl_box *parts[] = {NULL, &part};
    for (size_t i = 0; i < 2; i++) {
        assert_ok(a->draw(a->draw_user, parts[i], &one, err));
        assert_ok(b->draw(b->draw_user, parts[i], &other, err));
        same_image(one, other);
        ocrvl_image_free(one);
        ocrvl_image_free(other);
    }
    assert_int_equal(b->draw(b->draw_user, &off, &other, &e), OCRVL_E_ARG);
}

static void compare(const bytes *b, const ocrvl_source_options *opt)
{
    ocrvl_source_options confined = *opt;
    ocrvl_source *s = NULL, *t = NULL;
    ocrvl_error e = {0}, f = {0};
    confined.decoders = decoders;
    ocrvl_status st = ocrvl_source_open_memory(&s, b->data, b->len, "test", opt, &e);
    assert_int_equal(ocrvl_source_open_memory(&t, b->data, b->len, "test", &confined, &f), st);
    if (st)
        assert_string_equal(e.message, f.message);
    for (bool more = !st; more;) {
        ocrvl_image *one, *other;
        ocrvl_page_place p = {.size = sizeof p}, q = {.size = sizeof q};
        e = f = (ocrvl_error){0};
        assert_int_equal(ocrvl_source_count(s), ocrvl_source_count(t));
        st = ocrvl_source_next(s, &one, &p, &e);
        assert_int_equal(ocrvl_source_next(t, &other, &q, &f), st);
        assert_string_equal(e.message, f.message);
        assert_int_equal(e.offset, f.offset);
        same_image(one, other);
        more = st || one;
        if (more)
            same_place(&p, &q);
        if (!st && one)
            draw_and_judge(p.own_text, q.own_text);
        ocrvl_image_free(one);
        ocrvl_image_free(other);
    }
    ocrvl_source_free(s);
    ocrvl_source_free(t);
}

/* As read, read -f pdf --redo replace, and ask have it. */
static void compare_all(const bytes *b)
{
    const ocrvl_source_options how[] = {
        {.size = sizeof *how, .max_pixels = 20000000, .own_text = true, .small_images = true},
        {.size = sizeof *how,
         .max_pixels = 20000000,
         .originals = true,
         .text_boxes = true,
         .text_layer = true,
         .drop_hidden_text = true,
         .password = "secret"},
        {.size = sizeof *how, .max_pixels = 250000, .max_pages = 50, .own_text = true, .first_page = 2},
    };
    for (size_t i = 0; i < sizeof how / sizeof *how; i++)
        compare(b, &how[i]);
}

static cairo_status_t put(void *user, const unsigned char *data, unsigned len)
{
    bytes_put(user, data, len);
    return CAIRO_STATUS_SUCCESS;
}

/* Three pages of text in two fonts, with a link, an outline, a rule and a title. */
static bytes draw_pdf(void)
{
    bytes b = {0};
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(put, &b, 300, 200);
    cairo_t *cr = cairo_create(s);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, "A drawn document");
    for (int i = 0; i < 3; i++) {
        char line[80];
        snprintf(line, sizeof line, "page=%d", 3 - i);
        cairo_pdf_surface_add_outline(s, CAIRO_PDF_OUTLINE_ROOT, "A chapter", line, 0);
        cairo_select_font_face(cr, i == 1 ? "serif" : "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_font_size(cr, 14);
        snprintf(line, sizeof line, "Some words that stand on page %d", i + 1);
        cairo_move_to(cr, 20, 40);
        cairo_show_text(cr, line);
        cairo_tag_begin(cr, CAIRO_TAG_LINK, "uri='https://example.org/'");
        cairo_move_to(cr, 20, 80);
        cairo_show_text(cr, "and lead elsewhere");
        cairo_tag_end(cr, CAIRO_TAG_LINK);
        cairo_rectangle(cr, 20, 100, 200, 1);
        cairo_fill(cr);
        cairo_show_page(cr);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(s);
    return b;
}

static void drawn_is_the_same(void **state)
{
    (void)state;
    bytes b = draw_pdf();
    compare_all(&b);
    bytes_free(&b);
}

static void samples_are_the_same(void **state)
{
    (void)state;
    static const char *const files[] = {"samples/pages/en-1.pdf", "samples/pages/en-2.png", "samples/pages/it-1.jpg"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        bytes b = bytes_load(files[i]);
        compare_all(&b);
        bytes_free(&b);
    }
}

/* Small files of every format, sound and broken. */
static void corpus_is_the_same(void **state)
{
    (void)state;
    unsigned n = 0;
    DIR *dir = opendir("tests/fuzz/corpus/source");
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir));) {
        char path[512];
        if (d->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "tests/fuzz/corpus/source/%s", d->d_name);
        bytes b = bytes_load(path);
        compare_all(&b);
        bytes_free(&b);
        n++;
    }
    closedir(dir);
    assert_true(n > 20);
}

/* The damage of the first page as a decoder tells it, "" for none. */
static void read_damage(const bytes *b, char said[500])
{
    ocrvl_source_options opt = {.size = sizeof opt, .decoders = decoders};
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_source *s;
    ocrvl_image *img;
    assert_ok(ocrvl_source_open_memory(&s, b->data, b->len, "test", &opt, err));
    assert_ok(ocrvl_source_next(s, &img, &place, err));
    snprintf(said, 500, "%s", place.damage ? place.damage : "");
    ocrvl_image_free(img);
    ocrvl_source_free(s);
}

/* A JPEG that has its beginning and its end isn't gone through, but where poppler's libjpeg warns of it: what is told
 * then is what is told where it is gone through. */
static void damage_is_heard(void **state)
{
    (void)state;
    enum { CASES = 16 };
    char said[500];
    unsigned told = 0;
    unsigned long len;
    uint8_t *scan = make_scan(1);
    unsigned char *jpeg = make_jpeg(scan, &len);
    scan_spec s = {.image = GREY "/Filter/DCTDecode"};
    bytes whole = make_pdf(&s, jpeg, len);
    const uint8_t *at = memmem(whole.data, whole.len, jpeg, len);
    assert_non_null(at);
    size_t from = (size_t)(at - whole.data) + 700, room = len - 750;
    read_damage(&whole, said);
    assert_string_equal(said, "");
    for (size_t i = 0; i < CASES; i++) {
        bytes b = {0};
        bytes_put(&b, whole.data, whole.len);
        memcpy(b.data + from + room * i / CASES, "\xFF\xD9\xFF\xC4\x90\xAB\xCD\xEF" + i % 5, 4);
        compare_all(&b);
        read_damage(&b, said);
        told += strstr(said, "is cut or damaged") != NULL;
        bytes_free(&b);
    }
    assert_true(told > CASES / 4);
    bytes_free(&whole);
    free(scan);
    free(jpeg);
}

/* ---- hostile messages -------------------------------------------------------------------------------- */

static void in_page(const ocrvl_box *b, uint32_t w, uint32_t h)
{
    assert_true(b->x0 >= 0 && b->x0 <= b->x1 && (uint32_t)b->x1 <= w && b->y0 >= 0 && b->y0 <= b->y1 &&
                (uint32_t)b->y1 <= h);
}

/* What a reader relies on, if the message was taken; every text is looked at to its end. */
static void expect_sound(const ocrvl_wire_page *p)
{
    const ocrvl_own_text *t = p->place.own_text;
    size_t length = p->place.text_layer ? strlen(p->place.text_layer) : 0;
    for (size_t i = 0; i < p->place.text_place_count; i++)
        length += strlen(p->place.text_places[i].text);
    for (size_t i = 0; i < p->info.outline_count; i++)
        length += strlen(p->info.outline[i].title);
    assert_true(length < 100000);
    if (!t)
        return;
    assert_true(t->font_count <= OCRVL_MOST_FONTS);
    for (size_t i = 0; i < t->word_count; i++) {
        in_page(&t->words[i].box, t->width, t->height);
        assert_true(t->words[i].text[0] && strlen(t->words[i].text) >= t->words[i].raised);
        assert_true(t->words[i].style < t->style_count || t->words[i].style == UINT32_MAX);
    }
    for (size_t i = 0; i < t->line_count; i++) {
        in_page(&t->lines[i].box, t->width, t->height);
        assert_true(t->lines[i].count && t->lines[i].first <= t->word_count &&
                    t->lines[i].count <= t->word_count - t->lines[i].first);
    }
    for (size_t i = 0; i < t->style_count; i++)
        assert_true(t->styles[i].number < OCRVL_MOST_FONTS && t->styles[i].font);
}

/* Takes a message that lies in memory of exactly its length; returns whether it was sound. */
static bool take(const uint8_t *data, size_t len, const bytes *file, uint32_t width, uint32_t height)
{
    ocrvl_wire_page p = {0};
    ocrvl_error e;
    uint8_t *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, data, len);
    ocrvl_wire w = {exact, exact + len, false};
    ocrvl_wire_file f = {file->data, file->len};
    ocrvl_status st = ocrvl_wire_take_page(&p, &w, &f, width, height, 20000000, &e);
    assert_true(st == OCRVL_OK || st == OCRVL_E_FORMAT);
    if (!st)
        expect_sound(&p);
    ocrvl_wire_page_free(&p);
    free(exact);
    return st == OCRVL_OK;
}

static void mutated_messages(void **state)
{
    (void)state;
    bytes file = draw_pdf();
    ocrvl_source_options opt = {
        .size = sizeof opt, .own_text = true, .text_layer = true, .text_boxes = true, .originals = true};
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_buf b = {0};
    uint32_t random = 16;
    ocrvl_source *s = open_bytes(&file, &opt);
    ocrvl_image *img = next_page(s, &place);
    ocrvl_wire_file f = {file.data, file.len};
    place.original = file.data;
    place.original_len = 100;
    place.original_type = "image/jpeg";
    ocrvl_wire_put_page(&b, &place, &f, true);
    uint32_t w = ocrvl_image_width(img), h = ocrvl_image_height(img);
    assert_true(take((uint8_t *)b.data, b.len, &file, w, h));
    unsigned refused = 0;
    for (size_t n = 0; n < b.len; n++) /* cut off */
        assert_false(take((uint8_t *)b.data, n, &file, w, h));
    for (int i = 0; i < 20000; i++) {
        static const uint8_t values[] = {0, 1, 127, 128, 255};
        uint8_t *m = malloc(b.len);
        assert_non_null(m);
        memcpy(m, b.data, b.len);
        for (uint32_t k = next_random(&random) % 4 + 1; k > 0; k--) {
            uint32_t at = next_random(&random) % (uint32_t)b.len, v = next_random(&random);
            m[at] = v & 256 ? values[v % sizeof values] : (uint8_t)v;
        }
        refused += !take(m, b.len, &file, w, h);
        free(m);
    }
    assert_true(refused > 1000);
    assert_false(take((uint8_t *)b.data, b.len, &file, w - 1, h)); /* of another image */
    bytes part = {.data = file.data, .len = 50};
    assert_false(take((uint8_t *)b.data, b.len, &part, w, h)); /* the original lies beyond the file */
    ocrvl_buf_free(&b);
    ocrvl_image_free(img);
    ocrvl_source_free(s);
    bytes_free(&file);
}

static int memory_of(size_t len, bool sealed)
{
    int fd = memfd_create("test", MFD_ALLOW_SEALING);
    assert_true(fd >= 0 && ftruncate(fd, (off_t)len) == 0);
    if (sealed)
        assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
    return fd;
}

static void expect_image(const ocrvl_decode_reply *r, size_t len, bool sealed, bool taken)
{
    ocrvl_image *img;
    int fd = memory_of(len, sealed);
    ocrvl_status st = ocrvl_received_image(&img, r, fd, 1000000, NULL);
    assert_int_equal(st, taken ? OCRVL_OK : OCRVL_E_FORMAT);
    assert_int_equal(img != NULL, taken);
    if (taken)
        ocrvl_image_pixels(img)[0] = 7; /* changes this process' copy alone */
    ocrvl_image_free(img);
    close(fd);
}

static void images_are_checked(void **state)
{
    (void)state;
    ocrvl_decode_reply r = {.width = 100, .height = 50, .channels = 3};
    expect_image(&r, 15000, true, true);
    expect_image(&r, 14999, true, false);
    expect_image(&r, 15000, false, false);
    r.channels = 2;
    expect_image(&r, 15000, true, false);
    r.channels = 1;
    r.width = 0;
    expect_image(&r, 15000, true, false);
    r.width = r.height = UINT32_MAX;
    expect_image(&r, 15000, true, false);
    r.width = 1000001;
    r.height = 1;
    expect_image(&r, 2000000, true, false);
    int plain = open("samples/pages/en-1.png", O_RDONLY); /* no file of memory */
    r = (ocrvl_decode_reply){.width = 10, .height = 10, .channels = 1};
    ocrvl_image *img;
    assert_int_equal(ocrvl_received_image(&img, &r, plain, 1000000, NULL), OCRVL_E_FORMAT);
    assert_int_equal(ocrvl_received_image(&img, &r, -1, 1000000, NULL), OCRVL_E_FORMAT);
    close(plain);
}

/* ---- confinement ------------------------------------------------------------------------------------- */

/* What a decoder that somebody has taken over would try; the number of the first thing that it can do, 0: nothing. */
static int try_to_get_out(pid_t parent)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    char *const none[] = {NULL};
    if (open("/usr/share/fonts", O_RDONLY) < 0 && errno != ENOENT)
        return 9;
    if (open("/etc/passwd", O_RDONLY) >= 0 || open("samples/pages/en-1.png", O_RDONLY) >= 0)
        return 1;
    if (open("/tmp/ocrvl-confined-test", O_WRONLY | O_CREAT, 0600) >= 0)
        return 2;
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock >= 0 || connect(sock, (struct sockaddr *)&to, sizeof to) == 0)
        return 3;
    if (kill(parent, 0) == 0)
        return 4;
    if (fork() >= 0)
        return 5;
    execve("/bin/false", none, none);
    return 0;
}

static void nothing_else_is_allowed(void **state)
{
    (void)state;
    int status;
    ocrvl_confinement c;
    if (ocrvl_confinement_lack()) {
        print_message("%s\n", ocrvl_confinement_lack());
        skip();
    }
    pid_t self = getpid(), pid = fork();
    if (pid == 0) {
        ocrvl_confinement_prepare(&c, true);
        ocrvl_confine(&c, UINT64_C(1) << 30, UINT64_C(1) << 30);
        _exit(try_to_get_out(self));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool can_have(size_t mib)
{
    void *p = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p != MAP_FAILED)
        munmap(p, mib << 20);
    return p != MAP_FAILED;
}

/* The number of the first thing that is otherwise than it should be, 0: none. */
static int try_room(void)
{
    ocrvl_confine_room(UINT64_C(1) << 40); /* of a process that isn't confined */
    ocrvl_confinement c;
    ocrvl_confinement_prepare(&c, false);
    ocrvl_confine(&c, UINT64_C(256) << 20, UINT64_C(1024) << 20);
    if (!can_have(200) || can_have(300))
        return 1;
    ocrvl_confine_room(UINT64_C(300) << 20);
    ocrvl_confine_room(UINT64_C(100) << 20); /* less than there is */
    if (!can_have(500) || can_have(600))
        return 2;
    ocrvl_confine_room(UINT64_MAX);
    if (!can_have(1000) || can_have(1100))
        return 3;
    ocrvl_confine_room(0);
    return can_have(200) && !can_have(300) ? 0 : 4;
}

/* A large page has room of its own, as far as the limit on the largest goes. */
static void room_is_made(void **state)
{
    (void)state;
    int status;
    if (ocrvl_confine_is_sanitized())
        skip();
    pid_t pid = fork();
    if (pid == 0)
        _exit(try_room());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- deaths ------------------------------------------------------------------------------------------ */

/* The first child of a process. */
static pid_t child_of(pid_t parent)
{
    char name[80];
    long child = 0;
    snprintf(name, sizeof name, "/proc/%ld/task/%ld/children", (long)parent, (long)parent);
    FILE *f = fopen(name, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld", &child), 1);
    fclose(f);
    return (pid_t)child;
}

/* Until the process has ended, which its parent needn't know yet. */
static void await_death(pid_t pid)
{
    char name[80], state = 'R';
    snprintf(name, sizeof name, "/proc/%ld/stat", (long)pid);
    while (state != 'Z') {
        FILE *f = fopen(name, "r");
        assert_non_null(f);
        assert_int_equal(fscanf(f, "%*d (%*[^)]) %c", &state), 1);
        fclose(f);
    }
}

static ocrvl_status try_page(ocrvl_source *src)
{
    ocrvl_image *img;
    ocrvl_page_place place = {.size = sizeof place};
    ocrvl_status st = ocrvl_source_next(src, &img, &place, NULL);
    assert_true(st || img);
    ocrvl_image_free(img);
    return st;
}

/* A decoder that dies while nothing is asked of it costs no page; and that they all are gone with what starts them is
 * told apart from pages that kill. The last test, since that is so from then on. */
static void deaths_are_told_apart(void **state)
{
    (void)state;
    bytes b = draw_pdf();
    ocrvl_source *src;
    ocrvl_source_options opt = {.size = sizeof opt, .decoders = decoders};
    pid_t starter = child_of(getpid());
    assert_int_equal(ocrvl_source_open_memory(&src, b.data, b.len, "drawn", &opt, NULL), OCRVL_OK);
    assert_int_equal(try_page(src), OCRVL_OK);
    kill(child_of(starter), SIGKILL);
    await_death(child_of(starter));
    assert_int_equal(try_page(src), OCRVL_OK);
    assert_false(ocrvl_decoders_lost(decoders));
    kill(starter, SIGKILL);
    await_death(starter);
    assert_int_equal(try_page(src), OCRVL_E_CRASH);
    assert_true(ocrvl_decoders_lost(decoders));
    ocrvl_source_free(src);
    bytes_free(&b);
}

static int start(void **state)
{
    (void)state;
    return ocrvl_decoders_new(&decoders, NULL) != OCRVL_OK;
}

static int stop(void **state)
{
    (void)state;
    ocrvl_decoders_free(decoders);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_is_the_same),     cmocka_unit_test(samples_are_the_same),
        cmocka_unit_test(corpus_is_the_same),    cmocka_unit_test(mutated_messages),
        cmocka_unit_test(images_are_checked),    cmocka_unit_test(nothing_else_is_allowed),
        cmocka_unit_test(damage_is_heard),       cmocka_unit_test(room_is_made),
        cmocka_unit_test(deaths_are_told_apart),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
