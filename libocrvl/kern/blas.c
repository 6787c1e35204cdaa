/* OpenBLAS behind the table: for processors without a kernel of ours, and as an independent check on our kernels. One
 * call is one panel on one of our threads, so that sums don't depend on the number of threads. */
#include "kern/kern.h"

#include <cblas.h>
#include <pthread.h>

#define NAME(x) blas_##x
#include "kern/elem.inc"
#include "kern/pair.inc"
#include "kern/quant.inc"

static void one_thread(void) { openblas_set_num_threads(1); }

/* The serial OpenBLAS hands out its buffers without a lock: if two of our threads run in it at once, they spoil each
 * other's sums. */
static void tile(size_t m, size_t panels, size_t k, const float *a, size_t lda, const float *b, size_t panel_stride,
                 float *c, size_t ldc, bool more)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    bool serial = openblas_get_parallel() == OPENBLAS_SEQUENTIAL;
    pthread_once(&once, one_thread);
    if (serial)
        pthread_mutex_lock(&lock);
    for (size_t p = 0; p < panels; p++)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, OCRVL_PANEL, (blasint)k, 1.0f, a,
                    (blasint)lda, b + p * panel_stride, OCRVL_PANEL, more ? 1.0f : 0.0f, c + p * OCRVL_PANEL,
                    (blasint)ldc);
    if (serial)
        pthread_mutex_unlock(&lock);
}

const ocrvl_kern ocrvl_kern_blas =
    TABLE("blas", tile, blas_dot, blas_pair_tile, blas_int8_tile, blas_int4_tile, .bf16 = false);
