/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Rings and inputs between the threads of a session.
 */
#include "host/hub.h"

#include <stdlib.h>
#include <string.h>

enum {
    KIB = 1024,
    MIB = 1024 * 1024
};

static const size_t market_size = 4 * MIB;
static const size_t answers_size = 256 * KIB;
static const size_t commands_size = 64 * KIB;
// The largest record is half of a ring: the outbox of a step has 4 MiB at most.
static const size_t steps_size = 16 * MIB;
static const size_t venue_size = MIB;
static const size_t jobs_size = 512 * KIB;
static const size_t status_size = 128 * KIB;
static const size_t replies_size = 128 * KIB;
static const size_t events_size = 512 * KIB;
static const size_t activity_size = 256 * KIB;

/** Takes the next part of the memory for a ring. */
static tutti_status place_ring(tt_ring *ring, unsigned char **at, size_t size)
{
    tutti_status status = tt_ring_init(ring, *at, size);
    *at += size;
    return status;
}

// Producers of these wait for room. What a record of usual size needs fits many times.
static const size_t near_stretch = 128 * KIB;

/** As place_ring, for a ring whose pages are taken only for a backlog. */
static tutti_status place_near(tt_ring *ring, unsigned char **at, size_t size)
{
    TUTTI_TRY(place_ring(ring, at, size));
    tt_ring_stay_near(ring, near_stretch);
    return TUTTI_OK;
}

static tutti_status place_rings(tt_hub *hub)
{
    unsigned char *at = hub->memory;
    TUTTI_TRY(place_near(&hub->market_in, &at, market_size));
    TUTTI_TRY(place_near(&hub->steps_out, &at, steps_size));
    TUTTI_TRY(place_near(&hub->venue_out, &at, venue_size));
    TUTTI_TRY(place_ring(&hub->status_out, &at, status_size));
    TUTTI_TRY(place_ring(&hub->replies_out, &at, replies_size));
    TUTTI_TRY(place_ring(&hub->events_out, &at, events_size));
    TUTTI_TRY(place_ring(&hub->activity_out, &at, activity_size));
    for (int i = 0; i < TT_POOL_WORKERS; i++) {
        TUTTI_TRY(place_near(&hub->answers_in[i], &at, answers_size));
        TUTTI_TRY(place_ring(&hub->jobs_out[i], &at, jobs_size));
    }
    return tt_mpsc_init(&hub->commands_in, at, commands_size);
}

tutti_status tt_hub_init(tt_hub *hub)
{
    memset(hub, 0, sizeof *hub);
    size_t size = market_size + steps_size + venue_size + status_size + replies_size + events_size +
                  activity_size + tt_mpsc_bytes(commands_size) +
                  TT_POOL_WORKERS * (answers_size + jobs_size);
    // Pages that are never used are never taken: the rings are far larger than what waits in them.
    hub->memory = calloc(1, size);
    return hub->memory == NULL ? TUTTI_NO_MEMORY : place_rings(hub);
}

void tt_hub_fini(tt_hub *hub)
{
    free(hub->memory);
    hub->memory = NULL;
}

tt_time tt_hub_now(const tt_hub *hub)
{
    tt_time now = tt_paper_clock_now(&hub->clock);
    int64_t market_ns = atomic_load_explicit(&hub->market_ns, memory_order_acquire);
    return (tt_time){market_ns < now.ns ? market_ns : now.ns};
}

static tt_ring_row row_of(const char *name, const tt_ring *ring)
{
    return (tt_ring_row){name, tt_ring_stats_get(ring), ring->mask + 1};
}

uint32_t tt_hub_rings(const tt_hub *hub, tt_ring_row rows[TT_RING_ROWS_MAX])
{
    static const char *const jobs[] = {"jobs_out_0", "jobs_out_1"};
    static const char *const answers[] = {"answers_in_0", "answers_in_1"};
    _Static_assert(sizeof jobs / sizeof jobs[0] == TT_POOL_WORKERS, "a name for each worker");
    uint32_t count = 0;
    rows[count++] = row_of("market_in", &hub->market_in);
    rows[count++] = row_of("steps_out", &hub->steps_out);
    rows[count++] = row_of("venue_out", &hub->venue_out);
    rows[count++] = row_of("status_out", &hub->status_out);
    rows[count++] = row_of("replies_out", &hub->replies_out);
    rows[count++] = row_of("events_out", &hub->events_out);
    rows[count++] = row_of("activity_out", &hub->activity_out);
    for (int i = 0; i < TT_POOL_WORKERS; i++) {
        rows[count++] = row_of(jobs[i], &hub->jobs_out[i]);
        rows[count++] = row_of(answers[i], &hub->answers_in[i]);
    }
    rows[count++] = (tt_ring_row){
        "commands_in", tt_mpsc_stats_get(&hub->commands_in), hub->commands_in.mask + 1};
    return count;
}

static uint32_t fill_record(const tt_input *input, void *target)
{
    tt_input_record head = {
        .time = input->time,
        .cause = input->cause,
        .correlation = input->correlation,
        .key = input->key,
        .topic = (uint16_t)input->topic,
        .source = (uint16_t)input->source,
        .payload_size = (uint32_t)input->payload_size,
    };
    memcpy(target, &head, offsetof(tt_input_record, payload));
    memcpy(
        (unsigned char *)target + offsetof(tt_input_record, payload),
        input->payload,
        input->payload_size);
    return (uint32_t)(offsetof(tt_input_record, payload) + input->payload_size);
}

static uint32_t record_size(const tt_input *input)
{
    TT_ASSERT(input->payload_size <= TT_PAYLOAD_MAX);
    return (uint32_t)(offsetof(tt_input_record, payload) + input->payload_size);
}

bool tt_hub_push_input(tt_ring *ring, const tt_input *input)
{
    void *target = NULL;
    if (tt_ring_claim(ring, record_size(input), &target) != TUTTI_OK) {
        return false;
    }
    tt_ring_commit(ring, fill_record(input, target));
    return true;
}

bool tt_hub_push_command(tt_mpsc *ring, const tt_input *input)
{
    void *target = NULL;
    if (tt_mpsc_claim(ring, record_size(input), &target) != TUTTI_OK) {
        return false;
    }
    fill_record(input, target);
    tt_mpsc_commit(ring, target);
    return true;
}

static void make_input(const tt_input_record *record, tt_input *ret_input)
{
    *ret_input = (tt_input){
        .time = record->time,
        .topic = (tt_topic)record->topic,
        .source = (tt_source)record->source,
        .key = record->key,
        .cause = record->cause,
        .correlation = record->correlation,
        .payload = record->payload,
        .payload_size = record->payload_size,
    };
}

bool tt_hub_pop_input(tt_ring *ring, tt_input_record *record, tt_input *ret_input)
{
    uint32_t size = 0;
    if (tt_ring_pop(ring, record, sizeof *record, &size) != TUTTI_OK) {
        return false;
    }
    make_input(record, ret_input);
    return true;
}

bool tt_hub_pop_command(tt_mpsc *ring, tt_input_record *record, tt_input *ret_input)
{
    uint32_t size = 0;
    if (tt_mpsc_pop(ring, record, sizeof *record, &size) != TUTTI_OK) {
        return false;
    }
    make_input(record, ret_input);
    return true;
}

void tt_hub_wait_for_room(tt_hub *hub)
{
    atomic_fetch_add_explicit(&hub->full_waits, 1, memory_order_relaxed);
    tt_sleep_ns(50 * TT_NS_PER_US);
}
