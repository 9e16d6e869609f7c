/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The three ways to drive a log.
 */
#include "journal_pipe.h"

#include "bench.h"
#include "heap.h"
#include "place.h"
#include "watch.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    BURST = 64,        /**< Messages between two looks at the durable number. */
    SAMPLE_EVERY = 64, /**< Messages to a measured one, where time is taken at the append. */
    SAMPLES = 1 << 16  /**< Measured messages that can be under way. */
};

/* One run of one publisher. */
typedef struct pipe_run {
    const pipe_log *log;
    uint64_t count;
    double period_ns; /**< Between two messages; 0 = as fast as they are taken. */
    int64_t start_ns;
    uint64_t sent;
    uint64_t acknowledged;
    tt_histogram histogram;
    uint64_t heap_calls; /**< Between the first append and the last acknowledgement. */
    int64_t appended_ns[SAMPLES];
} pipe_run;

static int64_t due_ns(const pipe_run *run, uint64_t index)
{
    return run->start_ns + (int64_t)((double)index * run->period_ns);
}

/* How many messages should have been sent at `now`. */
static uint64_t due_count(const pipe_run *run, int64_t now)
{
    if (run->period_ns <= 0) {
        return run->count;
    }
    if (now < run->start_ns) {
        return 0;
    }
    uint64_t due = (uint64_t)((double)(now - run->start_ns) / run->period_ns) + 1;
    return due < run->count ? due : run->count;
}

/* Sends what is due, at most a burst; false: there was no room. */
static bool send_burst(pipe_run *run, uint64_t due)
{
    uint64_t end = run->sent + BURST < due ? run->sent + BURST : due;
    if (end > run->acknowledged + run->log->window) {
        end = run->acknowledged + run->log->window;
    }
    if (end == run->sent) {
        return false;
    }
    for (; run->sent < end; run->sent++) {
        load_message message;
        load_fill(&message, run->sent + 1, 0, run->sent + 1);
        if (run->period_ns <= 0 && run->sent % SAMPLE_EVERY == 0) {
            run->appended_ns[run->sent / SAMPLE_EVERY % SAMPLES] = bench_ns();
        }
        if (!run->log->append(run->log->ctx, &message)) {
            return false;
        }
    }
    return true;
}

/* Counts what has become durable since the last look. */
static bool take_acknowledged(pipe_run *run)
{
    uint64_t durable = run->log->durable(run->log->ctx);
    if (durable == run->acknowledged) {
        return false;
    }
    if (durable < run->acknowledged || durable > run->sent) {
        bench_fail("%s: the durable number is wrong", run->log->name);
    }
    const int64_t now = bench_ns();
    for (uint64_t i = run->acknowledged; i < durable; i++) {
        if (run->period_ns > 0) {
            tt_histogram_record(&run->histogram, (uint64_t)(now - due_ns(run, i)));
        } else if (i % SAMPLE_EVERY == 0) {
            int64_t start = run->appended_ns[i / SAMPLE_EVERY % SAMPLES];
            tt_histogram_record(&run->histogram, (uint64_t)(now - start));
        }
    }
    run->acknowledged = durable;
    return true;
}

static void *drive(void *argument)
{
    pipe_run *run = argument;
    place_pin(0);
    // The first message is due a little later, so that the log's thread sleeps or spins by then.
    run->start_ns = bench_ns() + 2000000;
    while (bench_ns() < run->start_ns) {
    }
    const uint64_t heap = heap_calls();
    while (run->acknowledged < run->count) {
        const int64_t now = bench_ns();
        if ((double)(now - run->start_ns) > PIPE_SECONDS_MAX * 1e9) {
            run->count = run->sent;
        }
        bool has_room = send_burst(run, due_count(run, now));
        bool has_moved = take_acknowledged(run);
        if (!has_moved && !has_room && run->period_ns <= 0) {
            sched_yield();
        }
    }
    run->heap_calls = heap_calls() - heap;
    return NULL;
}

/* Drives the log and frees the run; returns how many messages. */
static uint64_t run_one(pipe_run *run, load_result *result)
{
    pthread_t thread;
    watch_span watch;
    const uint64_t commits = run->log->commits(run->log->ctx);
    watch_start(&watch, 0);
    if (pthread_create(&thread, NULL, drive, run) != 0) {
        bench_fail("no thread for a publisher");
    }
    pthread_join(thread, NULL);
    const double seconds = (double)(bench_ns() - run->start_ns) / 1e9;
    load_percentiles(result, &run->histogram);
    result->rate = (double)run->count / seconds;
    result->commits_per_s = (double)(run->log->commits(run->log->ctx) - commits) / seconds;
    result->foreign = watch_foreign(&watch);
    result->heap_calls = run->heap_calls;
    const uint64_t count = run->count;
    free(run);
    return count;
}

static pipe_run *new_run(const pipe_log *log, uint64_t count)
{
    pipe_run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        bench_fail("no memory");
    }
    run->log = log;
    run->count = count;
    return run;
}

uint64_t pipe_offered(const pipe_log *log, double rate, uint64_t count, load_result *result)
{
    pipe_run *run = new_run(log, count);
    run->period_ns = 1e9 / rate;
    return run_one(run, result);
}

uint64_t pipe_saturated(const pipe_log *log, uint64_t count, load_result *result)
{
    return run_one(new_run(log, count), result);
}

/* One of many publishers. */
typedef struct publisher {
    const pipe_log *log;
    const _Atomic bool *is_over;
    uint64_t id;
    uint64_t count;
    pthread_t thread;
    tt_histogram histogram;
} publisher;

static void *publish_and_wait(void *argument)
{
    publisher *self = argument;
    while (!atomic_load_explicit(self->is_over, memory_order_relaxed)) {
        load_message message;
        const int64_t start = bench_ns();
        load_fill(&message, 0, self->id, self->count + 1);
        self->log->publish(self->log->ctx, &message);
        tt_histogram_record(&self->histogram, (uint64_t)(bench_ns() - start));
        self->count++;
    }
    return NULL;
}

static void
start_publishers(publisher *all, uint32_t count, const pipe_log *log, const _Atomic bool *is_over)
{
    for (uint32_t i = 0; i < count; i++) {
        all[i].log = log;
        all[i].is_over = is_over;
        all[i].id = i;
        if (pthread_create(&all[i].thread, NULL, publish_and_wait, &all[i]) != 0) {
            bench_fail("no thread for a publisher");
        }
    }
}

uint64_t
pipe_publishers(const pipe_log *log, uint32_t publishers, double seconds, load_result *result)
{
    static tt_histogram total;
    _Atomic bool is_over = false;
    watch_span watch;
    publisher *all = calloc(publishers, sizeof *all);
    if (all == NULL || publishers > LOAD_PUBLISHERS) {
        bench_fail("%u publishers cannot be", publishers);
    }
    tt_histogram_reset(&total);
    const uint64_t commits = log->commits(log->ctx);
    watch_start(&watch, 0);
    const double start = bench_seconds();
    start_publishers(all, publishers, log, &is_over);
    nanosleep(
        &(struct timespec){(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)},
        NULL);
    atomic_store(&is_over, true);
    uint64_t count = 0;
    for (uint32_t i = 0; i < publishers; i++) {
        pthread_join(all[i].thread, NULL);
        tt_histogram_merge(&total, &all[i].histogram);
        count += all[i].count;
    }
    const double elapsed = bench_seconds() - start;
    load_percentiles(result, &total);
    result->rate = (double)count / elapsed;
    result->commits_per_s = (double)(log->commits(log->ctx) - commits) / elapsed;
    result->foreign = watch_foreign(&watch);
    free(all);
    return count;
}
