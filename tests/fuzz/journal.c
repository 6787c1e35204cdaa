/* Any bytes as what a batch keeps of its work: a list of documents and a journal, whose lines are given right
 * checksums, so that what they say is looked at, or left with those that they have. */
#define FUZZ_CHANGES 60
#include "fuzz/fuzz.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "batch/compact.h"
#include "batch/counts.h"
#include "batch/deaths.h"
#include "batch/gzip.h"
#include "batch/journals.h"
#include "batch/line.h"
#include "batch/reuse.h"
#include "batch/scan.h"

const cli_command cli_command_ocrvl = {.name = "ocrvl"}; /* the program's, which isn't here */

/* Before it lines are a list of documents, and after it a journal. Without it all are both. */
#define PARTING "--\n"
#define INPUT(name, of)                                                                                                \
    "{\"t\":\"input\",\"root\":\"/srv\",\"name\":\"" name "\",\"size\":1000,\"mtime\":" of                             \
    ",\"u\":\"0000000a\",\"seen\":17\n"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {
    FUZZ_SEED(INPUT("a/1.tif", "5") INPUT("a/2%20%e9.tif", "6") PARTING
              "{\"t\":\"run\",\"ocrvl\":\"0.1.0\",\"at\":17\n"
              "{\"t\":\"b\",\"doc\":\"a/1.tif\"\n"
              "{\"t\":\"n\",\"doc\":\"a/1.tif\",\"of\":\"$5\",\"n\":3,\"per\":2\n"
              "{\"t\":\"p\",\"doc\":\"a/"
              "1.tif\",\"of\":\"$5\",\"p\":1,\"s\":\"ok\",\"w\":[\"x\"],\"sec\":2.3,\"conf\":0.9,\"worst\":"
              "0.7,\"u\":\"0000000a\",\"off\":0,\"len\":9,\"sum\":\"00000001\"\n"
              "{\"t\":\"p\",\"doc\":\"a/"
              "1.tif\",\"of\":\"$5\",\"p\":3,\"s\":\"failed\",\"r\":\"crash\",\"u\":\"0000000a\",\"off\":9,"
              "\"len\":9,\"sum\":\"00000002\"\n"
              "{\"t\":\"p\",\"doc\":\"a/"
              "1.tif\",\"of\":\"$5\",\"p\":3,\"s\":\"ok\",\"u\":\"0000000b\",\"off\":9,\"len\":8,\"sum\":"
              "\"00000003\"\n"
              "{\"t\":\"w\",\"u\":\"0000000a\"\n{\"t\":\"b\",\"doc\":\"a/1.tif\",\"p\":2,\"alone\":1\n"
              "{\"t\":\"k\",\"who\":\"vm.2.b\"\n"),
    FUZZ_SEED(INPUT("b.pnm", "5") PARTING
              "{\"t\":\"p\",\"doc\":\"b.pnm\",\"of\":\"$5\",\"p\":1,\"n\":1,\"s\":\"blank\",\"as\":\"c.pnm\",\"u\":"
              "\"0000000a\",\"off\":"
              "0,\"len\":9,\"sum\":\"00000001\"\n"
              "{\"t\":\"d\",\"doc\":\"b.pnm\",\"sum\":\"c6ef3632\",\"at\":17,\"out\":[[\"text/*.txt\",2762,"
              "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"],[\"x/%2a\",1,\"AAAA\"]]\n"
              "{\"t\":\"x\",\"doc\":\"b.pnm\",\"sum\":\"c6ef3632\",\"at\":18,\"out\":[]\n"
              "{\"t\":\"v\",\"doc\":\"b.pnm\",\"of\":\"$5\",\"line\":\"00000000\"\n"
              "{\"t\":\"d\",\"doc\":\"b.pnm\",\"of\":\"$5\",\"s\":\"failed\",\"r\":\"format\",\"msg\":\"no\"\n"),
    FUZZ_SEED("{\"t\":\"input\",\"root\":\"/\",\"name\":\"m/"
              "0001\",\"mets\":\"m.xml\",\"size\":0,\"mtime\":-1,\"u\":\"ffffffff\","
              "\"seen\":1\n{\"t\":\"input\",\"root\":\"http://x/m\",\"name\":\"m/0002\",\"url\":\"http://x/"
              "\\u00e9\",\"size\":0,"
              "\"mtime\":3,\"u\":\"00000000\",\"seen\":99999999999999999999\n" PARTING "garbage\n\n{}\n[1,2]\n"),
    {0}};

static char folder[] = "/dev/shm/ocrvl-fuzz-XXXXXX";
static batch_store store;
static const cli_log silent = {.command = "batch", .quiet = true};
static const char *const files[] = {"inputs/vm.1.a.jsonl", "journal/vm.1.a.jsonl"};

static void end(void)
{
    static const char *const made[] = {
        "inputs/vm.1.a.jsonl", "journal/vm.1.a.jsonl", "inputs", "journal", "results", "claims"};
    char path[200];
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        snprintf(path, sizeof path, "%s/.ocrvl/%s", folder, made[i]);
        (void)remove(path);
    }
    snprintf(path, sizeof path, "%s/.ocrvl", folder);
    (void)remove(path);
    (void)remove(folder);
    batch_store_free(&store);
}

static void begin(void)
{
    must(mkdtemp(folder) && atexit(end) == 0);
    must(batch_store_open(&store, folder, true, &silent) == CLI_EXIT_OK);
}

/* What lines say of the state of a document's file: $5 stands for that of a time of change of 5. */
static void put_of(ocrvl_buf *b, char digit)
{
    char version[80];
    snprintf(version, sizeof version, "1000:%c:00000000", digit);
    ocrvl_buf_printf(b, "%08x", (unsigned)batch_crc32(version, strlen(version)));
}

/* Lines as they are, or each with its checksum. */
static void put_lines(ocrvl_buf *b, const char *text, size_t len)
{
    bool sign = !(len && (unsigned char)text[0] % 8 == 7);
    for (size_t at = 0; at < len;) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t to = newline ? (size_t)(newline - text) : len, from = b->len;
        for (size_t i = at; i < to; i++) {
            bool stands = text[i] == '$' && i + 1 < to;
            if (stands)
                put_of(b, text[++i]);
            else
                ocrvl_buf_putc(b, text[i]);
        }
        if (sign && b->len > from)
            batch_line_end(b, from);
        else if (newline)
            ocrvl_buf_putc(b, '\n');
        at = to + 1;
    }
}

static void write_file(const char *name, const char *text, size_t len)
{
    char path[200];
    ocrvl_buf b = {0};
    put_lines(&b, text, len);
    snprintf(path, sizeof path, "%s/.ocrvl/%s", folder, name);
    FILE *f = fopen(path, "wb");
    must(f && !b.failed && fwrite(b.data ? b.data : "", 1, b.len, f) == b.len && fclose(f) == 0);
    ocrvl_buf_free(&b);
}

/* All that is asked of what was read. */
static void use(batch_state *s)
{
    batch_counts c;
    batch_written_list written = {0};
    batch_deaths deaths = {0};
    batch_claim claim = {.store = &store, .fd = -1};
    uint64_t sum = 0;
    batch_count(s, &c);
    for (size_t i = 0; i < BATCH_DOC_STATUSES; i++)
        sum += c.docs[i];
    must(sum == s->count && c.documents == s->count);
    for (size_t i = 0; i < s->count; i++) {
        const batch_doc *d = &s->docs[s->order[i]];
        must(i == 0 || strcmp(s->docs[s->order[i - 1]].name, d->name) < 0);
        must(batch_state_find(s, d->name) == d && d->known <= 1000 && d->total <= 1000 && d->root < s->root_count);
        must(!d->url || d->url <= s->url_count);
        must(!d->mets || d->mets <= s->mets_count);
        for (uint32_t p = 0; p < d->known; p++)
            must(d->pages[p].status < BATCH_PAGE_STATUSES &&
                 (d->pages[p].status == BATCH_PENDING || d->pages[p].file < s->result_count));
        for (uint32_t r = 0; d->total && r < batch_doc_ranges(d) && r < 9; r++)
            (void)batch_doc_range_pending(d, r);
    }
    for (size_t i = 0; i < s->result_count; i++)
        must(!strchr(s->results[i], '/'));
    must(batch_deaths_count(&deaths, s, &claim) == CLI_EXIT_OK && batch_journals_written(s, &written) == CLI_EXIT_OK);
    must(batch_drop_finished(s) == CLI_EXIT_OK);
    batch_written_free(&written);
    batch_deaths_free(&deaths);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    batch_state s = {.store = &store, .max_pages = 1000};
    const char *text = (const char *)data, *parting = NULL;
    size_t mark = strlen(PARTING);
    if (!store.base)
        begin();
    for (size_t i = 0; i + mark <= size && !parting; i++)
        if (memcmp(text + i, PARTING, mark) == 0)
            parting = text + i;
    size_t head = parting ? (size_t)(parting - text) : size, rest = parting ? head + mark : 0;
    write_file(files[0], text, head);
    write_file(files[1], text + rest, size - rest);
    must(batch_journals_refresh(&s) == CLI_EXIT_OK && batch_state_sort(&s) == CLI_EXIT_OK);
    use(&s);
    batch_state_free(&s);
    return 0;
}
