/* Turns results that were stored (JSON, hOCR, ALTO, PAGE or TSV, of ocrvl or another tool) into another format:
 * convert FORMAT <results >document */
#include <ocrvl_formats.h>

#include <errno.h>
#include <stdio.h>

static int write_file(void *user, const void *data, size_t len)
{
    return fwrite(data, 1, len, user) == len ? 0 : errno;
}

/* All pages go from the results to the writer, and its document is ended. */
static ocrvl_status copy_pages(ocrvl_results *results, ocrvl_writer *writer, ocrvl_error *err)
{
    for (;;) {
        ocrvl_page *page;
        ocrvl_page_place place = {.size = sizeof place};
        ocrvl_status status = ocrvl_results_next(results, &page, &place, err);
        if (status)
            return status;
        if (!page)
            return ocrvl_writer_finish(writer, err);
        status = ocrvl_writer_page(writer, page, &place, err);
        ocrvl_page_free(page);
        if (status)
            return status;
    }
}

int main(int argc, char **argv)
{
    ocrvl_error err;
    ocrvl_format format;
    ocrvl_results *results = NULL;
    ocrvl_writer *writer = NULL;
    if (argc != 2 || !ocrvl_format_by_name(argv[1], &format))
        return fprintf(stderr, "usage: convert FORMAT, which is one of: %s\n", ocrvl_format_names()), 2;
    ocrvl_status status = ocrvl_results_open(&results, "-", &err);
    if (!status)
        status = ocrvl_writer_new(&writer, format, write_file, stdout, NULL, &err);
    if (!status)
        status = copy_pages(results, writer, &err);
    if (status)
        fprintf(stderr, "convert: %s\n", err.message);
    ocrvl_writer_free(writer);
    ocrvl_results_free(results);
    return status || fflush(stdout) ? 1 : 0;
}
