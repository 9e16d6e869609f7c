/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Bars from comma-separated values: one instrument a file, a column of symbols, or one column of
 * closing prices for each instrument (wide).
 *
 * Rows stand in the order of time. A row is refused when it goes back in time, repeats the time of
 * the bar before it of the same instrument, or overlaps that bar: the last is what a wrong
 * bar_interval_s looks like.
 */
#include "feed/csv_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct csv_source {
    const tt_feed_setup *setup;
    const tt_instrument *only; /**< Of a file without symbols; else NULL. */
    tt_line_source *lines;
    tt_csv_places places;
    int64_t last_ns;                        /**< Close of the newest bar; -1 = none yet. */
    int64_t last_of_ns[TT_INSTRUMENTS_MAX]; /**< The same for each instrument. */
    tt_csv_row row;                         /**< Row that is being taken apart. */
    tt_time row_time;                       /**< Its time, as written. */
    tt_feed_refusal row_place;              /**< Its file and line. */
    uint32_t wide_next;                     /**< Next instrument of a wide row. */
} csv_source;

/** Works out open and close of a bar from the time in the row. */
static tutti_status place_in_time(
    const csv_source *source,
    const tt_instrument *instrument,
    tt_bar *bar,
    tt_time *ret_close,
    tt_feed_refusal *refusal)
{
    int64_t interval = (int64_t)instrument->bar_interval_s * TT_NS_PER_S;
    int64_t open = source->row_time.ns;
    int64_t close = source->row_time.ns;
    if (source->setup->config->csv.bar_time == TT_bar_time_OPEN) {
        close += interval;
    } else {
        open -= interval;
    }
    if (open < 0 || close > TT_TIME_MAX.ns) {
        return tt_feed_refuse(refusal, "the bar is not within 1970 to 2200");
    }
    bar->open_time.ns = open;
    bar->interval_s = instrument->bar_interval_s;
    ret_close->ns = close;
    return TUTTI_OK;
}

static tutti_status refuse_order(
    const csv_source *source,
    const tt_instrument *instrument,
    tt_time close,
    tt_feed_refusal *refusal)
{
    char new_text[TT_TIME_TEXT_MAX];
    tt_time_format(close, new_text);
    if (close.ns < source->last_ns) {
        char last_text[TT_TIME_TEXT_MAX];
        tt_time_format((tt_time){source->last_ns}, last_text);
        return tt_feed_refuse(refusal, "time goes back: %s after %s", new_text, last_text);
    }
    int64_t step = close.ns - source->last_of_ns[instrument->id.n - 1];
    if (step == 0) {
        return tt_feed_refuse(refusal, "second bar of %s for %s", instrument->symbol, new_text);
    }
    return tt_feed_refuse(
        refusal,
        "the bar overlaps the one before: %lld s apart, but bar_interval_s of %s is %u",
        (long long)(step / TT_NS_PER_S),
        instrument->symbol,
        instrument->bar_interval_s);
}

static tutti_status check_order(
    const csv_source *source,
    const tt_instrument *instrument,
    tt_time close,
    tt_feed_refusal *refusal)
{
    int64_t last_of_ns = source->last_of_ns[instrument->id.n - 1];
    int64_t interval = (int64_t)instrument->bar_interval_s * TT_NS_PER_S;
    bool is_overlap = last_of_ns >= 0 && close.ns - last_of_ns < interval;
    return close.ns < source->last_ns || is_overlap
               ? refuse_order(source, instrument, close, refusal)
               : TUTTI_OK;
}

/** Finishes a bar whose prices are read. */
static tutti_status emit_bar(
    csv_source *source,
    const tt_instrument *instrument,
    tt_feed_item *ret_item,
    tt_feed_refusal *ret_refusal)
{
    tt_time close = {0};
    TUTTI_TRY(place_in_time(source, instrument, &ret_item->payload.bar, &close, ret_refusal));
    TUTTI_TRY(check_order(source, instrument, close, ret_refusal));
    source->last_ns = close.ns;
    source->last_of_ns[instrument->id.n - 1] = close.ns;
    tt_feed_item_set(ret_item, close, TT_TOPIC_MARKET_BAR, instrument->id.n);
    ret_item->size = sizeof ret_item->payload.bar;
    return TUTTI_OK;
}

/** Reads the next row into source->row, with the right number of fields and a time. */
static tutti_status next_row(csv_source *source, tt_feed_refusal *ret_refusal, tt_error *error)
{
    tt_line line;
    TUTTI_TRY(tt_feed_next_line(source->lines, &line, ret_refusal, error));
    source->row_place = *ret_refusal;
    TUTTI_TRY(tt_csv_split((tt_slice){line.text, line.length}, &source->row, ret_refusal));
    tt_csv_layout *layout = &source->places.layout;
    uint32_t needed =
        layout->field_count == 0 ? tt_csv_places_needed(&source->places) : layout->field_count;
    bool is_right =
        layout->field_count == 0 ? source->row.count >= needed : source->row.count == needed;
    if (!is_right) {
        return tt_feed_refuse(
            ret_refusal, "the row has %u fields instead of %u", source->row.count, needed);
    }
    layout->field_count = source->row.count;
    tt_slice time = source->row.fields[layout->index[TT_CSV_TIME]];
    return tt_feed_parse_time(time, &source->row_time, ret_refusal);
}

/** Refuses a row of a symbol that is not configured. Its time counts when it is in order. */
static tutti_status refuse_symbol(csv_source *source, tt_slice symbol, tt_feed_refusal *ret_refusal)
{
    tt_bar bar = {0};
    tt_time close = {0};
    const tt_instrument *any = &source->setup->instruments->list[0];
    TUTTI_TRY(place_in_time(source, any, &bar, &close, ret_refusal));
    if (close.ns >= source->last_ns) {
        source->last_ns = close.ns;
        ret_refusal->time = close;
    }
    char quoted[TT_FEED_QUOTED_MAX];
    return tt_feed_refuse(
        ret_refusal, "symbol '%s' is not configured", tt_feed_quote_text(symbol, quoted));
}

static tutti_status find_instrument(
    csv_source *source, const tt_instrument **ret_instrument, tt_feed_refusal *ret_refusal)
{
    *ret_instrument = source->only;
    uint32_t index = source->places.layout.index[TT_CSV_SYMBOL];
    if (index == TT_CSV_NO_COLUMN) {
        return TUTTI_OK;
    }
    tt_slice symbol = source->row.fields[index];
    *ret_instrument = tt_feed_find_symbol(source->setup->instruments, symbol);
    return *ret_instrument == NULL ? refuse_symbol(source, symbol, ret_refusal) : TUTTI_OK;
}

static tutti_status
next_bar(void *ctx, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal, tt_error *error)
{
    csv_source *source = ctx;
    TUTTI_TRY(next_row(source, ret_refusal, error));
    const tt_instrument *instrument = NULL;
    TUTTI_TRY(find_instrument(source, &instrument, ret_refusal));
    ret_refusal->key = instrument->id.n;
    tt_bar *bar = &ret_item->payload.bar;
    *bar = (tt_bar){0};
    TUTTI_TRY(tt_csv_parse_bar(&source->row, &source->places.layout, bar, ret_refusal));
    return emit_bar(source, instrument, ret_item, ret_refusal);
}

/** Reads the cell of one instrument of a wide row. */
static tutti_status read_cell(
    csv_source *source,
    const tt_instrument *instrument,
    tt_slice cell,
    tt_feed_item *ret_item,
    tt_feed_refusal *ret_refusal)
{
    *ret_refusal = source->row_place;
    ret_refusal->key = instrument->id.n;
    tt_bar *bar = &ret_item->payload.bar;
    *bar = (tt_bar){0};
    tt_ratio scale = source->places.layout.price_scale;
    TUTTI_TRY(tt_feed_parse_price(cell, scale, instrument->symbol, &bar->close, ret_refusal));
    bar->open = bar->high = bar->low = bar->close;
    return emit_bar(source, instrument, ret_item, ret_refusal);
}

static tutti_status
next_wide(void *ctx, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal, tt_error *error)
{
    csv_source *source = ctx;
    const tt_instruments *instruments = source->setup->instruments;
    for (;;) {
        if (source->wide_next == instruments->count) {
            TUTTI_TRY(next_row(source, ret_refusal, error));
            source->wide_next = 0;
        }
        const tt_instrument *instrument = &instruments->list[source->wide_next];
        tt_slice cell = source->row.fields[source->places.wide[source->wide_next]];
        source->wide_next++;
        if (cell.length > 0) {
            return read_cell(source, instrument, cell, ret_item, ret_refusal);
        }
    }
}

static void get_progress(void *ctx, uint64_t *ret_done, uint64_t *ret_total)
{
    const csv_source *source = ctx;
    tt_line_source_progress(source->lines, ret_done, ret_total);
}

static void close_source(void *ctx)
{
    csv_source *source = ctx;
    tt_line_source_close(source->lines);
    free(source);
}

/** Reads the header, if there is one, and finds the columns. */
static tutti_status read_header(csv_source *source, const char *path, tt_error *error)
{
    if (!source->setup->config->csv.header) {
        return tt_csv_places_find(source->setup, NULL, path, &source->places, error);
    }
    tt_line line;
    tt_feed_refusal refusal = {0};
    tutti_status status = tt_feed_next_line(source->lines, &line, &refusal, error);
    if (status == TUTTI_OK) {
        status = tt_csv_split((tt_slice){line.text, line.length}, &source->row, &refusal);
    }
    if (status == TUTTI_INVALID) {
        return tt_error_set(error, TUTTI_PARSE, "%s:1: %s", path, refusal.message);
    }
    if (status == TUTTI_END) {
        return tt_error_set(error, TUTTI_PARSE, "%s: the file is empty", path);
    }
    TUTTI_TRY(status);
    return tt_csv_places_find(source->setup, &source->row, path, &source->places, error);
}

/** With the open as the time of a row, rows stay in the order of their closes only if all bars of
 * the file have one length. */
static tutti_status check_intervals(
    const tt_feed_setup *setup, const tt_instrument *only, const char *path, tt_error *error)
{
    const tt_instruments *instruments = setup->instruments;
    if (setup->config->csv.bar_time == TT_bar_time_CLOSE || only != NULL) {
        return TUTTI_OK;
    }
    for (uint32_t i = 1; i < instruments->count; i++) {
        if (instruments->list[i].bar_interval_s != instruments->list[0].bar_interval_s) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "%s: csv.bar_time: open with several instruments in one file needs the same "
                "bar_interval_s for all of them",
                path);
        }
    }
    return TUTTI_OK;
}

tutti_status tt_feed_csv_open(
    const tt_feed_setup *setup,
    const char *path,
    const tt_instrument *only,
    tt_feed_source *result,
    tt_error *error)
{
    TUTTI_TRY(check_intervals(setup, only, path, error));
    csv_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "%s: no memory to read it", path);
    }
    source->setup = setup;
    source->only = only;
    source->last_ns = -1;
    memset(source->last_of_ns, 0xff, sizeof source->last_of_ns);
    source->wide_next = setup->instruments->count;
    tutti_status status = tt_line_source_open(path, &source->lines, error);
    if (status == TUTTI_OK) {
        status = read_header(source, path, error);
    }
    if (status != TUTTI_OK) {
        close_source(source);
        return status;
    }
    bool is_wide = setup->config->csv.wide;
    *result = (tt_feed_source){source, is_wide ? next_wide : next_bar, get_progress, close_source};
    return TUTTI_OK;
}
