/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Several sources as one, by the time of their next items.
 */
#include "feed/feed_source.h"

#include <stdlib.h>

/** What a source has to say next. */
typedef enum head_state {
    HEAD_EMPTY,
    HEAD_ITEM,
    HEAD_REFUSAL,
    HEAD_OVER
} head_state;

typedef struct merge_head {
    tt_feed_source source;
    head_state state;
    tt_time time; /**< Of the item or the refusal; 0 = a refusal without a time: at once. */
    tt_feed_refusal refusal;
    tt_feed_item item;
} merge_head;

typedef struct merge_source {
    size_t count;
    merge_head heads[];
} merge_source;

/** Fetches what comes next from a source of which nothing is waiting. */
static tutti_status fill_head(merge_head *head, tt_error *error)
{
    if (head->state != HEAD_EMPTY) {
        return TUTTI_OK;
    }
    tutti_status status = head->source.next(head->source.ctx, &head->item, &head->refusal, error);
    if (status == TUTTI_OK) {
        head->state = HEAD_ITEM;
        head->time = head->item.time;
        return TUTTI_OK;
    }
    if (status == TUTTI_INVALID) {
        head->state = HEAD_REFUSAL;
        head->time = head->refusal.time;
        return TUTTI_OK;
    }
    head->state = HEAD_OVER;
    return status == TUTTI_END ? TUTTI_OK : status;
}

static tutti_status
next_merged(void *ctx, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal, tt_error *error)
{
    merge_source *merge = ctx;
    merge_head *first = NULL;
    for (size_t i = 0; i < merge->count; i++) {
        merge_head *head = &merge->heads[i];
        TUTTI_TRY(fill_head(head, error));
        if (head->state != HEAD_OVER && (first == NULL || head->time.ns < first->time.ns)) {
            first = head;
        }
    }
    if (first == NULL) {
        return TUTTI_END;
    }
    bool is_item = first->state == HEAD_ITEM;
    first->state = HEAD_EMPTY;
    if (!is_item) {
        *ret_refusal = first->refusal;
        return TUTTI_INVALID;
    }
    tt_feed_item_copy(ret_item, &first->item);
    return TUTTI_OK;
}

static void get_progress(void *ctx, uint64_t *ret_done, uint64_t *ret_total)
{
    merge_source *merge = ctx;
    *ret_done = 0;
    *ret_total = 0;
    for (size_t i = 0; i < merge->count; i++) {
        uint64_t done = 0;
        uint64_t total = 0;
        merge->heads[i].source.progress(merge->heads[i].source.ctx, &done, &total);
        *ret_done += done;
        *ret_total += total;
    }
}

static void close_merge(void *ctx)
{
    merge_source *merge = ctx;
    for (size_t i = 0; i < merge->count; i++) {
        merge->heads[i].source.close(merge->heads[i].source.ctx);
    }
    free(merge);
}

tutti_status tt_feed_merge_open(
    const tt_feed_source *sources, size_t count, tt_feed_source *result, tt_error *error)
{
    merge_source *merge = calloc(1, sizeof *merge + count * sizeof merge->heads[0]);
    if (merge == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to merge %zu files", count);
    }
    merge->count = count;
    for (size_t i = 0; i < count; i++) {
        merge->heads[i].source = sources[i];
    }
    *result = (tt_feed_source){merge, next_merged, get_progress, close_merge};
    return TUTTI_OK;
}
