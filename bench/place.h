/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Where a measurement runs: pinned threads, how far apart the processors are, who else computes,
 * and the clock of short intervals. A virtual machine may be moved between two measurements, and
 * the same ring is then several times as fast or as slow: a result without its placement says
 * little.
 */
#ifndef TT_BENCH_PLACE_H
#define TT_BENCH_PLACE_H

#include "bench.h"

#include <time.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/** How far apart two processors are, by the round trip of one cache line. */
typedef enum place_distance {
    PLACE_NEAR,  /**< Two cores with a shared cache. */
    PLACE_FAR,   /**< Different caches or sockets. */
    PLACE_SMT,   /**< Siblings of one core. */
    PLACE_MOVED, /**< Different before and after. */
    PLACE_COUNT
} place_distance;

const char *place_text(place_distance distance);
/** Number of processors that the process may use. */
uint32_t place_cpus(void);
/** Pins the calling thread to the processor of that number, modulo the number of processors. */
void place_pin(uint32_t cpu);
/** Raises the process over others that compute, where it may. */
void place_prefer(void);
/** Round trip of a cache line between processors 0 and 1 in ns: the median of many. */
double place_probe(void);
place_distance place_of(double round_trip_ns);

/** Processor time of the machine, and what of it is this process's. */
typedef struct place_load {
    double busy_s;
    double own_s;
    double wall_s;
} place_load;
place_load place_load_now(void);
/** Part of the machine that others used since `before`, 0 to 1. */
double place_foreign(const place_load *before);

/** Counts time in units of about a nanosecond; place_ns tells how much they are. */
static inline uint64_t place_ticks(void)
{
#if defined(__x86_64__)
    return __rdtsc();
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}
/** Nanoseconds of one tick. */
double place_tick_ns(void);
/** Time that the calling thread has computed, in ns: what others compute meanwhile is not in it. */
double place_thread_ns(void);

#endif
