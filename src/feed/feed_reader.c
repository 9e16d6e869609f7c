/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The reader: numbers the items of a source, applies the policy for bad rows, and counts.
 *
 * A refused row becomes an item of feed_events at the time of the item before it, so that a bad row
 * can never move the clock. Those in front of the first good row wait for it, up to
 * TT_FEED_PENDING_MAX: a file that starts with more of them is the wrong file or the wrong layout,
 * and ends in an error.
 */
#include "feed/feed_reader.h"

#include <stdlib.h>
#include <string.h>

void tt_feed_item_copy(tt_feed_item *to, const tt_feed_item *from)
{
    memcpy(to, from, offsetof(tt_feed_item, payload) + from->size);
}

/** Returns where the payload of an item keeps its place in the feed. */
static uint64_t *item_seq(tt_feed_item *item)
{
    if (item->topic == TT_TOPIC_MARKET_BAR) {
        return &item->payload.bar.feed_seq;
    }
    if (item->topic == TT_TOPIC_MARKET_QUOTE) {
        return &item->payload.quote.feed_seq;
    }
    if (item->topic == TT_TOPIC_MARKET_TRADE) {
        return &item->payload.trade.feed_seq;
    }
    if (item->topic == TT_TOPIC_MARKET_DEPTH) {
        return &item->payload.depth.feed_seq;
    }
    TT_ASSERT(item->topic == TT_TOPIC_FEED_EVENTS);
    return &item->payload.event.feed_seq;
}

/** Numbers an item that goes out. */
static void stamp_item(tt_feed_reader *reader, tt_feed_item *item)
{
    TT_ASSERT(!reader->has_time || item->time.ns >= reader->last_time.ns);
    reader->last_time = item->time;
    reader->has_time = true;
    *item_seq(item) = ++reader->seq;
}

/** Makes the item of a refused row, at the time that the feed has reached. */
static void
make_refusal_item(tt_feed_reader *reader, const tt_feed_refusal *refusal, tt_feed_item *ret_item)
{
    bool is_later = !reader->has_time || refusal->time.ns > reader->last_time.ns;
    tt_time time = is_later ? refusal->time : reader->last_time;
    tt_feed_item_set(ret_item, time, TT_TOPIC_FEED_EVENTS, refusal->key);
    tt_feed_event *event = &ret_item->payload.event;
    *event = (tt_feed_event){.line = refusal->line, .event = TT_feed_event_type_ROW_REFUSED};
    TT_TEXT_SET(event->file, tt_feed_base_name(refusal->file));
    TT_TEXT_SET(event->message, refusal->message);
    ret_item->size = sizeof *event;
    stamp_item(reader, ret_item);
}

static tutti_status refuse_file(const tt_feed_refusal *refusal, const char *what, tt_error *error)
{
    return tt_error_set(
        error,
        TUTTI_PARSE,
        "%s:%llu: %s%s",
        refusal->file,
        (unsigned long long)refusal->line,
        refusal->message,
        what);
}

/** Applies the policy. TUTTI_OK with an item, TUTTI_INVALID to go on reading, or an error. */
static tutti_status take_refusal(
    tt_feed_reader *reader, const tt_feed_refusal *refusal, tt_feed_item *ret_item, tt_error *error)
{
    reader->refused++;
    if (reader->refused == 1) {
        reader->first_refusal = *refusal;
    }
    if (reader->config.feed.on_bad_row == TT_row_policy_STOP) {
        tutti_status status = refuse_file(refusal, "", error);
        tt_error_hint(error, "feed.on_bad_row: skip would leave the row out");
        return status;
    }
    if (reader->has_time || (refusal->time.ns > 0 && reader->pending_count == 0)) {
        make_refusal_item(reader, refusal, ret_item);
        return TUTTI_OK;
    }
    if (reader->pending_count == TT_FEED_PENDING_MAX) {
        tutti_status status =
            refuse_file(&reader->first_refusal, "; nor any of the next rows", error);
        tt_error_hint(error, "is it the right file, and do the column settings fit it?");
        return status;
    }
    reader->pending[reader->pending_count++] = *refusal;
    return TUTTI_INVALID;
}

/** Hands out what waited: the refusals in front of the first good row, then that row. */
static void take_pending(tt_feed_reader *reader, tt_feed_item *ret_item)
{
    if (reader->pending_next < reader->pending_count) {
        tt_feed_refusal *refusal = &reader->pending[reader->pending_next++];
        refusal->time = reader->held.time;
        make_refusal_item(reader, refusal, ret_item);
        return;
    }
    tt_feed_item_copy(ret_item, &reader->held);
    reader->has_held = false;
    reader->pending_count = 0;
    stamp_item(reader, ret_item);
}

/** Takes an item of the source. */
static void take_item(tt_feed_reader *reader, tt_feed_item *item)
{
    reader->usable += item->topic != TT_TOPIC_FEED_EVENTS;
    if (reader->pending_count > 0) {
        tt_feed_item_copy(&reader->held, item);
        reader->has_held = true;
        take_pending(reader, item);
        return;
    }
    stamp_item(reader, item);
}

/** A file without a single row that can be used is an error, not a short session. */
static tutti_status end_feed(const tt_feed_reader *reader, tt_error *error)
{
    if (reader->usable > 0) {
        return TUTTI_END;
    }
    if (reader->refused > 0) {
        return refuse_file(&reader->first_refusal, "; no row could be used", error);
    }
    return tt_error_set(error, TUTTI_PARSE, "%s: there are no rows", reader->config.feed.path);
}

static tutti_status read_item(tt_feed_reader *reader, tt_feed_item *ret_item, tt_error *error)
{
    if (reader->has_held) {
        take_pending(reader, ret_item);
        return TUTTI_OK;
    }
    for (;;) {
        tt_feed_refusal refusal;
        tutti_status status = reader->source.next(reader->source.ctx, ret_item, &refusal, error);
        if (status == TUTTI_OK) {
            take_item(reader, ret_item);
            return TUTTI_OK;
        }
        if (status == TUTTI_INVALID) {
            status = take_refusal(reader, &refusal, ret_item, error);
        } else if (status == TUTTI_END) {
            status = end_feed(reader, error);
        }
        if (status != TUTTI_INVALID) {
            return status;
        }
    }
}

tutti_status tt_feed_reader_next(void *ctx, tt_feed_item *ret_item, tt_error *error)
{
    tt_feed_reader *reader = ctx;
    if (reader->final == TUTTI_OK) {
        tutti_status status = read_item(reader, ret_item, &reader->final_error);
        if (status == TUTTI_OK) {
            return TUTTI_OK;
        }
        reader->final = status;
    }
    if (error != NULL && reader->final != TUTTI_END) {
        *error = reader->final_error;
    }
    return reader->final;
}

void tt_feed_reader_progress(void *ctx, tt_feed_progress *ret_progress)
{
    tt_feed_reader *reader = ctx;
    *ret_progress = (tt_feed_progress){.items = reader->seq, .refused = reader->refused};
    reader->source.progress(
        reader->source.ctx, &ret_progress->bytes_done, &ret_progress->bytes_total);
}

void tt_feed_reader_close(void *ctx)
{
    tt_feed_reader *reader = ctx;
    if (reader->source.close != NULL) {
        reader->source.close(reader->source.ctx);
    }
    free(reader);
}
