#include "base/pool.h"

#include <pthread.h>
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
    pthread_mutex_t lock; /* guards everything below, and all jobs */
    pthread_cond_t come;  /* there is work, or the end */
    pthread_cond_t done;  /* a job has no more work and nobody at it */
    job *jobs;
    int stopping;
    int helpers;
    pthread_t threads[MAX_THREADS];
};

/* Does one piece of a job that has some left. Called with the lock, which is let go meanwhile. */
static void do_one(pool *p, job *j) {
    int i = j->next++;
    j->active++;
    pthread_mutex_unlock(&p->lock);
    j->work(j->context, i);
    pthread_mutex_lock(&p->lock);
    j->active--;
    if (!j->active && j->next >= j->count)
        pthread_cond_broadcast(&p->done);
}

static void *help(void *argument) {
    pool *p = argument;
    pthread_mutex_lock(&p->lock);
    while (!p->stopping) {
        job *j = p->jobs;
        while (j && j->next >= j->count)
            j = j->behind;
        if (j)
            do_one(p, j);
        else
            pthread_cond_wait(&p->come, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

pool *bitocr_pool_create(int threads) {
    pool *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->come, NULL);
    pthread_cond_init(&p->done, NULL);
    while (p->helpers < threads - 1 && p->helpers < MAX_THREADS &&
           !pthread_create(&p->threads[p->helpers], NULL, help, p))
        p->helpers++;
    return p;
}

void bitocr_pool_free(pool *p) {
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = 1;
    pthread_cond_broadcast(&p->come);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->helpers; i++)
        pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->come);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

int bitocr_pool_threads(const pool *p) {
    return p->helpers + 1;
}

void bitocr_pool_run(pool *p, void (*work)(void *context, int i), void *context, int count) {
    job j = {work, context, count, 0, 0, NULL};
    pthread_mutex_lock(&p->lock);
    job **link = &p->jobs;
    while (*link)
        link = &(*link)->behind;
    *link = &j;
    if (count > 1)
        pthread_cond_broadcast(&p->come);
    while (j.next < j.count)
        do_one(p, &j);
    while (j.active)
        pthread_cond_wait(&p->done, &p->lock);
    for (link = &p->jobs; *link != &j;)
        link = &(*link)->behind;
    *link = j.behind;
    pthread_mutex_unlock(&p->lock);
}
