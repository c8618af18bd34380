/* A few threads that share the work of whoever asks. */
#ifndef BITOCR_BASE_POOL_H
#define BITOCR_BASE_POOL_H

typedef struct pool pool;

/* A pool where `threads` work at a call, the caller's own among them; fewer where the system gives
 * no more. NULL: out of memory. */
pool *bitocr_pool_create(int threads);
void bitocr_pool_free(pool *p);

int bitocr_pool_threads(const pool *p);

/* Calls work(context, i) for i in 0..count-1, in any order, and returns when all are done. Several
 * threads may run things on one pool at the same time. */
void bitocr_pool_run(pool *p, void (*work)(void *context, int i), void *context, int count);

#endif
