/* What a page takes that is read block by block. */
#include <math.h>

#include "read/mineru.h"
#include "read/plan.h"

/* Tokens of an answer that a visual token can be worth, in the smallest print, and those that even the smallest block
 * may have. */
enum { DENSE = 8, FEW = 256 };

uint32_t ocrvl_plan_layout_side(const ocrvl_config *c, uint64_t most)
{
    uint32_t token = (uint32_t)(c->patch * c->merge);
    return (uint32_t)fmax(token, fmin(OCRVL_MINERU_SIDE, sqrt((double)most))) / token * token;
}

ocrvl_tile_limits ocrvl_plan_block_limits(const ocrvl_tile_limits *limits, size_t visual_tokens)
{
    ocrvl_tile_limits l = *limits;
    size_t answer = FEW + DENSE * visual_tokens;
    l.answer_tokens = answer < l.answer_tokens ? answer : l.answer_tokens;
    return l;
}
