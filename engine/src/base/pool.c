#include "base/pool.h"
#include "base/threads.h"

#include <stdlib.h>

enum { MAX_THREADS = 256 };

/* One bitocr_pool_run: it lives on its caller's stack and hangs in the pool's list meanwhile. */
typedef struct job {
    void (*work)(void *context, int i);
    void *context;
    int count;
    int next;   /* the first i that nobody has taken */
    int active; /* threads at work on it */
    struct job *behind;
} job;

struct pool {
    mutex lock;     /* guards everything below, and all jobs */
    condition come; /* there is work, or the end */
    condition done; /* a job has no more work and nobody at it */
    job *jobs;
    int stopping;
    int helpers;
    thread threads[MAX_THREADS];
};

/* Does one piece of a job that has some left. Called with the lock, which is let go meanwhile. */
static void do_one(pool *p, job *j) {
    int i = j->next++;
    j->active++;
    mutex_unlock(&p->lock);
    j->work(j->context, i);
    mutex_lock(&p->lock);
    j->active--;
    if (!j->active && j->next >= j->count)
        condition_wake_all(&p->done);
}

static void *help(void *argument) {
    pool *p = argument;
    mutex_lock(&p->lock);
    while (!p->stopping) {
        job *j = p->jobs;
        while (j && j->next >= j->count)
            j = j->behind;
        if (j)
            do_one(p, j);
        else
            condition_wait(&p->come, &p->lock);
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
    while (p->helpers < threads - 1 && p->helpers < MAX_THREADS &&
           thread_start(&p->threads[p->helpers], help, p))
        p->helpers++;
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
        thread_join(p->threads[i]);
    condition_destroy(&p->done);
    condition_destroy(&p->come);
    mutex_destroy(&p->lock);
    free(p);
}

int bitocr_pool_threads(const pool *p) {
    return p->helpers + 1;
}

void bitocr_pool_run(pool *p, void (*work)(void *context, int i), void *context, int count) {
    job j = {work, context, count, 0, 0, NULL};
    mutex_lock(&p->lock);
    job **link = &p->jobs;
    while (*link)
        link = &(*link)->behind;
    *link = &j;
    if (count > 1)
        condition_wake_all(&p->come);
    while (j.next < j.count)
        do_one(p, &j);
    while (j.active)
        condition_wait(&p->done, &p->lock);
    for (link = &p->jobs; *link != &j;)
        link = &(*link)->behind;
    *link = j.behind;
    mutex_unlock(&p->lock);
}
