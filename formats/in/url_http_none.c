/* What stands for url_http.c in a build without curl (make URL=0): nothing is fetched. */
#include "base/error.h"
#include "in/url.h"

ocrvl_status ocrvl_http_read(char **data, size_t *len, const char *url, const ocrvl_url_options *opt, ocrvl_error *err)
{
    (void)url;
    (void)opt;
    *data = NULL;
    *len = 0;
    return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "http: and https: can't be read: this ocrvl was built without curl");
}
