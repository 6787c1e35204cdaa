#include "model/keys.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"

void ocrvl_keys_wrong(ocrvl_keys *k, const char *key, const char *what)
{
    if (!k->st)
        k->st = ocrvl_fail(k->err, OCRVL_E_MODEL, "%s: %s%s %s", k->path, k->before, key, what);
}

int64_t ocrvl_keys_whole(ocrvl_keys *k, const char *key, bool there, bool is_whole, int64_t n, int64_t low,
                         int64_t high, int64_t otherwise)
{
    if (!there && otherwise >= 0)
        return otherwise;
    if (!there)
        ocrvl_keys_wrong(k, key, "is missing");
    else if (!is_whole || n < low || n > high) {
        char range[80];
        snprintf(range, sizeof range, "is not a whole number from %" PRId64 " to %" PRId64, low, high);
        ocrvl_keys_wrong(k, key, range);
    } else
        return n;
    return low;
}

double ocrvl_keys_real(ocrvl_keys *k, const char *key, bool there, bool is_number, double d, double low, double high,
                       double otherwise)
{
    if (!there)
        return otherwise;
    if (is_number && d >= low && d <= high)
        return d;
    ocrvl_keys_wrong(k, key, "is not a number in its range");
    return otherwise;
}
