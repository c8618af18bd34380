/* A few threads that share the work of their callers. */
#ifndef BITOCR_BASE_POOL_H
#define BITOCR_BASE_POOL_H

typedef struct pool pool;

/* A pool in which `threads` threads work on a call, including the caller's; fewer if the system
 * gives no more. NULL: out of memory. */
pool *bitocr_pool_create(int threads);
void bitocr_pool_free(pool *p);

int bitocr_pool_threads(const pool *p); /* 1 where p is NULL */

/* Calls work(context, i) for i in 0..count-1, in any order, and returns when all are done. Several
 * threads may run things on one pool at the same time. */
void bitocr_pool_run(pool *p, void (*work)(void *context, int i), void *context, int count);

enum { POOL_LATER = -1, POOL_END = -2 };

/* Work in pieces, some of which wait for others. Only one thread at a time calls the functions
 * other than `work`. */
typedef struct {
    /* A piece that can be done now; POOL_LATER: not before one at work is finished; POOL_END: all
     * pieces are taken. */
    int (*next)(void *context);
    void (*take)(void *context, int piece); /* it will be done now */
    /* `worker` is below bitocr_pool_threads, another for each thread at work at the same time. */
    void (*work)(void *context, int worker, int piece);
    void (*finish)(void *context, int piece);
} pool_steps;

/* Does all pieces. If the pool is NULL, the calling thread does them alone. */
void bitocr_pool_run_steps(pool *p, const pool_steps *steps, void *context);

#endif
