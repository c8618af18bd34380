#include "base/pool.h"
#include "base/threads.h"

#include <stdlib.h>

enum { MAX_THREADS = 256 };

/* One bitocr_pool_run_steps: it lives on its caller's stack and hangs in the pool's list meanwhile.
 */
typedef struct job {
    const pool_steps *steps;
    void *context;
    int active;  /* threads at work on it */
    int waiting; /* its caller waits for a piece */
    struct job *behind;
} job;

typedef struct {
    pool *pool;
    thread thread;
    int number; /* from 1: callers are 0 */
} helper;

struct pool {
    mutex lock;     /* guards everything below, and all jobs */
    condition come; /* there is work, or the end */
    condition done; /* a job has no more work and nobody at it, or a piece for its caller */
    job *jobs;
    int idle; /* helpers that wait */
    int stopping;
    int helpers;
    helper threads[MAX_THREADS];
};

static int next_of(job *j) {
    return j->steps->next(j->context);
}

/* Calls whoever waits where there is one more piece to do. */
static void wake(pool *p, job *j) {
    if ((!p->idle && !j->waiting) || next_of(j) < 0)
        return;
    if (p->idle)
        condition_wake_all(&p->come);
    if (j->waiting)
        condition_wake_all(&p->done);
}

/* Does the pieces of a job that can be done now, beginning with this one. Called with the lock,
 * which is let go meanwhile. */
static void do_pieces(pool *p, job *j, int worker, int piece) {
    for (; piece >= 0; piece = next_of(j)) {
        j->steps->take(j->context, piece);
        j->active++;
        wake(p, j);
        mutex_unlock(&p->lock);
        j->steps->work(j->context, worker, piece);
        mutex_lock(&p->lock);
        j->steps->finish(j->context, piece);
        j->active--;
    }
    if (!j->active && piece == POOL_END)
        condition_wake_all(&p->done);
}

static void *help(void *argument) {
    helper *self = argument;
    pool *p = self->pool;
    mutex_lock(&p->lock);
    while (!p->stopping) {
        job *j = p->jobs;
        int piece = POOL_END;
        while (j && (piece = next_of(j)) < 0)
            j = j->behind;
        if (j) {
            do_pieces(p, j, self->number, piece);
        } else {
            p->idle++;
            condition_wait(&p->come, &p->lock);
            p->idle--;
        }
    }
    mutex_unlock(&p->lock);
    return NULL;
}

pool *bitocr_pool_create(int threads) {
    pool *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    mutex_init(&p->lock);
    condition_init(&p->come);
    condition_init(&p->done);
    while (p->helpers < threads - 1 && p->helpers < MAX_THREADS) {
        helper *h = &p->threads[p->helpers];
        *h = (helper){.pool = p, .number = p->helpers + 1};
        if (!thread_start(&h->thread, help, h))
            break;
        p->helpers++;
    }
    return p;
}

void bitocr_pool_free(pool *p) {
    if (!p)
        return;
    mutex_lock(&p->lock);
    p->stopping = 1;
    condition_wake_all(&p->come);
    mutex_unlock(&p->lock);
    for (int i = 0; i < p->helpers; i++)
        thread_join(p->threads[i].thread);
    condition_destroy(&p->done);
    condition_destroy(&p->come);
    mutex_destroy(&p->lock);
    free(p);
}

int bitocr_pool_threads(const pool *p) {
    return p ? p->helpers + 1 : 1;
}

static void run_alone(const pool_steps *steps, void *context) {
    for (int piece; (piece = steps->next(context)) >= 0;) {
        steps->take(context, piece);
        steps->work(context, 0, piece);
        steps->finish(context, piece);
    }
}

static void append(pool *p, job *j) {
    job **link = &p->jobs;
    while (*link)
        link = &(*link)->behind;
    *link = j;
}

static void remove_job(pool *p, const job *j) {
    job **link = &p->jobs;
    while (*link != j)
        link = &(*link)->behind;
    *link = j->behind;
}

void bitocr_pool_run_steps(pool *p, const pool_steps *steps, void *context) {
    if (!p || !p->helpers) {
        run_alone(steps, context);
        return;
    }
    job j = {.steps = steps, .context = context};
    mutex_lock(&p->lock);
    append(p, &j);
    for (int piece; (piece = next_of(&j)) != POOL_END || j.active;) {
        if (piece >= 0) {
            do_pieces(p, &j, 0, piece);
        } else {
            j.waiting = 1;
            condition_wait(&p->done, &p->lock);
            j.waiting = 0;
        }
    }
    remove_job(p, &j);
    mutex_unlock(&p->lock);
}

/* Pieces 0 to count - 1, of which none waits. */
typedef struct {
    void (*work)(void *context, int i);
    void *context;
    int count, taken;
} counted;

static int counted_next(void *context) {
    counted *c = context;
    return c->taken < c->count ? c->taken : POOL_END;
}

static void counted_take(void *context, int piece) {
    counted *c = context;
    c->taken = piece + 1;
}

static void counted_work(void *context, int worker, int piece) {
    counted *c = context;
    (void)worker;
    c->work(c->context, piece);
}

static void counted_finish(void *context, int piece) {
    (void)context;
    (void)piece;
}

void bitocr_pool_run(pool *p, void (*work)(void *context, int i), void *context, int count) {
    static const pool_steps steps = {counted_next, counted_take, counted_work, counted_finish};
    counted c = {work, context, count, 0};
    bitocr_pool_run_steps(p, &steps, &c);
}
