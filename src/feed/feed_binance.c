/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Raw captures of Binance streams. The time of an item is the local time of receipt.
 *
 * A depth update or snapshot of more than 20 levels becomes several items: all carry the same
 * update ids and is_snapshot, the last alone has is_last. Update ids that do not
 * join give a feed event GAP in front of the update. A snapshot names no symbol; it is taken for
 * the one instrument that the file has shown so far.
 */
#include "feed/binance_line.h"

#include <stdlib.h>
#include <string.h>

/** What is known of one instrument of the file. */
typedef struct binance_book {
    uint64_t last_update_id; /**< 0 = no update yet. */
} binance_book;

typedef struct binance_source {
    const tt_feed_setup *setup;
    tt_line_source *lines;
    tt_time last_time;
    uint32_t only_key;  /**< The one instrument seen so far; 0 = none yet. */
    bool has_several;   /**< More than one was seen. */
    uint32_t depth_key; /**< Instrument of the levels that are being handed out; 0 = none. */
    uint32_t next_level;
    uint64_t line_number;
    binance_book books[TT_INSTRUMENTS_MAX];
    tt_binance_line line;
} binance_source;

static void emit_depth_part(binance_source *source, tt_feed_item *ret_item)
{
    const tt_binance_line *line = &source->line;
    uint32_t left = line->level_count - source->next_level;
    uint32_t count = left < TT_MAX_depth_level ? left : TT_MAX_depth_level;
    tt_depth *depth = &ret_item->payload.depth;
    memset(depth, 0, offsetof(tt_depth, levels));
    depth->venue_time = line->venue_time;
    depth->first_update_id = line->first_update_id;
    depth->last_update_id = line->last_update_id;
    depth->is_snapshot = line->kind == TT_BINANCE_SNAPSHOT;
    depth->is_last = count == left;
    depth->count = (uint8_t)count;
    memcpy(depth->levels, line->levels + source->next_level, count * sizeof depth->levels[0]);
    tt_feed_item_set(ret_item, line->local_time, TT_TOPIC_MARKET_DEPTH, source->depth_key);
    ret_item->size = (uint16_t)(offsetof(tt_depth, levels) + count * sizeof depth->levels[0]);
    source->next_level += count;
    if (depth->is_last) {
        source->depth_key = 0;
    }
}

static void emit_gap(binance_source *source, uint64_t last, uint32_t key, tt_feed_item *ret_item)
{
    const tt_binance_line *line = &source->line;
    tt_feed_event *event = &ret_item->payload.event;
    *event = (tt_feed_event){.line = source->line_number, .event = TT_feed_event_type_GAP};
    TT_TEXT_SET(event->file, tt_feed_base_name(tt_line_source_path(source->lines)));
    tt_text_format(
        event->message,
        sizeof event->message,
        "depth updates are missing between %llu and %llu: the book may be wrong until a snapshot",
        (unsigned long long)last,
        (unsigned long long)line->first_update_id);
    tt_feed_item_set(ret_item, line->local_time, TT_TOPIC_FEED_EVENTS, key);
    ret_item->size = sizeof *event;
}

/** Follows the update ids. Sets `ret_last` to where the chain stood if the line does not join it.
 */
static tutti_status
follow_updates(binance_source *source, uint32_t key, uint64_t *ret_last, tt_feed_refusal *refusal)
{
    const tt_binance_line *line = &source->line;
    binance_book *book = &source->books[key - 1];
    uint64_t last = book->last_update_id;
    *ret_last = 0;
    if (line->kind == TT_BINANCE_SNAPSHOT) {
        return TUTTI_OK;
    }
    if (last != 0 && line->last_update_id <= last) {
        return tt_feed_refuse(
            refusal,
            "update id goes back: %llu after %llu",
            (unsigned long long)line->last_update_id,
            (unsigned long long)last);
    }
    bool is_joined = line->previous_update_id != 0 ? line->previous_update_id == last
                                                   : line->first_update_id <= last + 1;
    if (last != 0 && !is_joined) {
        *ret_last = last;
    }
    book->last_update_id = line->last_update_id;
    return TUTTI_OK;
}

static tutti_status emit_depth(
    binance_source *source, uint32_t key, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal)
{
    uint64_t last = 0;
    TUTTI_TRY(follow_updates(source, key, &last, ret_refusal));
    source->depth_key = key;
    source->next_level = 0;
    if (last != 0) {
        emit_gap(source, last, key, ret_item);
    } else {
        emit_depth_part(source, ret_item);
    }
    return TUTTI_OK;
}

static tutti_status emit_line(
    binance_source *source, uint32_t key, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal)
{
    const tt_binance_line *line = &source->line;
    if (line->kind == TT_BINANCE_QUOTE) {
        ret_item->payload.quote = line->quote;
        tt_feed_item_set(ret_item, line->local_time, TT_TOPIC_MARKET_QUOTE, key);
        ret_item->size = sizeof line->quote;
        return TUTTI_OK;
    }
    if (line->kind == TT_BINANCE_TRADE) {
        ret_item->payload.trade = line->trade;
        tt_feed_item_set(ret_item, line->local_time, TT_TOPIC_MARKET_TRADE, key);
        ret_item->size = sizeof line->trade;
        return TUTTI_OK;
    }
    return emit_depth(source, key, ret_item, ret_refusal);
}

/** Finds the instrument of the line. */
static tutti_status find_key(binance_source *source, uint32_t *ret_key, tt_feed_refusal *refusal)
{
    const tt_binance_line *line = &source->line;
    const tt_instruments *instruments = source->setup->instruments;
    if (line->kind == TT_BINANCE_SNAPSHOT) {
        *ret_key = instruments->count == 1 ? 1 : source->only_key;
        bool is_clear = *ret_key != 0 && !source->has_several;
        return is_clear ? TUTTI_OK
                        : tt_feed_refuse(
                              refusal,
                              "a snapshot names no symbol, and here it could "
                              "belong to several");
    }
    const tt_instrument *instrument = tt_feed_find_symbol(instruments, tt_slice_of(line->symbol));
    if (instrument == NULL) {
        refusal->time = line->local_time;
        source->has_several = true;
        return tt_feed_refuse(refusal, "symbol '%s' is not configured", line->symbol);
    }
    *ret_key = instrument->id.n;
    source->has_several |= source->only_key != 0 && source->only_key != *ret_key;
    source->only_key = *ret_key;
    return TUTTI_OK;
}

static tutti_status
next_item(void *ctx, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal, tt_error *error)
{
    binance_source *source = ctx;
    if (source->depth_key != 0) {
        emit_depth_part(source, ret_item);
        return TUTTI_OK;
    }
    tt_line text;
    TUTTI_TRY(tt_feed_next_line(source->lines, &text, ret_refusal, error));
    source->line_number = text.number;
    tt_slice slice = {text.text, text.length};
    TUTTI_TRY(tt_binance_decode(slice, &source->line, ret_refusal));
    if (source->line.local_time.ns < source->last_time.ns) {
        return tt_feed_refuse(ret_refusal, "the local time goes back");
    }
    source->last_time = source->line.local_time;
    uint32_t key = 0;
    TUTTI_TRY(find_key(source, &key, ret_refusal));
    ret_refusal->key = key;
    return emit_line(source, key, ret_item, ret_refusal);
}

static void get_progress(void *ctx, uint64_t *ret_done, uint64_t *ret_total)
{
    const binance_source *source = ctx;
    tt_line_source_progress(source->lines, ret_done, ret_total);
}

static void close_source(void *ctx)
{
    binance_source *source = ctx;
    tt_line_source_close(source->lines);
    free(source);
}

tutti_status tt_feed_binance_open(
    const tt_feed_setup *setup, const char *path, tt_feed_source *result, tt_error *error)
{
    binance_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "%s: no memory to read it", path);
    }
    source->setup = setup;
    tutti_status status = tt_line_source_open(path, &source->lines, error);
    if (status != TUTTI_OK) {
        close_source(source);
        return status;
    }
    *result = (tt_feed_source){source, next_item, get_progress, close_source};
    return TUTTI_OK;
}
