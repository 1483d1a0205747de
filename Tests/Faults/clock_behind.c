// A clock that is behind: preloaded, it takes CLOCK_BEHIND_SECONDS from every look at the time of day. Waits until a
// time of day last as long as they would have; clocks that only go forward are left alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>

static time_t behind(void) {
    const char *seconds = getenv("CLOCK_BEHIND_SECONDS");
    return seconds ? (time_t)atoll(seconds) : 0;
}

static int real_clock(clockid_t clock, struct timespec *now) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = dlsym(RTLD_NEXT, "clock_gettime");
    return next(clock, now);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = real_clock(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec -= behind();
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    (void)zone;
    struct timespec time;
    if (clock_gettime(CLOCK_REALTIME, &time) != 0) return -1;
    now->tv_sec = time.tv_sec;
    now->tv_usec = time.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

// The condition does not tell its clock; one that counts from the machine's start is decades away from this one.
static struct timespec shifted(const struct timespec *until) {
    struct timespec now, then = *until;
    real_clock(CLOCK_REALTIME, &now);
    if (then.tv_sec + behind() > now.tv_sec - 86400 * 365) then.tv_sec += behind();
    return then;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
    static int (*next)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!next) next = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!next) next = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    struct timespec then = shifted(until);
    return next(condition, mutex, &then);
}

int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until) {
    static int (*next)(cnd_t *, mtx_t *, const struct timespec *);
    if (!next) next = dlsym(RTLD_NEXT, "cnd_timedwait");
    struct timespec then = shifted(until);
    return next(condition, mutex, &then);
}

// libdispatch waits by it: unshifted, every wait with a limit would be over at once.
int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
    static int (*next)(sem_t *, const struct timespec *);
    if (!next) next = dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec then = shifted(until);
    return next(semaphore, &then);
}
