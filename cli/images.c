#include "images.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/resample.h"

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Length of a name without its suffix. */
static size_t stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && dot > name ? (size_t)(dot - name) : strlen(name);
}

/* ---- where an image is ------------------------------------------------------------------------------- */

/* The path, or NULL and a note that there is no memory. */
static char *made(cli_images *f, char *path)
{
    f->no_memory |= !path;
    return path;
}

/* Takes ownership of path: returns it if a file is there, else NULL. */
static char *if_there(cli_images *f, char *path)
{
    if (made(f, path) && ocrvl_file_exists(path))
        return path;
    ocrvl_free(path);
    return NULL;
}

/* The file in the folder that has the name, or the same but for its suffix. */
static char *in_folder(cli_images *f, const char *folder, const char *file, bool exact)
{
    static const char *const suffixes[] = {"tif",  "tiff", "jpg", "jpeg", "png", "jp2",
                                           "webp", "pdf",  "pnm", "pgm",  "ppm", "pbm"};
    const char *name = base_name(file);
    char *found = exact ? if_there(f, ocrvl_path_join(folder, file)) : NULL;
    if (!found && exact)
        found = if_there(f, ocrvl_path_join(folder, name));
    for (size_t i = 0; !found && i < sizeof suffixes / sizeof *suffixes; i++) {
        ocrvl_buf b = {0};
        ocrvl_buf_printf(&b, "%.*s.%s", (int)stem_length(name), name, suffixes[i]);
        found = if_there(f, b.data ? ocrvl_path_join(folder, b.data) : NULL);
        ocrvl_buf_free(&b);
    }
    return found;
}

/* A given file by the name in the results, or the same but for its suffix. */
static bool is_named(const char *path, const char *file)
{
    const char *a = base_name(path), *b = base_name(file);
    size_t n = stem_length(a);
    return n == stem_length(b) && strncmp(a, b, n) == 0;
}

static char *in_given(cli_images *f, const char *file, bool exact)
{
    char *found = NULL;
    for (size_t i = 0; !found && i < f->given->count; i++) {
        char *path = made(f, ocrvl_strndup(f->given->items[i].text, f->given->items[i].len));
        if (path && is_folder(path))
            found = in_folder(f, path, file, exact);
        else if (path && is_named(path, file))
            found = made(f, ocrvl_strdup(path));
        ocrvl_free(path);
    }
    return found;
}

/* By the name itself, or in the folder of the results; results that have no name are themselves the file. */
static char *by_name(cli_images *f, const char *results, const char *file)
{
    bool exact = strcmp(file, results) != 0;
    char *found = exact ? if_there(f, ocrvl_strdup(file)) : NULL;
    if (found || strcmp(results, "-") == 0)
        return found;
    char *folder = made(f, ocrvl_strndup(results, (size_t)(base_name(results) - results)));
    found = folder ? in_folder(f, *folder ? folder : ".", file, exact) : NULL;
    ocrvl_free(folder);
    return found;
}

/* ---- its document ------------------------------------------------------------------------------------ */

/* Opens the document at a page, unless it is open there; takes ownership of path. */
static ocrvl_status open_at(cli_images *f, char *path, uint64_t page, double dpi, ocrvl_error *err)
{
    ocrvl_source_options opt = {.size = sizeof opt,
                                .first_page = page + 1,
                                .originals = true,
                                .password = f->password,
                                .dpi = dpi,
                                .render_always = dpi > 0};
    cli_decoding_source(f->decoding, &opt);
    if (f->src && f->path && strcmp(f->path, path) == 0 && f->next == page && dpi == 0) {
        ocrvl_free(path);
        return OCRVL_OK;
    }
    ocrvl_source_free(f->done);
    f->done = f->src;
    f->src = NULL;
    ocrvl_free(f->path);
    f->path = path;
    f->next = page;
    ocrvl_status st = ocrvl_source_open(&f->src, path, &opt, err);
    if (st != OCRVL_E_ARG || page == 0)
        return st;
    opt.first_page = 1; /* results of several images may number them through */
    st = ocrvl_source_open(&f->src, path, &opt, err);
    bool alone = !st && ocrvl_source_count(f->src) == 1;
    return st || alone ? st
                       : ocrvl_fail(err, OCRVL_E_ARG, "%s: there is no page %llu", path, (unsigned long long)page + 1);
}

static ocrvl_status next_image(cli_images *f, ocrvl_image **img, ocrvl_page_place *place, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_source_next(f->src, img, place, err);
    f->next++;
    if (!st && !*img)
        st = ocrvl_fail(err, OCRVL_E_FORMAT, "%s: there is no page %llu", f->path, (unsigned long long)f->next);
    return st;
}

/* The page's image, of a PDF at the resolution of the results if it is another. */
static ocrvl_status get_image(cli_images *f, char *path, uint64_t index, const ocrvl_page_info *info, ocrvl_image **img,
                              ocrvl_page_place *place, ocrvl_error *err)
{
    ocrvl_status st = path ? open_at(f, path, index, 0, err) : ocrvl_fail_nomem(err);
    if (!st)
        st = next_image(f, img, place, err);
    bool pdf = !st && place->media_type && strcmp(place->media_type, "application/pdf") == 0;
    if (!pdf || !(info->dpi_x > 0) || (*img)->width == info->width)
        return st;
    ocrvl_image_free(*img);
    *img = NULL;
    st = open_at(f, ocrvl_strdup(f->path), index, info->dpi_x, err);
    if (!st)
        st = next_image(f, img, place, err);
    f->next = UINT64_MAX; /* at another resolution than the next page wants */
    return st;
}

/* Whether the results don't say how large the page is. */
static bool is_guess(const ocrvl_page *page)
{
    ocrvl_page_info info = {.size = sizeof info};
    const char *code = "";
    ocrvl_page_get_info(page, &info);
    for (uint32_t i = 0; i < info.warnings && strcmp(code, "page_size") != 0; i++)
        ocrvl_page_warning(page, i, &code, NULL);
    return strcmp(code, "page_size") == 0;
}

/* Makes an image as large as the results say. */
static ocrvl_status fit(ocrvl_image **img, const ocrvl_page_info *info, ocrvl_page_place *place, ocrvl_error *err)
{
    ocrvl_image *from = *img;
    uint8_t *pixels;
    if (from->width == info->width && from->height == info->height)
        return OCRVL_OK;
    double across = (double)info->width / from->width, down = (double)info->height / from->height;
    if (fabs(across - down) > 0.01 * fmax(across, down))
        return ocrvl_fail(err, OCRVL_E_ARG, "the image has %u x %u pixels, and the results are of %u x %u", from->width,
                          from->height, info->width, info->height);
    ocrvl_status st = ocrvl_resize_bicubic(&pixels, from->data, from->height, from->width, from->channels, info->height,
                                           info->width, false, err);
    if (st)
        return st;
    ocrvl_image_drop_pixels(from);
    from->data = pixels;
    from->width = info->width;
    from->height = info->height;
    from->dpi_x = info->dpi_x;
    from->dpi_y = info->dpi_y;
    place->original = NULL;
    place->original_len = 0;
    return st;
}

void cli_images_put_place(ocrvl_page_place *to, const ocrvl_page_place *from, const ocrvl_image *img)
{
    to->image = img;
    to->original = from->original;
    to->original_len = from->original_len;
    to->original_type = from->original_type;
    to->document = to->document ? to->document : from->document;
    to->document_len = to->document_len ? to->document_len : from->document_len;
    memcpy(to->pdf_box, from->pdf_box, sizeof to->pdf_box);
    to->native = from->native;
    to->pages = to->document == from->document ? from->pages : to->pages;
    if (to->document == from->document)
        to->index = from->index;
}

/* The next page of the given files, where the results don't say which; NULL if there are no more. */
static char *in_turn(cli_images *f, uint64_t *index)
{
    while (f->turn < f->given->count) {
        char *path = made(f, ocrvl_strndup(f->given->items[f->turn].text, f->given->items[f->turn].len));
        ocrvl_source *src;
        uint64_t pages = 0;
        ocrvl_source_options opt = {.size = sizeof opt};
        cli_decoding_source(f->decoding, &opt);
        if (path && !is_folder(path) && ocrvl_source_open(&src, path, &opt, NULL) == OCRVL_OK) {
            pages = ocrvl_source_count(src);
            ocrvl_source_free(src);
        }
        if (f->turn_page < pages) {
            *index = f->turn_page++;
            return path;
        }
        ocrvl_free(path);
        f->turn++;
        f->turn_page = 0;
    }
    return NULL;
}

cli_exit cli_images_find(cli_images *f, const char *results, ocrvl_page *page, ocrvl_page_place *place,
                         ocrvl_image **img)
{
    ocrvl_error err;
    ocrvl_page_info info = {.size = sizeof info};
    ocrvl_page_place found = {.size = sizeof found};
    uint64_t index = place->index;
    ocrvl_page_get_info(page, &info);
    *img = NULL;
    if (info.width == 0)
        return CLI_EXIT_OK; /* a page that failed */
    char *path = f->given->count ? in_given(f, place->file, strcmp(place->file, results) != 0)
                                 : by_name(f, results, place->file);
    if (!path && f->given->count)
        path = in_turn(f, &index);
    if (f->no_memory) {
        ocrvl_free(path);
        cli_error(f->log, NULL, 0, "out of memory");
        return CLI_EXIT_LIMIT;
    }
    if (!path) {
        cli_error(f->log, place->file, place->index + 1,
                  "the page's image isn't there: name it, or its folder, with --images%s",
                  f->dispensable ? ", or say --no-images" : "");
        return CLI_EXIT_USAGE;
    }
    ocrvl_status st = get_image(f, path, index, &info, img, &found, &err);
    if (!st && is_guess(page) && ocrvl_page_set_size(page, (*img)->width, (*img)->height, NULL) == OCRVL_OK)
        ocrvl_page_get_info(page, &info);
    if (!st)
        st = fit(img, &info, &found, &err);
    if (st) {
        cli_error(f->log, f->path, 0, "%s", err.message);
        ocrvl_image_free(*img);
        *img = NULL;
        return st == OCRVL_E_ARG ? CLI_EXIT_USAGE : cli_exit_of(st, CLI_EXIT_INPUT);
    }
    cli_images_put_place(place, &found, *img);
    return CLI_EXIT_OK;
}

void cli_images_free(cli_images *f)
{
    ocrvl_source_free(f->src);
    ocrvl_source_free(f->done);
    ocrvl_free(f->path);
    f->src = f->done = NULL;
    f->path = NULL;
}
