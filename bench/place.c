/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Pinning, the cache-line probe, the load of others.
 */
#include "place.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    PROBE_ROUNDS = 20000,
    PROBE_WARM_UP = 2000,
    PREFERRED = -10
};

/** Round trips of a line, from perf_anchors: siblings 60 to 80 ns, near 100 to 120, far over 400.
 */
#define SMT_NS_MAX  90.0
#define NEAR_NS_MAX 250.0

const char *place_text(place_distance distance)
{
    static const char *const texts[] = {"near", "far", "smt", "moved"};
    return texts[distance];
}

/** The processors that the process may use are read once, before a thread is pinned. */
static const cpu_set_t *allowed(void)
{
    static cpu_set_t set;
    static bool is_known;
    if (!is_known) {
        is_known = true;
        if (sched_getaffinity(0, sizeof set, &set) != 0) {
            bench_fail("the processors of this process are unknown");
        }
    }
    return &set;
}

uint32_t place_cpus(void)
{
    return (uint32_t)CPU_COUNT(allowed());
}

void place_pin(uint32_t cpu)
{
    const cpu_set_t *set = allowed();
    uint32_t wanted = cpu % (uint32_t)CPU_COUNT(set);
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (!CPU_ISSET(i, set) || wanted-- > 0) {
            continue;
        }
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(i, &one);
        (void)pthread_setaffinity_np(pthread_self(), sizeof one, &one);
        return;
    }
}

/** Sets the weight of the session, where the kernel divides time between sessions first. */
static void set_session_weight(int nice_value)
{
    FILE *out = fopen("/proc/self/autogroup", "w");
    if (out != NULL) {
        fprintf(out, "%d", nice_value);
        (void)fclose(out);
    }
}

static void restore_session(void)
{
    set_session_weight(0);
}

void place_prefer(void)
{
    (void)allowed();
    // Only root may; without it the runs are just noisier.
    if (setpriority(PRIO_PROCESS, 0, PREFERRED) == 0 && atexit(restore_session) == 0) {
        set_session_weight(PREFERRED);
    }
}

struct probe {
    _Alignas(128) _Atomic uint64_t ping;
    _Alignas(128) _Atomic uint64_t pong;
};

static void *answer(void *argument)
{
    struct probe *probe = argument;
    place_pin(1);
    for (uint64_t i = 1; i <= PROBE_ROUNDS; i++) {
        while (atomic_load_explicit(&probe->ping, memory_order_acquire) != i) {
        }
        atomic_store_explicit(&probe->pong, i, memory_order_release);
    }
    return NULL;
}

static int compare_ticks(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

double place_probe(void)
{
    static struct probe probe;
    static uint64_t ticks[PROBE_ROUNDS];
    if (place_cpus() < 2) {
        return 0;
    }
    atomic_store(&probe.ping, 0);
    atomic_store(&probe.pong, 0);
    pthread_t thread;
    if (pthread_create(&thread, NULL, answer, &probe) != 0) {
        bench_fail("no thread for the placement probe");
    }
    place_pin(0);
    uint64_t before = place_ticks();
    for (uint64_t i = 1; i <= PROBE_ROUNDS; i++) {
        atomic_store_explicit(&probe.ping, i, memory_order_release);
        while (atomic_load_explicit(&probe.pong, memory_order_acquire) != i) {
        }
        uint64_t now = place_ticks();
        ticks[i - 1] = now - before;
        before = now;
    }
    pthread_join(thread, NULL);
    uint32_t count = PROBE_ROUNDS - PROBE_WARM_UP;
    qsort(ticks + PROBE_WARM_UP, count, sizeof *ticks, compare_ticks);
    return (double)ticks[PROBE_WARM_UP + count / 2] * place_tick_ns();
}

place_distance place_of(double round_trip_ns)
{
    if (round_trip_ns < SMT_NS_MAX) {
        return PLACE_SMT;
    }
    return round_trip_ns < NEAR_NS_MAX ? PLACE_NEAR : PLACE_FAR;
}

double place_thread_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double place_tick_ns(void)
{
    static double tick_ns;
    if (tick_ns > 0) {
        return tick_ns;
    }
    double start = bench_seconds();
    uint64_t ticks = place_ticks();
    double now = start;
    while (now - start < 0.02) {
        now = bench_seconds();
    }
    tick_ns = (now - start) * 1e9 / (double)(place_ticks() - ticks);
    return tick_ns;
}

/** Busy time of all processors: everything in the first line of the table but idle and waiting. */
static double busy_seconds(void)
{
    unsigned long long user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0;
    FILE *in = fopen("/proc/stat", "r");
    if (in == NULL) {
        return 0;
    }
    int found = fscanf(
        in,
        "cpu %llu %llu %llu %llu %llu %llu %llu",
        &user,
        &nice,
        &system,
        &idle,
        &wait,
        &irq,
        &soft);
    fclose(in);
    double ticks = (double)(user + nice + system + irq + soft);
    return found == 7 ? ticks / (double)sysconf(_SC_CLK_TCK) : 0;
}

place_load place_load_now(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double own = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    return (place_load){.busy_s = busy_seconds(), .own_s = own, .wall_s = bench_seconds()};
}

double place_foreign(const place_load *before)
{
    place_load now = place_load_now();
    double all = (now.wall_s - before->wall_s) * (double)CPU_COUNT(allowed());
    double others = (now.busy_s - before->busy_s) - (now.own_s - before->own_s);
    return all > 0 && others > 0 ? others / all : 0;
}
