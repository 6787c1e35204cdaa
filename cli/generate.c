#include "generate.h"

void cli_generate_limits(const cli_generate_args *args, uint32_t *max_tokens, uint32_t *max_millis)
{
    double millis = args->timeout * 1000;
    *max_tokens = (uint32_t)args->max_tokens;
    *max_millis = millis <= 0 ? 0 : millis < 1 ? 1 : (uint32_t)millis;
}
