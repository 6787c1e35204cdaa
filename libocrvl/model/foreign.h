/* What a folder or file is that isn't a checkpoint the engine can open, so that messages can say it. */
#ifndef OCRVL_MODEL_FOREIGN_H
#define OCRVL_MODEL_FOREIGN_H

#include "model/numbers.h"
#include "ocrvl.h"

/* Whether a file begins as GGUF does. */
bool ocrvl_foreign_is_gguf(const char *path);
/* Of a model named by `dir` in which there is no config.json: always fails, with OCRVL_E_MODEL (or OCRVL_E_NOMEM). */
OCRVL_MUST_CHECK ocrvl_status ocrvl_foreign_place(const char *dir, ocrvl_error *err);
/* Of a config.json, at `path`, whose model_type (or NULL) is of no family: always fails with OCRVL_E_MODEL. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_foreign_type(const char *path, const char *type, ocrvl_error *err);
/* Of a config.json whose weights are in a layout that must be packed first: always fails with OCRVL_E_MODEL. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_foreign_kind(const char *path, ocrvl_numbers_kind kind, ocrvl_error *err);
/* Of a folder with a config.json but without a weight file that the engine reads: always fails. */
OCRVL_MUST_CHECK ocrvl_status ocrvl_foreign_weights(const char *dir, ocrvl_error *err);

#endif
