#include "model/layout.h"

#include "base/error.h"
#include "model/weights.h"

/* ---- rows -------------------------------------------------------------------------------------------- */

static void rows_of_floats(const ocrvl_raw *s, const ocrvl_kern *kern, size_t row, size_t rows, float *out)
{
    ocrvl_dtype type;
    size_t k = ocrvl_raw_columns(s);
    if (ocrvl_tensor_type(&(ocrvl_tensor){.dtype = s->dtype}, &type))
        kern->widen(out, (const char *)s->parts[0].data + row * k * ocrvl_dtype_size(type), type, rows * k);
}

/* ---- the list ---------------------------------------------------------------------------------------- */

static ocrvl_status add_plain(ocrvl_raws *s, const ocrvl_tensor *t, ocrvl_error *err)
{
    ocrvl_dtype type;
    if (ocrvl_is_half_of_packed(t->name))
        return ocrvl_fail(err, OCRVL_E_UNSUPPORTED, "the checkpoint's matrices are integers already");
    ocrvl_raw *x = ocrvl_raws_add(s, t->name);
    if (!x)
        return ocrvl_fail_nomem(err);
    x->dtype = t->dtype;
    x->rank = t->rank;
    for (uint32_t i = 0; i < t->rank; i++)
        x->shape[i] = t->shape[i];
    x->rows = ocrvl_tensor_type(t, &type) ? rows_of_floats : NULL;
    x->parts[0] = (ocrvl_raw_part){.data = t->data, .bytes = t->bytes};
    return OCRVL_OK;
}

ocrvl_status ocrvl_raws_folder(ocrvl_raws *s, const char *dir, ocrvl_error *err)
{
    ocrvl_status st = ocrvl_config_load(&s->config, dir, err);
    if (!st)
        st = ocrvl_tensors_open(&s->tensors, dir, err);
    for (size_t i = 0; !st && i < ocrvl_tensors_count(s->tensors); i++)
        st = add_plain(s, ocrvl_tensors_at(s->tensors, i), err);
    return st;
}
