/* Walks the result tree: each word of a page image with its box, its confidence and the block it is in.
 * words MODEL FILE; of a document the first page. */
#include <ocrvl_formats.h>

#include <stdio.h>

static void print_word(const ocrvl_node_info *word, ocrvl_role role)
{
    printf("%s\t%s", word->text, ocrvl_role_name(role));
    if (word->origin != OCRVL_ORIGIN_NONE) /* a box that isn't known is never made up */
        printf("\t%d,%d,%d,%d", word->box.x0, word->box.y0, word->box.x1, word->box.y1);
    else
        printf("\t-");
    if (word->confidence >= 0)
        printf("\t%.2f", word->confidence);
    putchar('\n');
}

/* Blocks hold lines, tables hold cells that hold lines, and lines hold words. */
static void walk(const ocrvl_node *node, ocrvl_role role)
{
    for (; node; node = ocrvl_node_next(node)) {
        ocrvl_node_info info = {.size = sizeof info};
        ocrvl_node_get_info(node, &info);
        if (info.kind == OCRVL_WORD)
            print_word(&info, role);
        else
            walk(ocrvl_node_first(node), info.kind == OCRVL_BLOCK ? info.role : role);
    }
}

/* The first page of a document, read; NULL: see *err. */
static ocrvl_page *read_first(ocrvl_session *session, const char *file, ocrvl_error *err)
{
    ocrvl_source *source;
    ocrvl_image *img = NULL;
    ocrvl_page *page = NULL;
    ocrvl_page_place place = {.size = sizeof place};
    if (ocrvl_source_open(&source, file, NULL, err))
        return NULL;
    ocrvl_status status = ocrvl_source_next(source, &img, &place, err);
    ocrvl_page_input in = {.size = sizeof in, .image = img};
    if (!status && ocrvl_read(session, &in, NULL, &page, err))
        page = NULL;
    ocrvl_image_free(img);
    ocrvl_source_free(source);
    return page;
}

int main(int argc, char **argv)
{
    ocrvl_error err;
    ocrvl_model *model = NULL;
    ocrvl_session *session = NULL;
    ocrvl_page *page = NULL;
    if (argc != 3)
        return fprintf(stderr, "usage: words MODEL FILE\n"), 2;
    if (!ocrvl_model_open(&model, *argv[1] ? argv[1] : NULL, &err) && !ocrvl_session_new(&session, model, NULL, &err))
        page = read_first(session, argv[2], &err);
    if (page)
        walk(ocrvl_page_first(page), OCRVL_ROLE_OTHER);
    else
        fprintf(stderr, "words: %s\n", err.message);
    int status = page ? 0 : 1;
    ocrvl_page_free(page);
    ocrvl_session_free(session);
    ocrvl_model_free(model);
    return status;
}
