/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A feed over files in a temporary folder, with short words for what comes out of it.
 */
#ifndef TESTS_FEED_FIXTURE_H
#define TESTS_FEED_FIXTURE_H

#include "../../lib/test.h"
#include "base/text.h"
#include "feed/feed.h"

/** A feed under test. */
typedef struct feed_bench {
    char folder[64];
    tt_feed_module_config config; /**< Defaults; changed before bench_open. */
    tt_instruments instruments;
    uint64_t seed;
    tt_feed feed;
    bool is_open;
    tt_feed_item item; /**< The last one. */
    tt_error error;
} feed_bench;

/** A number from a text. */
tt_dec num(const char *text);
/** Fails unless the number is exactly `text`. */
void assert_dec_(tt_dec value, const char *text, const char *file, int line);
#define assert_num(value, text) assert_dec_((value).d, text, __FILE__, __LINE__)

/** cmocka setup and teardown: `*state` is a feed_bench with defaults and an empty folder. */
int bench_setup(void **state);
int bench_teardown(void **state);
/** Adds an instrument with tick 0.01 and lot 0.001. */
tt_instrument *bench_instrument(feed_bench *bench, const char *symbol, uint32_t bar_interval_s);
/** Path of a file of the folder. @lends{until the next call but three} */
const char *bench_path(const feed_bench *bench, const char *name);
/** Writes bytes; returns the path. */
const char *bench_write(const feed_bench *bench, const char *name, const void *bytes, size_t size);
/** Writes a text; also makes it the file of the feed. */
void bench_text(feed_bench *bench, const char *name, const char *text);
/** Packs a text as gzip; returns the size. */
size_t pack_gzip(const char *text, unsigned char *packed, size_t capacity);
/** Path of a file of real market data, or NULL when there is none on this machine. */
const char *data_file(const char *name);
/** Leaves the test when the file of real data is absent. */
#define need_data(name)                                                                            \
    do {                                                                                           \
        if (data_file(name) == NULL) {                                                             \
            print_message("skipped: ../shared/data/%s is not there\n", name);                      \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

/** Opens; must work. */
void bench_open(feed_bench *bench);
/** Opens; must fail with this status and this part of the message. */
void bench_open_fails(feed_bench *bench, tutti_status status, const char *part);
void bench_close(feed_bench *bench);
/** Next item; must be there, with a payload that the engine accepts. */
void bench_next(feed_bench *bench, tt_topic topic);
/** Next item; must be a refused row of this line with this part of the reason. */
void bench_refused(feed_bench *bench, uint64_t line, const char *part);
/** The feed must end here. */
void bench_end(feed_bench *bench);
/** The feed must fail here with this status and this part of the message. */
void bench_fails(feed_bench *bench, tutti_status status, const char *part);
/** Reads to the end; counts the items of each topic (TT_TOPIC_COUNT of them). Payloads, times and
 * numbers are checked. */
void bench_count(feed_bench *bench, uint64_t *ret_counts);
void bench_progress(feed_bench *bench, tt_feed_progress *ret_progress);
/** Fails unless the last item's time is this one, written like "2022-01-03T10:00:00Z". */
void bench_time(const feed_bench *bench, const char *text);

#endif
