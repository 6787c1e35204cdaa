/* What stands for http_get.c in a build without curl (make URL=0). */
#include "base/error.h"
#include "ocrvl_dev.h"

ocrvl_status ocrvl_dev_http_get(ocrvl_dev_get *get, ocrvl_error *err)
{
    get->status = get->wait = 0;
    get->again = false;
    return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "nothing can be fetched: this ocrvl was built without curl");
}
