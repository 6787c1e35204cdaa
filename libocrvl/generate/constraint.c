#include "generate/constraint.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { LONGEST = 256 }; /* bytes of a token; longer ones are never allowed */

/* A trie in the order of its bytes: a node's children follow one another by `sibling`. */
typedef struct trie_node {
    uint32_t child, sibling; /* 0 if there is none */
    int32_t token;           /* that ends here; -1 if there is none; others of the same bytes: see `same` */
    uint8_t byte;
} trie_node;

typedef struct trie {
    trie_node *nodes; /* [0] the root */
    size_t count, cap;
} trie;

/* Tokens of plain letters (complete UTF-8 without quotes, backslashes and controls) go anywhere in a string: they are
 * allowed or not by their length, without a walk. They are most of a vocabulary. */
struct ocrvl_constraint {
    ocrvl_logit_mask mask; /* first: the two are one pointer */
    const ocrvl_schema *schema;
    const ocrvl_model *m;
    ocrvl_schema_state now;
    trie plain, other;
    uint16_t *letters;        /* [vocab] code points of a plain token; 0 if it is none */
    int32_t *same;            /* [vocab] another token of the same bytes; -1 if there is none */
    ocrvl_schema_state *walk; /* [LONGEST + 1] */
};

static bool add_token(trie *t, const char *bytes, size_t n, int32_t id, int32_t *same)
{
    uint32_t at = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t *link = &t->nodes[at].child;
        while (*link && t->nodes[*link].byte != (uint8_t)bytes[i])
            link = &t->nodes[*link].sibling;
        if (*link) {
            at = *link;
            continue;
        }
        if (t->count == t->cap) {
            size_t offset = (size_t)((char *)link - (char *)t->nodes);
            if (!OCRVL_ARRAY_RESERVE(t->nodes, t->cap, t->count + 1))
                return false;
            link = (uint32_t *)(void *)((char *)t->nodes + offset);
        }
        *link = (uint32_t)t->count;
        t->nodes[t->count] = (trie_node){.token = -1, .byte = (uint8_t)bytes[i]};
        at = (uint32_t)t->count++;
    }
    same[id] = t->nodes[at].token;
    t->nodes[at].token = id;
    return true;
}

/* Code points of a token of plain letters, else 0. */
static uint16_t plain_letters(const char *bytes, size_t n)
{
    if (n == 0 || n > LONGEST || !ocrvl_utf8_valid(bytes, n))
        return 0;
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)bytes[i] < 0x20 || bytes[i] == '"' || bytes[i] == '\\' || bytes[i] == 0x7F)
            return 0;
    return (uint16_t)ocrvl_utf8_count(bytes, n);
}

static bool start_trie(trie *t)
{
    t->cap = 1024;
    t->nodes = ocrvl_alloc_array(t->cap, sizeof *t->nodes);
    if (!t->nodes)
        return false;
    t->nodes[0].token = -1;
    t->count = 1;
    return true;
}

static ocrvl_status sort_tokens(ocrvl_constraint *s, ocrvl_error *err)
{
    size_t vocab = s->m->weights->config.vocab, n;
    s->letters = ocrvl_alloc_array(vocab, sizeof *s->letters);
    s->same = ocrvl_alloc_array(vocab, sizeof *s->same);
    s->walk = ocrvl_alloc_array(LONGEST + 1, sizeof *s->walk);
    if (!s->letters || !s->same || !s->walk || !start_trie(&s->plain) || !start_trie(&s->other))
        return ocrvl_fail_nomem(err);
    for (size_t i = 0; i < vocab; i++) {
        const char *bytes = ocrvl_tokenizer_bytes(s->m->tokenizer, (int32_t)i, &n);
        s->same[i] = -1;
        if (n == 0 || n > LONGEST || ocrvl_tokenizer_is_special(s->m->tokenizer, (int32_t)i))
            continue;
        s->letters[i] = plain_letters(bytes, n);
        if (!add_token(s->letters[i] ? &s->plain : &s->other, bytes, n, (int32_t)i, s->same))
            return ocrvl_fail_nomem(err);
    }
    return OCRVL_OK;
}

/* Marks every token of the trie that the machine takes from where it is. Depth first; state k is that after k bytes. */
static void walk(ocrvl_constraint *s, const trie *t, bool *allowed)
{
    uint32_t path[LONGEST + 1];
    size_t depth = 0;
    s->walk[0] = s->now;
    path[0] = t->nodes[0].child;
    while (path[depth] || depth) {
        if (!path[depth]) { /* no sibling is left: back to the parent's */
            depth--;
            path[depth] = t->nodes[path[depth]].sibling;
            continue;
        }
        const trie_node *n = &t->nodes[path[depth]];
        s->walk[depth + 1].depth = s->walk[depth].depth;
        memcpy(s->walk[depth + 1].frame, s->walk[depth].frame, s->walk[depth].depth * sizeof *s->walk->frame);
        if (!ocrvl_schema_take(&s->walk[depth + 1], n->byte)) {
            path[depth] = n->sibling;
            continue;
        }
        for (int32_t id = n->token; id >= 0; id = s->same[id])
            allowed[id] = true;
        if (n->child && depth + 1 < LONGEST)
            path[++depth] = n->child;
        else
            path[depth] = n->sibling;
    }
}

static ocrvl_status allow(ocrvl_logit_mask *m, bool *allowed, ocrvl_error *err)
{
    ocrvl_constraint *s = (ocrvl_constraint *)m;
    const ocrvl_config *c = &s->m->weights->config;
    bool any = false;
    memset(allowed, 0, c->vocab * sizeof *allowed);
    if (ocrvl_schema_in_string(&s->now, 0))
        for (size_t i = 0; i < c->vocab; i++)
            allowed[i] = s->letters[i] && ocrvl_schema_in_string(&s->now, s->letters[i]);
    else
        walk(s, &s->plain, allowed);
    walk(s, &s->other, allowed);
    if (ocrvl_schema_complete(&s->now))
        for (size_t i = 0; i < c->stop_count; i++)
            allowed[c->stops[i]] = true;
    for (size_t i = 0; i < c->vocab && !any; i++)
        any = allowed[i];
    return any ? OCRVL_OK : ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "the schema asks for more than can be written");
}

static ocrvl_status take(ocrvl_logit_mask *m, int32_t id, ocrvl_error *err)
{
    ocrvl_constraint *s = (ocrvl_constraint *)m;
    size_t n;
    const char *bytes = ocrvl_tokenizer_bytes(s->m->tokenizer, id, &n);
    for (size_t i = 0; i < n; i++)
        if (!ocrvl_schema_take(&s->now, (uint8_t)bytes[i]))
            return ocrvl_fail(err, OCRVL_E_INTERNAL, "a token that the schema doesn't allow");
    return OCRVL_OK;
}

ocrvl_status ocrvl_constraint_new(ocrvl_constraint **out, const ocrvl_schema *schema, const ocrvl_model *m,
                                  ocrvl_error *err)
{
    *out = NULL;
    ocrvl_constraint *s = ocrvl_alloc(sizeof *s);
    if (!s)
        return ocrvl_fail_nomem(err);
    s->mask = (ocrvl_logit_mask){allow, take};
    s->schema = schema;
    s->m = m;
    ocrvl_status st = sort_tokens(s, err);
    if (st)
        ocrvl_constraint_free(s);
    else
        *out = s;
    return st;
}

void ocrvl_constraint_free(ocrvl_constraint *s)
{
    if (!s)
        return;
    ocrvl_free(s->plain.nodes);
    ocrvl_free(s->other.nodes);
    ocrvl_free(s->letters);
    ocrvl_free(s->same);
    ocrvl_free(s->walk);
    ocrvl_free(s);
}

ocrvl_logit_mask *ocrvl_constraint_begin(ocrvl_constraint *s)
{
    ocrvl_schema_start(s->schema, &s->now);
    return &s->mask;
}
