/* Any bytes as a URL: what it is called, what a redirect to it would be, and what a data: URL holds. */
#define FUZZ_CHANGES 500
#include "fuzz/fuzz.h"

#include <strings.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "in/url.h"

const char *const fuzz_folders[] = {NULL};
const fuzz_seed fuzz_seeds[] = {FUZZ_SEED("data:image/png;base64,iVBORw0KGgo="),
                                FUZZ_SEED("data:text/plain;charset=utf-8,a%20b%C3%A9"),
                                FUZZ_SEED("DATA:;base64,%41QID"),
                                FUZZ_SEED("https://user:secret@example.org:8080/a/b?c=d#e@f"),
                                FUZZ_SEED("http://[2001:db8::1]/"),
                                FUZZ_SEED("file:///etc/passwd"),
                                FUZZ_SEED("ftp+x-y.z://h/p\xC3\xA9\xE2\x82\xAC"),
                                {0}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *url = ocrvl_strndup((const char *)data, size), *name, *bytes;
    size_t len;
    ocrvl_error err;
    must(url);
    fuzz_check(ocrvl_url_check_redirect("https://example.org/", url, &err), &err);
    if (ocrvl_url_is(url)) {
        name = ocrvl_url_name(url);
        must(name && strlen(name) < 300 + strcspn(url, ":")); /* a scheme isn't shortened */
        ocrvl_free(name);
        if (strncasecmp(url, "http", 4) != 0) { /* the target http reads those */
            ocrvl_status st = ocrvl_url_read(&bytes, &len, url, &(ocrvl_url_options){.max_bytes = 1000}, &err);
            fuzz_check(st, &err);
            must(st ? !bytes : len <= 1000 && bytes[len] == '\0');
            ocrvl_free(bytes);
        }
    }
    ocrvl_free(url);
    return 0;
}
