/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of feeds: a source decodes one kind of file into items or refusals; the reader (feed.c)
 * numbers them, applies the policy for bad rows and keeps the counts; tt_feed_merge_open makes one
 * source of several. All on the thread that owns the feed.
 */
#ifndef TT_FEED_FEED_SOURCE_H
#define TT_FEED_FEED_SOURCE_H

#include "base/text.h"
#include "feed/feed.h"
#include "feed/line_source.h"

/** Files of one feed. */
#define TT_FEED_FILES_MAX 16

/** Why a row cannot be used. */
typedef struct tt_feed_refusal {
    const char *file; /**< @lends{until the source is closed} */
    uint64_t line;
    tt_time time; /**< Time of a sound row that is not for us; 0 for a bad row, whose time is not
                     believed: it must not move the clock. */
    uint32_t key; /**< Instrument; 0 if it could not be told. */
    char message[160];
} tt_feed_refusal;

/** Decodes one input. Every slot: owner thread; next may read the disk; none calls back. */
typedef struct tt_feed_source {
    void *ctx;
    /** Next item, its feed_seq left 0. Times never fall. @retval TUTTI_INVALID a row is refused,
     * with the reason in `refusal`; the next call goes on behind it. @retval TUTTI_END. Others are
     * final. */
    tutti_status (*next)(
        void *ctx, tt_feed_item *ret_item, tt_feed_refusal *ret_refusal, tt_error *error);
    /** Packed bytes done and in total; total 0 = unknown. */
    void (*progress)(void *ctx, uint64_t *ret_done, uint64_t *ret_total);
    void (*close)(void *ctx);
} tt_feed_source;

/** What every source is opened with. Borrowed until the source is closed. */
typedef struct tt_feed_setup {
    const tt_feed_module_config *config;
    const tt_instruments *instruments;
    uint64_t seed;
} tt_feed_setup;

/** Opens one file of bars; `only` is the instrument of a file without symbols, or NULL. */
TUTTI_NODISCARD tutti_status tt_feed_csv_open(
    const tt_feed_setup *setup,
    const char *path,
    const tt_instrument *only,
    tt_feed_source *result,
    tt_error *error);
/** Opens one raw capture of Binance streams. */
TUTTI_NODISCARD tutti_status tt_feed_binance_open(
    const tt_feed_setup *setup, const char *path, tt_feed_source *result, tt_error *error);
/** Opens the quotes, or the trades, of one day of one stock. */
TUTTI_NODISCARD tutti_status tt_feed_equity_quotes_open(
    const tt_feed_setup *setup, const char *path, tt_feed_source *result, tt_error *error);
TUTTI_NODISCARD tutti_status tt_feed_equity_trades_open(
    const tt_feed_setup *setup, const char *path, tt_feed_source *result, tt_error *error);
/** Makes the synthetic market. */
TUTTI_NODISCARD tutti_status
tt_feed_synthetic_open(const tt_feed_setup *setup, tt_feed_source *result, tt_error *error);
/** Merges `count` sources by the time of their items, ties by their place. @takes the sources. */
TUTTI_NODISCARD tutti_status tt_feed_merge_open(
    const tt_feed_source *sources, size_t count, tt_feed_source *result, tt_error *error);

/** Sets the head of an item. */
static inline void tt_feed_item_set(tt_feed_item *item, tt_time time, tt_topic topic, uint32_t key)
{
    item->time = time;
    item->topic = topic;
    item->key = key;
}
/** Copies the head and the valid bytes of the payload. */
void tt_feed_item_copy(tt_feed_item *to, const tt_feed_item *from);

/** Fills the message of a refusal; returns TUTTI_INVALID. */
tutti_status tt_feed_refuse(tt_feed_refusal *refusal, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Room for tt_feed_quote_text. */
#define TT_FEED_QUOTED_MAX 40
/** Makes text from a file fit to be shown: cut, and '?' for what is no printable ASCII. */
const char *tt_feed_quote_text(tt_slice text, char quoted[TT_FEED_QUOTED_MAX]);
/** Returns what stands behind the last '/' of a path. */
const char *tt_feed_base_name(const char *path);
/** Next line of a source as the sources need it: sets the place in `refusal`, refuses lines that
 * are too long. @retval as tt_feed_source.next. */
TUTTI_NODISCARD tutti_status tt_feed_next_line(
    tt_line_source *lines, tt_line *ret_line, tt_feed_refusal *ret_refusal, tt_error *error);
/** Finds an instrument by its symbol, or by its symbol without '/', '-', '_' and case; or NULL. */
const tt_instrument *tt_feed_find_symbol(const tt_instruments *instruments, tt_slice symbol);

/** Parses a price, times `scale`; it must be above 0 and within limits.h. `name` is the column. */
TUTTI_NODISCARD tutti_status tt_feed_parse_price(
    tt_slice text, tt_ratio scale, const char *name, tt_price *result, tt_feed_refusal *refusal);
/** Parses a quantity, 0 or more, within limits.h. */
TUTTI_NODISCARD tutti_status
tt_feed_parse_qty(tt_slice text, const char *name, tt_qty *result, tt_feed_refusal *refusal);
/** Parses a time of one of the forms of tt_time_parse, or an integer since 1970 in s, ms, us or ns
 * (10, 13, 16 or 19 digits). From 1970 on. */
TUTTI_NODISCARD tutti_status
tt_feed_parse_time(tt_slice text, tt_time *result, tt_feed_refusal *refusal);

#endif
