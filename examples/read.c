/* Reads documents and prints their text: read MODEL FILE... MODEL is a checkpoint's folder, or "" for the small line
 * reader that is installed with the library. Also C++ as it stands.
 *
 * cc read.c $(pkg-config --cflags --libs libocrvl-formats) -o read */
#include <ocrvl_formats.h>

#include <stdio.h>
#include <string.h>

/* Prints a message, and gives 1 for main to return. */
static int report(const char *what, const ocrvl_error *err)
{
    fprintf(stderr, "read: %s: %s\n", what, err->message);
    return 1;
}

/* Reads one page and frees it. */
static int read_page(ocrvl_session *session, const ocrvl_image *img, const char *file, ocrvl_error *err)
{
    ocrvl_page *page;
    ocrvl_page_info info;
    ocrvl_page_input in;
    memset(&in, 0, sizeof in);
    in.size = sizeof in;
    in.image = img;
    if (ocrvl_read(session, &in, NULL, &page, err))
        return report(file, err);
    memset(&info, 0, sizeof info);
    info.size = sizeof info;
    ocrvl_page_get_info(page, &info);
    printf("%s\n", info.text);
    ocrvl_page_free(page);
    return 0;
}

/* A page that can't be made doesn't end the document: the next one comes after it. */
static int read_document(ocrvl_session *session, const char *file, ocrvl_error *err)
{
    ocrvl_source *source;
    int failed = 0;
    if (ocrvl_source_open(&source, file, NULL, err))
        return report(file, err);
    for (;;) {
        ocrvl_image *img;
        ocrvl_page_place place;
        memset(&place, 0, sizeof place);
        place.size = sizeof place;
        ocrvl_status status = ocrvl_source_next(source, &img, &place, err);
        if (!status && !img)
            break;
        failed |= status ? report(file, err) : read_page(session, img, file, err);
        ocrvl_image_free(img);
    }
    ocrvl_source_free(source);
    return failed;
}

int main(int argc, char **argv)
{
    ocrvl_error err;
    ocrvl_model *model;
    ocrvl_session *session;
    if (argc < 3)
        return fprintf(stderr, "usage: read MODEL FILE...\n"), 2;
    if (ocrvl_model_open(&model, *argv[1] ? argv[1] : NULL, &err))
        return report(argv[1], &err);
    if (ocrvl_session_new(&session, model, NULL, &err)) {
        ocrvl_model_free(model);
        return report(argv[1], &err);
    }
    int failed = 0;
    for (int i = 2; i < argc; i++)
        failed |= read_document(session, argv[i], &err);
    ocrvl_session_free(session);
    ocrvl_model_free(model);
    return failed;
}
