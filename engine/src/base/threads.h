/* Threads, locks and conditions: those of POSIX or Windows, or nothing in a build without threads.
 */
#ifndef BITOCR_BASE_THREADS_H
#define BITOCR_BASE_THREADS_H

#include "base/platform.h"

#if BITOCR_THREADS && defined(_WIN32)

/* An SRWLOCK and a CONDITION_VARIABLE, which start with zeros and need no end. The functions are in
 * platform_win32.c, so that the names of windows.h stay there. */
typedef struct {
    void *word;
} mutex, condition;

/* It must stay where it is while the thread runs. */
typedef struct {
    void *handle;
    void *(*run)(void *argument);
    void *argument;
} thread;

void bitocr_win32_lock(mutex *m);
void bitocr_win32_unlock(mutex *m);
void bitocr_win32_wait(condition *c, mutex *m);
void bitocr_win32_wake_all(condition *c);
int bitocr_win32_start(thread *t);
void bitocr_win32_join(thread t);

static inline void mutex_init(mutex *m) {
    m->word = NULL;
}

static inline void mutex_destroy(mutex *m) {
    (void)m;
}

static inline void mutex_lock(mutex *m) {
    bitocr_win32_lock(m);
}

static inline void mutex_unlock(mutex *m) {
    bitocr_win32_unlock(m);
}

static inline void condition_init(condition *c) {
    c->word = NULL;
}

static inline void condition_destroy(condition *c) {
    (void)c;
}

static inline void condition_wait(condition *c, mutex *m) {
    bitocr_win32_wait(c, m);
}

static inline void condition_wake_all(condition *c) {
    bitocr_win32_wake_all(c);
}

static inline int thread_start(thread *t, void *(*run)(void *argument), void *argument) {
    *t = (thread){.run = run, .argument = argument};
    return bitocr_win32_start(t);
}

static inline void thread_join(thread t) {
    bitocr_win32_join(t);
}

#elif BITOCR_THREADS
#include <pthread.h>

typedef pthread_mutex_t mutex;
typedef pthread_cond_t condition;
typedef pthread_t thread;

static inline void mutex_init(mutex *m) {
    pthread_mutex_init(m, NULL);
}

static inline void mutex_destroy(mutex *m) {
    pthread_mutex_destroy(m);
}

static inline void mutex_lock(mutex *m) {
    pthread_mutex_lock(m);
}

static inline void mutex_unlock(mutex *m) {
    pthread_mutex_unlock(m);
}

static inline void condition_init(condition *c) {
    pthread_cond_init(c, NULL);
}

static inline void condition_destroy(condition *c) {
    pthread_cond_destroy(c);
}

static inline void condition_wait(condition *c, mutex *m) {
    pthread_cond_wait(c, m);
}

static inline void condition_wake_all(condition *c) {
    pthread_cond_broadcast(c);
}

/* Calls run(argument) in a new thread; 0 if the system gives none. */
static inline int thread_start(thread *t, void *(*run)(void *argument), void *argument) {
    return !pthread_create(t, NULL, run, argument);
}

static inline void thread_join(thread t) {
    pthread_join(t, NULL);
}

#else

typedef char mutex, condition, thread;

static inline void mutex_init(mutex *m) {
    *m = 0;
}

static inline void mutex_destroy(mutex *m) {
    (void)m;
}

static inline void mutex_lock(mutex *m) {
    (void)m;
}

static inline void mutex_unlock(mutex *m) {
    (void)m;
}

static inline void condition_init(condition *c) {
    *c = 0;
}

static inline void condition_destroy(condition *c) {
    (void)c;
}

static inline void condition_wait(condition *c, mutex *m) {
    (void)c;
    (void)m;
}

static inline void condition_wake_all(condition *c) {
    (void)c;
}

static inline int thread_start(thread *t, void *(*run)(void *argument), void *argument) {
    (void)t;
    (void)run;
    (void)argument;
    return 0;
}

static inline void thread_join(thread t) {
    (void)t;
}

#endif
#endif
