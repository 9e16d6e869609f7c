/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Runs the carriers in turn, several times round, and sets each beside the raw ring of the same
 * round. Runs during which the machine moved the processors, or others computed much, are set
 * aside; when that leaves too few, all are used and the table says so.
 */
#include "handoff.h"

#include "place.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ROUNDS = 7,
    ROUNDS_SHORT = 2,
    ROUNDS_CLEAN = 5, /**< With fewer clean ones there are more rounds, */
    ROUNDS_MAX = 15,  /**< up to so many. */
    ROUNDS_LEAST = 3, /**< With fewer clean rounds all of them count. */
    CARRIERS_MAX = 16,
    SIZES = 2
};
#define RUN_S        0.07
#define RUN_SHORT_S  0.01
#define FOREIGN_MAX  0.05
#define RATIO_BUDGET 1.3
#define P999_SAMPLES 10000

static const uint32_t sizes[SIZES] = {64, 256};

static const handoff_carrier *const carriers[] = {
    &handoff_raw,
    &handoff_sequence,
    &handoff_ring,
    &handoff_mpsc,
    &handoff_tutti,
#ifdef BENCH_HAS_CK
    &handoff_ck,
#endif
#ifdef BENCH_HAS_URCU
    &handoff_urcu,
#endif
#ifdef BENCH_HAS_ZMQ
    &handoff_zeromq,
#endif
#ifdef BENCH_HAS_NNG
    &handoff_inproc,
#endif
};
enum {
    CARRIERS = sizeof carriers / sizeof carriers[0]
};

/** Peers that this build does not have. */
static const char missing[] = ""
#ifndef BENCH_HAS_CK
                              "  Concurrency Kit: not installed (libck-dev)\n"
#endif
#ifndef BENCH_HAS_URCU
                              "  liburcu: not installed (liburcu-dev)\n"
#endif
#ifndef BENCH_HAS_ZMQ
                              "  ZeroMQ: not installed (libzmq3-dev)\n"
#endif
#ifndef BENCH_HAS_NNG
                              "  nng: not installed (libnng-dev)\n"
#endif
    ;

/** What one run gave. */
struct result {
    double p50, p99, p999; /**< Round trip in ns; p999 0 with too few samples. */
    double rate;           /**< Messages a second. */
    place_distance distance;
    double foreign;
};

struct thread {
    handoff_job *job;
    uint32_t producer;
};

static void *run_producer(void *argument)
{
    const struct thread *thread = argument;
    handoff_job *job = thread->job;
    // The consumer has a processor of its own; producers share what is left.
    uint32_t cpus = place_cpus();
    place_pin(thread->producer == 0 || cpus < 3 ? 0 : 2);
    if (job->is_two_way) {
        job->carrier->ping(job, thread->producer);
    } else {
        job->carrier->produce(job, thread->producer);
    }
    return NULL;
}

static void *run_consumer(void *argument)
{
    handoff_job *job = argument;
    place_pin(1);
    if (job->is_two_way) {
        job->carrier->pong(job);
    } else {
        job->carrier->consume(job);
    }
    return NULL;
}

static void start(pthread_t *thread, void *(*run)(void *), void *argument)
{
    if (pthread_create(thread, NULL, run, argument) != 0) {
        bench_fail("no thread");
    }
}

void handoff_run(handoff_job *job, double seconds)
{
    pthread_t consumer;
    pthread_t producers[HANDOFF_PRODUCERS_MAX];
    struct thread threads[HANDOFF_PRODUCERS_MAX];
    job->is_crowded = job->producers + 1 > place_cpus();
    job->carrier->open(job);
    start(&consumer, run_consumer, job);
    for (uint32_t i = 0; i < job->producers; i++) {
        threads[i] = (struct thread){.job = job, .producer = i};
        start(&producers[i], run_producer, &threads[i]);
    }
    const struct timespec time = {.tv_nsec = (long)(seconds * 1e9)};
    nanosleep(&time, NULL);
    atomic_store(&job->is_over, true);
    uint64_t sent = 0;
    for (uint32_t i = 0; i < job->producers; i++) {
        pthread_join(producers[i], NULL);
        sent += job->producer[i].sent;
    }
    pthread_join(consumer, NULL);
    job->carrier->close(job);
    if (sent != job->received || sent == 0) {
        bench_fail(
            "%s: %llu messages sent, %llu arrived",
            job->carrier->name,
            (unsigned long long)sent,
            (unsigned long long)job->received);
    }
}

static int compare_samples(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static int compare_values(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/** Joins the samples of all producers without the first tenth of each, and reads percentiles. */
static void read_samples(const handoff_job *job, struct result *result)
{
    static uint32_t all[HANDOFF_PRODUCERS_MAX * HANDOFF_SAMPLES_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < job->producers; i++) {
        const handoff_producer *producer = &job->producer[i];
        uint32_t skipped = producer->sample_count / 10;
        memcpy(
            all + count,
            producer->samples + skipped,
            (producer->sample_count - skipped) * sizeof *all);
        count += producer->sample_count - skipped;
    }
    qsort(all, count, sizeof *all, compare_samples);
    double tick_ns = place_tick_ns();
    result->p50 = all[count / 2] * tick_ns;
    result->p99 = all[(uint32_t)(count * 0.99)] * tick_ns;
    result->p999 = count >= P999_SAMPLES ? all[(uint32_t)(count * 0.999)] * tick_ns : 0;
}

/** One carrier in one shape: its round trips, then its throughput. `probe` is the placement before,
 * and becomes the one after. */
static struct result
measure(const handoff_carrier *carrier, uint32_t size, uint32_t producers, double s, double *probe)
{
    static handoff_job job;
    static uint32_t samples[HANDOFF_PRODUCERS_MAX][HANDOFF_SAMPLES_MAX];
    struct result result = {0};
    place_distance before = place_of(*probe);
    place_load load = place_load_now();
    for (int is_two_way = 1; is_two_way >= 0; is_two_way--) {
        job = (handoff_job){
            .carrier = carrier, .size = size, .producers = producers, .is_two_way = is_two_way};
        for (uint32_t i = 0; i < producers; i++) {
            job.producer[i].samples = samples[i];
        }
        handoff_run(&job, s);
        if (is_two_way) {
            read_samples(&job, &result);
        } else {
            result.rate = (double)job.received / ((double)job.ticks * place_tick_ns() / 1e9);
        }
    }
    result.foreign = place_foreign(&load);
    *probe = place_probe();
    result.distance = place_of(*probe) == before ? before : PLACE_MOVED;
    return result;
}

/** All results of one shape. */
struct shape {
    uint32_t size;
    uint32_t producers;
    int rounds;
    struct result of[CARRIERS][ROUNDS_MAX];
};

/** The placement that most runs had. */
static place_distance usual_distance(const struct shape *shapes, int count, uint32_t *ret_counts)
{
    for (int i = 0; i < count * CARRIERS; i++) {
        const struct shape *shape = &shapes[i / CARRIERS];
        for (int round = 0; round < shape->rounds; round++) {
            ret_counts[shape->of[i % CARRIERS][round].distance]++;
        }
    }
    place_distance most = PLACE_NEAR;
    for (place_distance i = PLACE_NEAR; i < PLACE_MOVED; i++) {
        most = ret_counts[i] > ret_counts[most] ? i : most;
    }
    return most;
}

static bool is_clean(const struct result *result, place_distance distance)
{
    return result->distance == distance && result->foreign <= FOREIGN_MAX;
}

/** Clean rounds of the carrier that has fewest. */
static int least_clean(const struct shape *shape, place_distance distance)
{
    int least = shape->rounds;
    for (int i = 0; i < CARRIERS; i++) {
        int clean = 0;
        for (int round = 0; round < shape->rounds; round++) {
            clean += is_clean(&shape->of[i][round], distance);
        }
        least = clean < least ? clean : least;
    }
    return least;
}

/** Tells whether enough rounds of all shapes are clean, by the placement that most runs had. */
static bool is_enough(const struct shape *shapes, int count)
{
    uint32_t placements[PLACE_COUNT] = {0};
    place_distance distance = usual_distance(shapes, count, placements);
    for (int i = 0; i < count; i++) {
        if (least_clean(&shapes[i], distance) < ROUNDS_CLEAN) {
            return false;
        }
    }
    return true;
}

static void measure_round(struct shape *shapes, int count, int round, double seconds, double *probe)
{
    for (int i = 0; i < count * CARRIERS; i++) {
        struct shape *shape = &shapes[i / CARRIERS];
        shape->of[i % CARRIERS][round] =
            measure(carriers[i % CARRIERS], shape->size, shape->producers, seconds, probe);
        shape->rounds = round + 1;
    }
}

static void measure_shapes(struct shape *shapes, int count, bool is_short)
{
    const int wanted = is_short ? ROUNDS_SHORT : ROUNDS;
    const int most = is_short ? ROUNDS_SHORT : ROUNDS_MAX;
    double probe = place_probe();
    for (int round = 0; round < most && (round < wanted || !is_enough(shapes, count)); round++) {
        measure_round(shapes, count, round, is_short ? RUN_SHORT_S : RUN_S, &probe);
    }
}

/** Rounds in which both this carrier and the raw ring ran undisturbed; all rounds when they are too
 * few. */
static int pick_rounds(const struct shape *shape, int carrier, place_distance distance, int *picked)
{
    int count = 0;
    for (int round = 0; round < shape->rounds; round++) {
        if (is_clean(&shape->of[carrier][round], distance) &&
            is_clean(&shape->of[0][round], distance)) {
            picked[count++] = round;
        }
    }
    if (count >= ROUNDS_LEAST) {
        return count;
    }
    for (int round = 0; round < shape->rounds; round++) {
        picked[round] = round;
    }
    return shape->rounds;
}

enum field {
    P50,
    P99,
    P999,
    RATE,
    FIELDS
};

static double field_of(const struct result *result, enum field field)
{
    const double values[FIELDS] = {result->p50, result->p99, result->p999, result->rate / 1e6};
    return values[field];
}

/** Median of the ratios to the raw ring, round by round; 0 when one of them has no value. */
static double
ratio_of(const struct shape *shape, int carrier, const int *rounds, int count, enum field field)
{
    double ratios[ROUNDS_MAX];
    for (int i = 0; i < count; i++) {
        double raw = field_of(&shape->of[0][rounds[i]], field);
        double own = field_of(&shape->of[carrier][rounds[i]], field);
        if (raw <= 0 || own <= 0) {
            return 0;
        }
        ratios[i] = field == RATE ? raw / own : own / raw;
    }
    qsort(ratios, (size_t)count, sizeof *ratios, compare_values);
    return ratios[count / 2];
}

static const char *verdict(const handoff_carrier *carrier, double ratio)
{
    if (!carrier->is_ours) {
        return "";
    }
    return ratio <= RATIO_BUDGET ? "within" : "NOT within";
}

static bench_row *add_field(
    bench_table *table,
    const struct shape *shape,
    int carrier,
    const int *rounds,
    int count,
    enum field field)
{
    static const char *const names[] = {"p50", "p99", "p99.9", "throughput"};
    double values[ROUNDS_MAX], raw[ROUNDS_MAX];
    char name[64];
    for (int i = 0; i < count; i++) {
        values[i] = field_of(&shape->of[carrier][rounds[i]], field);
        raw[i] = field_of(&shape->of[0][rounds[i]], field);
    }
    snprintf(
        name,
        sizeof name,
        "%ux1 %u B %s, %s",
        shape->producers,
        shape->size,
        carriers[carrier]->name,
        names[field]);
    bench_row *row = bench_add(table, name, field == RATE ? "M/s" : "ns", values, count);
    row->is_printed = true;
    double ratio = ratio_of(shape, carrier, rounds, count, field);
    if (carrier == 0 || ratio <= 0) {
        return row;
    }
    snprintf(row->peer, sizeof row->peer, "%s", carriers[0]->name);
    row->peer_value = bench_median(raw, count);
    row->ratio = field == RATE ? 1 / ratio : ratio;
    if (carriers[carrier]->is_ours && (field == P50 || field == RATE)) {
        row->budget = field == RATE ? 1 / RATIO_BUDGET : RATIO_BUDGET;
        row->budget_is_least = field == RATE;
        row->budget_is_ratio = true;
    }
    return row;
}

static void
print_carrier(bench_table *table, const struct shape *shape, int carrier, place_distance distance)
{
    int rounds[ROUNDS_MAX];
    bench_row *rows[FIELDS];
    double ratios[FIELDS];
    int count = pick_rounds(shape, carrier, distance, rounds);
    for (enum field i = P50; i < FIELDS; i++) {
        rows[i] = add_field(table, shape, carrier, rounds, count, i);
        ratios[i] = ratio_of(shape, carrier, rounds, count, i);
    }
    const handoff_carrier *of = carriers[carrier];
    printf("  %-25s %8.0f %8.0f ", of->name, rows[P50]->value, rows[P99]->value);
    if (rows[P999]->value > 0) {
        printf("%8.0f", rows[P999]->value);
    } else {
        printf("%8s", "-");
    }
    printf(
        "  %6.2f %-10s %7.2f +-%3.0f %%  %6.2f %s\n",
        ratios[P50],
        verdict(of, ratios[P50]),
        rows[RATE]->value,
        rows[RATE]->spread * 50,
        ratios[RATE],
        verdict(of, ratios[RATE]));
}

static void print_shape(bench_table *table, const struct shape *shape, place_distance distance)
{
    int clean = least_clean(shape, distance);
    printf(
        "\nhand-off, %u producer%s, %u bytes, processors %s; %d of %d rounds undisturbed%s%s\n",
        shape->producers,
        shape->producers == 1 ? "" : "s",
        shape->size,
        place_text(distance),
        clean,
        shape->rounds,
        clean < ROUNDS_LEAST ? " (too few: all rounds count, DISTURBED)" : "",
        shape->producers + 1 > place_cpus() ? "; more threads than processors: waits yield" : "");
    printf(
        "  %-25s %8s %8s %8s  %6s %-10s %7s         %6s\n",
        "round trip in ns",
        "p50",
        "p99",
        "p99.9",
        "x raw",
        "",
        "M msg/s",
        "raw/x");
    for (int i = 0; i < CARRIERS; i++) {
        print_carrier(table, shape, i, distance);
    }
}

void handoff_bench(bench_table *table, bool is_short)
{
    enum {
        SHAPES = SIZES * HANDOFF_PRODUCERS_MAX
    };
    static struct shape shapes[SHAPES];
    uint32_t counts[PLACE_COUNT] = {0};
    if (place_cpus() < 2) {
        printf("hand-off: skipped, it needs two processors\n");
        return;
    }
    for (uint32_t i = 0; i < SHAPES; i++) {
        shapes[i].producers = 1 + i / SIZES;
        shapes[i].size = sizes[i % SIZES];
    }
    measure_shapes(shapes, SHAPES, is_short);
    place_distance distance = usual_distance(shapes, SHAPES, counts);
    printf("\nplacement of the runs:");
    for (place_distance i = PLACE_NEAR; i < PLACE_COUNT; i++) {
        printf(" %s %u", place_text(i), counts[i]);
    }
    printf("\n%s", missing);
    for (uint32_t i = 0; i < SHAPES; i++) {
        print_shape(table, &shapes[i], distance);
    }
}
