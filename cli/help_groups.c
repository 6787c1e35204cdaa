#include "help_groups.h"

#include <string.h>

/* The options that people use every day come first. An option that is in no group is among the last. */
static const struct {
    const char *title;
    const char *names; /* between spaces */
} groups[] = {
    {"Everyday options", " format output output-dir pages model prompt lang text-layer json each quiet verbose help "},
    {"What is written", " split alto-single alto-flat-tables pdfa pdfa-rasterize redo no-images join-hyphens "
                        "keep-hyphens diplomatic hash seconds "
                        "onto images overlay below all questions schema tools as-is chat "},
    {"Archives", " place keep-suffix file-grp include exclude no-keep no-dedupe jobs decoders doc-timeout max-failures "
                 "shard wait lease grace reread unit settle watch follow-links null progress failed prometheus worst "
                 "inputs status reason doc "},
    {"Documents", " dpi password password-file private-addresses max-image-pixels max-pages max-bytes "
                  "page-timeout decoder-memory in-process "},
    {"Layout", " layout keep-rotation keep-skew "},
    {"Page models",
     " prompt-file find line-model no-line-model min-pixels max-pixels min-tokens-image max-tokens-image retries "
     "no-drafts strict temperature sample seed "},
    {"Speed, memory and progress", " threads batch time-budget max-memory timeout max-tokens no-progress "},
    {"Other options", NULL},
};
enum { GROUPS = sizeof groups / sizeof *groups, FEW = 14 };

static size_t group_of(const char *name)
{
    size_t n = strlen(name), i = 0;
    for (; groups[i].names; i++)
        for (const char *at = strstr(groups[i].names, name); at; at = strstr(at + 1, name))
            if (at[-1] == ' ' && at[n] == ' ')
                return i;
    return i;
}

void cli_help_each(const cli_command *cmd, void (*title)(void *user, const char *title),
                   void (*option)(void *user, const cli_option *o), void *user)
{
    size_t n = 0;
    while (cmd->options[n].name)
        n++;
    bool few = n <= FEW;
    for (size_t g = 0; g < (few ? 1 : GROUPS); g++) {
        bool titled = false;
        for (const cli_option *o = cmd->options; o->name; o++) {
            if (!few && group_of(o->name) != g)
                continue;
            if (!titled)
                title(user, few ? NULL : groups[g].title);
            titled = true;
            option(user, o);
        }
    }
}

static const struct {
    const char *command, *typed, *does;
} examples[] = {
    {"", "read scan.pdf", "print the text of a scan"},
    {"", "read -o check.html scan.pdf", "look at image and text side by side"},
    {"", "read -f txt,alto,pdf --output-dir out scans", "all documents in a folder, in three formats"},
    {"read", "read scan.pdf", "print the text"},
    {"read", "read -o check.html scan.pdf", "look at image and text side by side"},
    {"read", "read -f txt,alto,pdf --output-dir out scans", "all documents in a folder, in three formats"},
    {"ask", "ask 'What is the total?' receipt.png", "one answer about one page"},
    {"ask", "ask --each --json --questions list.txt letters", "several questions a page, for a program"},
    {"ask", "ask --schema invoice.json 'The invoice?' a.pdf", "JSON that follows a schema"},
    {"batch", "batch run -f text,alto out scans", "read a folder of scans; after a stop the same command goes on"},
    {"batch", "batch status --failed out", "what went wrong, and why"},
    {"batch", "batch report out", "out/report.html: what needs a person"},
    {"pull", "pull Qwen/Qwen2-VL-2B-Instruct", "then -m Qwen/Qwen2-VL-2B-Instruct reads with it"},
    {"pull", "pull --list opendatalab/MinerU2.5-2509-1.2B", "what would be fetched, and how large it is"},
    {"convert", "convert -f txt page.json", "the text of results"},
    {"convert", "convert -f html --images scans -o a.html a.xml", "ALTO beside its scan, to check it"},
    {"convert", "convert -f pdf --onto scan.pdf -o a.pdf a.hocr", "another program's text onto a PDF"},
    {"crops", "crops -o lines out", "the doubtful lines of a batch"},
    {"crops", "crops --below 0.8 -o lines page.json", "of one page, more of them"},
    {"crops", "crops --all --images scans -o lines alto", "all lines of a folder of ALTO"},
    {"raster", "raster -o page-%03d.png book.pdf", "each page as an image"},
    {"raster", "raster --pages 2 --dpi 100 -o p.png book.pdf", "one page, small"},
    {"raster", "raster --overlay -o seen-%d.png book.json", "results drawn on their images"},
    {"plan", "plan book.pdf", "what reading it takes with nano"},
    {"plan", "plan -m ~/models/Qwen2-VL-2B-Instruct book.pdf", "and with a page model"},
    {"plan", "plan --json scans", "a folder, for a program"},
};

bool cli_help_example(const cli_command *cmd, size_t i, const char **typed, const char **does)
{
    for (size_t k = 0; k < sizeof examples / sizeof *examples; k++) {
        if (strcmp(examples[k].command, cmd->name) != 0 || i-- > 0)
            continue;
        *typed = examples[k].typed;
        *does = examples[k].does;
        return true;
    }
    return false;
}
