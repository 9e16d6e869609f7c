/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Hand-off between threads: one harness, many carriers. A carrier says how it sends and receives a
 * message; the loops around that are the same for all, and inline, so that no carrier pays for the
 * harness. Messages are copied in from a prepared source, and every one is checked where it
 * arrives: its number follows the one before of the same producer, and its last word is right.
 */
#ifndef TT_BENCH_HANDOFF_H
#define TT_BENCH_HANDOFF_H

#include "bench.h"

#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

enum {
    HANDOFF_PRODUCERS_MAX = 2,
    HANDOFF_QUEUE = 8192, /**< Messages that a carrier holds, where it can be told. */
    HANDOFF_SIZE_MAX = 256,
    HANDOFF_SAMPLES_MAX = 1 << 20,
    /** Polls before a thread yields, when there are more threads than processors. */
    HANDOFF_POLLS = 100
};

/** Number of a message that says: the producer has ended. */
#define HANDOFF_END UINT64_MAX

typedef struct handoff_job handoff_job;

/** A way to hand messages over. `open` makes one direction for that many producers; two directions
 * are two of them. `serve` runs the pass of one thread. */
typedef struct handoff_carrier {
    const char *name;
    bool is_ours; /**< A ring of ours: the budget counts (ADR 108). */
    /** Opens what the job needs: its size, producers and whether answers come back. */
    void (*open)(handoff_job *job);
    void (*close)(handoff_job *job);
    /** Sends until the job is over, then the end. */
    void (*produce)(handoff_job *job, uint32_t producer);
    /** Receives until each producer has ended. */
    void (*consume)(handoff_job *job);
    /** Sends and waits for the answer until the job is over; keeps the times. */
    void (*ping)(handoff_job *job, uint32_t producer);
    /** Answers until each producer has ended. */
    void (*pong)(handoff_job *job);
} handoff_carrier;

/** What one producer finds out. */
typedef struct handoff_producer {
    _Alignas(128) uint64_t sent;
    uint32_t *samples; /**< Round trips in ticks. */
    uint32_t sample_count;
} handoff_producer;

/** One run: what is asked, what came out. */
struct handoff_job {
    const handoff_carrier *carrier;
    uint32_t size; /**< Bytes of a message. */
    uint32_t producers;
    bool is_two_way;
    bool is_crowded; /**< More threads than processors: waiting threads yield. */
    void *requests;
    void *answers[HANDOFF_PRODUCERS_MAX];
    _Alignas(128) _Atomic bool is_over;
    handoff_producer producer[HANDOFF_PRODUCERS_MAX];
    _Alignas(128) uint64_t received;
    uint64_t expected[HANDOFF_PRODUCERS_MAX];
    uint64_t ticks; /**< From the first message to the last. */
};

/** Messages that are about to be sent. They are written well before they are sent: a copy that
 * reads in wide words what was just written in narrow ones waits for the store, which would cost
 * each carrier that copies the same eight nanoseconds. */
typedef struct handoff_source {
    _Alignas(64) unsigned char bytes[64][HANDOFF_SIZE_MAX];
    uint32_t producer;
    uint32_t size;
} handoff_source;

static inline uint64_t handoff_check(uint64_t number, uint32_t producer)
{
    return (number ^ 0x5bd1e995u) + producer;
}

static inline void handoff_write(handoff_source *source, uint64_t number)
{
    unsigned char *to = source->bytes[number & 63];
    uint64_t producer = source->producer;
    uint64_t check = handoff_check(number, source->producer);
    memcpy(to, &number, 8);
    memcpy(to + 8, &producer, 8);
    memcpy(to + source->size - 8, &check, 8);
}

static inline void handoff_source_init(handoff_source *source, uint32_t size, uint32_t producer)
{
    memset(source, 0, sizeof *source);
    source->size = size;
    source->producer = producer;
    for (uint64_t i = 0; i < 32; i++) {
        handoff_write(source, i);
    }
}

/** The message of that number; each number once, in order. */
static inline const void *handoff_take(handoff_source *source, uint64_t number)
{
    handoff_write(source, number + 32);
    return source->bytes[number & 63];
}

/** Writes the message that says that a producer has ended. */
static inline const void *handoff_end(handoff_source *source)
{
    const uint64_t words[2] = {HANDOFF_END, source->producer};
    memcpy(source->bytes[0], words, sizeof words);
    return source->bytes[0];
}

/** Waits once. */
static inline void handoff_wait(const handoff_job *job, uint32_t *polls)
{
    if (job->is_crowded && ++*polls >= HANDOFF_POLLS) {
        *polls = 0;
        sched_yield();
    }
}

static inline bool handoff_is_over(handoff_job *job)
{
    return atomic_load_explicit(&job->is_over, memory_order_relaxed);
}

/** Checks a message that has arrived; true for the end of its producer. */
static inline bool handoff_arrived(handoff_job *job, const void *message)
{
    uint64_t number, producer, check;
    memcpy(&number, message, 8);
    memcpy(&producer, (const unsigned char *)message + 8, 8);
    memcpy(&check, (const unsigned char *)message + job->size - 8, 8);
    if (number == HANDOFF_END) {
        return true;
    }
    if (producer >= job->producers || number != job->expected[producer] ||
        check != handoff_check(number, (uint32_t)producer)) {
        bench_fail("%s: a message was lost, changed or overtaken", job->carrier->name);
    }
    job->expected[producer]++;
    job->received++;
    return false;
}

/** Runs a carrier once for `seconds`. */
void handoff_run(handoff_job *job, double seconds);
/** Benchmarks all carriers in all shapes: prints a table, and adds its rows to the JSON. */
void handoff_bench(bench_table *table, bool is_short);

extern const handoff_carrier handoff_raw;      /**< The raw ring; one a producer. */
extern const handoff_carrier handoff_sequence; /**< A raw ring with a number in each slot. */
extern const handoff_carrier handoff_ring;     /**< tt_ring. */
extern const handoff_carrier handoff_mpsc;     /**< tt_mpsc. */
extern const handoff_carrier handoff_tutti;    /**< All the way through Tutti. */
#ifdef BENCH_HAS_CK
extern const handoff_carrier handoff_ck;
#endif
#ifdef BENCH_HAS_URCU
extern const handoff_carrier handoff_urcu;
#endif
#ifdef BENCH_HAS_ZMQ
extern const handoff_carrier handoff_zeromq;
#endif
#ifdef BENCH_HAS_NNG
extern const handoff_carrier handoff_inproc;
#endif

#endif
