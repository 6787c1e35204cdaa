/* ocrvl ask: a question, its answer, and what is said about it. */
#include "asking.h"
#include "base/error.h"
#include "base/mem.h"
#include "signals.h"

cli_exit cli_asking_no_memory(const cli_asking *q)
{
    cli_error(&q->log, NULL, 0, "out of memory");
    return CLI_EXIT_LIMIT;
}

static cli_exit put_answer(cli_asking *q, const cli_answer *a)
{
    ocrvl_buf b = {0};
    ocrvl_error err;
    cli_signals_keep();
    cli_answer_form form = q->args->json                                          ? CLI_ANSWER_JSON
                           : q->args->each || q->args->chat || q->args->questions ? CLI_ANSWER_LINE
                                                                                  : CLI_ANSWER_WHOLE;
    cli_answer_put(&b, form, a);
    ocrvl_status st = b.failed ? ocrvl_fail_nomem(&err) : OCRVL_OK;
    if (!st) {
        (void)cli_output_write(q->output, b.data, b.len); /* an error is returned by the flush */
        st = cli_output_flush(q->output, &err);
    }
    ocrvl_buf_free(&b);
    q->answers += !st;
    return st ? cli_output_failed(&q->log, q->args->output, &err) : CLI_EXIT_OK;
}

/* Reports how the answer came about, if that is of interest. */
static void report(cli_asking *q, const cli_shown_page *page, const ocrvl_answer_info *info)
{
    ocrvl_buf b = {0};
    const char *file = page ? page->file : NULL;
    uint64_t n = page ? page->page : 0;
    if (!info->complete) {
        cli_error(&q->log, file, n, "the answer was cut at a limit of tokens or time");
        q->worst = cli_exit_worse(q->worst, CLI_EXIT_PAGES);
    }
    if (info->bad_calls) {
        cli_error(&q->log, file, n, "%u of the calls of functions %s malformed, or not of a function that is offered",
                  info->bad_calls, info->bad_calls == 1 ? "is" : "are");
        q->worst = cli_exit_worse(q->worst, CLI_EXIT_PAGES);
    }
    if (info->thinking)
        cli_detail(&q->log, file, n, "the model thought: %s", info->thinking);
    if (info->budget)
        cli_detail(&q->log, file, n, "budget: %s", info->budget);
    ocrvl_buf_put_number(&b, info->confidence, 2);
    cli_detail(&q->log, file, n,
               "%llu visual tokens, %llu of the question (%llu of them kept), %llu of the answer, confidence %s",
               (unsigned long long)info->image_tokens, (unsigned long long)info->prompt_tokens,
               (unsigned long long)info->kept_tokens, (unsigned long long)info->output_tokens, b.data ? b.data : "");
    ocrvl_buf_free(&b);
}

/* A fault that the library finds in a schema or in tools is the file's. */
static bool is_of_file(const ocrvl_error *err)
{
    return err->status == OCRVL_E_FORMAT || err->status == OCRVL_E_UNSUPPORTED;
}

/* Reports that there is no answer. Of several questions one that can't be asked is an error among the answers. */
static cli_exit failed(cli_asking *q, const cli_question *question, const ocrvl_error *err)
{
    const char *file = q->args->schema ? q->args->schema : q->args->tools;
    cli_exit status = cli_exit_of(err->status, CLI_EXIT_INPUT);
    bool its_own = question->line && (err->status == OCRVL_E_LIMIT || (is_of_file(err) && question->schema));
    if (!its_own) {
        cli_error(&q->log, is_of_file(err) ? file : NULL, 0, "%s", err->message);
        return status;
    }
    cli_error(&q->log, q->args->questions, 0, "line %llu: %s", (unsigned long long)question->line, err->message);
    q->worst = cli_exit_worse(q->worst, status);
    cli_answer none = {.question = question, .page = q->shown == 1 ? &q->pages[0] : NULL, .why = err};
    return put_answer(q, &none);
}

/* The pages as the model is shown them, with what is kept from question to question. */
static ocrvl_status begin_inquiry(cli_asking *q, ocrvl_error *err)
{
    if (q->inquiry)
        return OCRVL_OK;
    return ocrvl_inquiry_new(&q->inquiry, q->session, (const ocrvl_image *const *)q->images, q->shown, &q->ask, err);
}

cli_exit cli_asking_ask_one(cli_asking *q, const cli_question *question, char **copy)
{
    ocrvl_error err;
    ocrvl_answer *answer;
    ocrvl_answer_info info = {.size = sizeof info};
    q->ask.question = question->text;
    q->ask.schema = question->schema ? question->schema : q->schema;
    ocrvl_status st = begin_inquiry(q, &err);
    if (!st)
        st = ocrvl_inquiry_ask(q->inquiry, &q->ask, &answer, &err);
    cli_progress_wipe(&q->progress);
    if (st == OCRVL_E_CANCELED && cli_signals_stopped())
        return CLI_EXIT_STOPPED;
    if (st)
        return failed(q, question, &err);
    ocrvl_answer_get_info(answer, &info);
    const cli_shown_page *only = q->shown == 1 ? &q->pages[0] : NULL;
    cli_answer a = {
        .question = question, .page = info.image >= 0 ? &q->pages[info.image] : only, .answer = answer, .info = &info};
    a.schema = q->ask.schema != NULL;
    report(q, only, &info);
    cli_exit status = put_answer(q, &a);
    if (!status && copy) {
        *copy = ocrvl_strdup(info.text);
        status = *copy ? CLI_EXIT_OK : cli_asking_no_memory(q);
    }
    ocrvl_answer_free(answer);
    return status;
}

cli_exit cli_asking_ask(cli_asking *q)
{
    cli_exit over = CLI_EXIT_OK;
    for (size_t i = 0; !over && i < q->questions.count; i++)
        over = cli_asking_ask_one(q, &q->questions.list[i], NULL);
    return over;
}

cli_exit cli_asking_no_page(cli_asking *q, const cli_shown_page *page, const ocrvl_error *why)
{
    cli_exit over = CLI_EXIT_OK;
    for (size_t i = 0; !over && i < q->questions.count; i++) {
        cli_answer none = {.question = &q->questions.list[i], .page = page, .why = why};
        over = put_answer(q, &none);
    }
    return over;
}
