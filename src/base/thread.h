/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Threads of a library. The signals of a process are for the threads of its program: one that
 * blocks SIGTERM and waits for it must not be ended because a thread of the library had it open.
 * Inline, because base itself makes no call of the system.
 */
#ifndef TT_BASE_THREAD_H
#define TT_BASE_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

/** All signals but those that tell what the thread itself has done, and those of profilers. */
static inline sigset_t tt_thread_signals(void)
{
    static const int own[] = {
        SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF, SIGVTALRM};
    sigset_t all;
    (void)sigfillset(&all);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        (void)sigdelset(&all, own[i]);
    }
    return all;
}

/** As pthread_create, with signals blocked. 0 or an errno value. @thread{any} */
static inline int tt_thread_start(pthread_t *ret_thread, void *(*run)(void *), void *ctx)
{
    sigset_t before;
    const sigset_t blocked = tt_thread_signals();
    (void)pthread_sigmask(SIG_BLOCK, &blocked, &before);
    int result = pthread_create(ret_thread, NULL, run, ctx);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

#endif
