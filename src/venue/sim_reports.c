/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The heap of reports. It is bounded by its owner, who stops what makes reports when there are too
 * many; it grows by doubling up to there.
 */
#include "venue/sim_reports.h"

#include <stdlib.h>

static bool is_before(const tt_sim_report_key *a, const tt_sim_report_key *b)
{
    return a->time_ns < b->time_ns || (a->time_ns == b->time_ns && a->seq < b->seq);
}

static void sift_up(tt_sim_report_key *heap, uint32_t at)
{
    tt_sim_report_key key = heap[at];
    while (at > 0 && is_before(&key, &heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = key;
}

static void sift_down(tt_sim_report_key *heap, uint32_t count, uint32_t at)
{
    tt_sim_report_key key = heap[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= count) {
            break;
        }
        child += child + 1 < count && is_before(&heap[child + 1], &heap[child]);
        if (!is_before(&heap[child], &key)) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = key;
}

static bool resize_array(void **array, size_t count, size_t size)
{
    void *grown = reallocarray(*array, count, size);
    if (grown == NULL) {
        return false;
    }
    *array = grown;
    return true;
}

static tutti_status grow(tt_sim_reports *reports)
{
    uint32_t capacity = reports->capacity == 0 ? 64 : reports->capacity * 2;
    bool is_grown =
        resize_array((void **)&reports->slots, capacity, sizeof reports->slots[0]) &&
        resize_array((void **)&reports->heap, capacity, sizeof reports->heap[0]) &&
        resize_array((void **)&reports->free_slots, capacity, sizeof reports->free_slots[0]);
    if (!is_grown) {
        return TUTTI_NO_MEMORY;
    }
    // The free slots are a stack behind the used ones: free_slots[count ...] are free.
    for (uint32_t i = reports->capacity; i < capacity; i++) {
        reports->free_slots[i] = i;
    }
    reports->capacity = capacity;
    return TUTTI_OK;
}

tutti_status tt_sim_reports_push(tt_sim_reports *reports, const tt_venue_output *output)
{
    if (reports->count == reports->capacity) {
        TUTTI_TRY(grow(reports));
    }
    uint32_t slot = reports->free_slots[reports->count];
    reports->slots[slot] = *output;
    reports->heap[reports->count] =
        (tt_sim_report_key){.time_ns = output->time.ns, .seq = reports->next_seq++, .slot = slot};
    sift_up(reports->heap, reports->count);
    reports->count++;
    return TUTTI_OK;
}

tt_time tt_sim_reports_next(const tt_sim_reports *reports)
{
    return reports->count == 0 ? TT_TIME_NEVER : (tt_time){reports->heap[0].time_ns};
}

bool tt_sim_reports_pop(tt_sim_reports *reports, tt_time now, tt_venue_output *ret_output)
{
    if (reports->count == 0 || reports->heap[0].time_ns > now.ns) {
        return false;
    }
    uint32_t slot = reports->heap[0].slot;
    *ret_output = reports->slots[slot];
    reports->count--;
    reports->free_slots[reports->count] = slot;
    reports->heap[0] = reports->heap[reports->count];
    if (reports->count > 0) {
        sift_down(reports->heap, reports->count, 0);
    }
    return true;
}

uint32_t tt_sim_reports_reset(tt_sim_reports *reports)
{
    uint32_t count = reports->count;
    while (reports->count > 0) {
        reports->count--;
        reports->free_slots[reports->count] = reports->heap[reports->count].slot;
    }
    return count;
}

void tt_sim_reports_fini(tt_sim_reports *reports)
{
    free(reports->slots);
    free(reports->heap);
    free(reports->free_slots);
    *reports = (tt_sim_reports){0};
}
