/* Asks a page model about a page image, and gets JSON that follows a schema whatever the model: ask MODEL FILE
 * It needs a checkpoint that answers questions, such as Qwen2-VL-2B-Instruct. */
#include <ocrvl_formats.h>

#include <stdio.h>

static const char question[] = "What kind of document is this, and how many lines of text has it?";
static const char schema[] =
    "{\"type\": \"object\", \"required\": [\"kind\", \"lines\"], \"additionalProperties\": false,"
    " \"properties\": {\"kind\": {\"enum\": [\"letter\", \"invoice\", \"book\", \"other\"]},"
    "                  \"lines\": {\"type\": \"integer\"}}}";

static ocrvl_status load(ocrvl_image **img, const char *file, ocrvl_error *err)
{
    ocrvl_source *source;
    ocrvl_page_place place = {.size = sizeof place};
    *img = NULL;
    ocrvl_status status = ocrvl_source_open(&source, file, NULL, err);
    if (status)
        return status;
    status = ocrvl_source_next(source, img, &place, err);
    ocrvl_source_free(source);
    return status;
}

static ocrvl_status ask(ocrvl_session *session, const ocrvl_image *img, ocrvl_error *err)
{
    ocrvl_answer *answer;
    ocrvl_answer_info info = {.size = sizeof info};
    ocrvl_ask_options options = {.size = sizeof options, .question = question, .schema = schema};
    const ocrvl_image *images[] = {img};
    ocrvl_status status = ocrvl_ask(session, images, 1, &options, &answer, err);
    if (status)
        return status;
    ocrvl_answer_get_info(answer, &info);
    printf("%s\n", info.text);
    ocrvl_answer_free(answer);
    return OCRVL_OK;
}

int main(int argc, char **argv)
{
    ocrvl_error err;
    ocrvl_model *model = NULL;
    ocrvl_session *session = NULL;
    ocrvl_image *img = NULL;
    if (argc != 3)
        return fprintf(stderr, "usage: ask MODEL FILE\n"), 2;
    ocrvl_status status = load(&img, argv[2], &err);
    if (!status)
        status = ocrvl_model_open(&model, argv[1], &err);
    if (!status)
        status = ocrvl_session_new(&session, model, NULL, &err);
    if (!status)
        status = ask(session, img, &err);
    if (status)
        fprintf(stderr, "ask: %s\n", err.message);
    ocrvl_image_free(img);
    ocrvl_session_free(session);
    ocrvl_model_free(model);
    return status ? 1 : 0;
}
