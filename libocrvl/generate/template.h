/* What a checkpoint's own chat template says beyond what its family's does. It isn't run: the turns are those of ChatML
 * in all families. */
#ifndef OCRVL_GENERATE_TEMPLATE_H
#define OCRVL_GENERATE_TEMPLATE_H

#include "model/config.h"

typedef struct ocrvl_template {
    bool there;  /* a template was found */
    bool thinks; /* it opens the answer with <think> */
    bool system; /* it holds the text of the family's default system turn */
} ocrvl_template;

/* Reads chat_template.jinja of the folder, else chat_template.json, else the template in tokenizer_config.json; what
 * can't be read is no template. OCRVL_E_NOMEM is the one error. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_template_read(ocrvl_template *t, const char *dir, const ocrvl_family *f,
                                                  ocrvl_error *err);
/* The same of a template's text. f: the family that its default system turn is looked for of */
ocrvl_template ocrvl_template_of(const char *text, const ocrvl_family *f);

#endif
