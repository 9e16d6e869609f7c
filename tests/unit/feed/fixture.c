/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The feed under test.
 */
#include "fixture.h"

#include "../../lib/config_defaults.h"
#include "../../lib/folder.h"

#include <zlib.h>

tt_dec num(const char *text)
{
    tt_dec value = {0};
    assert_int_equal(tt_dec_parse(text, strlen(text), &value), TUTTI_OK);
    return value;
}

void assert_dec_(tt_dec value, const char *text, const char *file, int line)
{
    char found[TT_DEC_TEXT_MAX];
    tt_dec_format(value, found);
    if (strcmp(found, text) != 0) {
        print_error("%s:%d: %s is not %s\n", file, line, found, text);
        _fail(file, line);
    }
}

int bench_setup(void **state)
{
    feed_bench *bench = calloc(1, sizeof *bench);
    strcpy(bench->folder, "/tmp/tutti-feed-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    TT_TEST_DEFAULTS(feed, &bench->config.feed);
    TT_TEST_DEFAULTS(csv, &bench->config.csv);
    TT_TEST_DEFAULTS(equity_ticks, &bench->config.equity_ticks);
    TT_TEST_DEFAULTS(synthetic, &bench->config.synthetic);
    bench->seed = 1;
    *state = bench;
    return 0;
}

int bench_teardown(void **state)
{
    feed_bench *bench = *state;
    bench_close(bench);
    tt_test_remove_folder(bench->folder);
    free(bench);
    return 0;
}

tt_instrument *bench_instrument(feed_bench *bench, const char *symbol, uint32_t bar_interval_s)
{
    tt_instrument *instrument = &bench->instruments.list[bench->instruments.count++];
    *instrument = (tt_instrument){
        .price_increment.d = num("0.01"),
        .qty_increment.d = num("0.001"),
        .min_qty.d = num("0.001"),
        .max_leverage.d = num("1"),
        .bar_interval_s = bar_interval_s,
        .id.n = bench->instruments.count,
    };
    (void)snprintf(instrument->symbol, sizeof instrument->symbol, "%s", symbol);
    return instrument;
}

const char *bench_path(const feed_bench *bench, const char *name)
{
    static char paths[4][400];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", bench->folder, name);
    return path;
}

const char *bench_write(const feed_bench *bench, const char *name, const void *bytes, size_t size)
{
    const char *path = bench_path(bench, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

void bench_text(feed_bench *bench, const char *name, const char *text)
{
    const char *path = bench_write(bench, name, text, strlen(text));
    strcpy(bench->config.feed.path, path);
}

size_t pack_gzip(const char *text, unsigned char *packed, size_t capacity)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
    unsigned char *input = (unsigned char *)strdup(text);
    stream.next_in = input;
    stream.avail_in = (uInt)strlen(text);
    stream.next_out = packed;
    stream.avail_out = (uInt)capacity;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t size = stream.total_out;
    assert_int_equal(deflateEnd(&stream), Z_OK);
    free(input);
    return size;
}

const char *data_file(const char *name)
{
    static char path[400];
    (void)snprintf(path, sizeof path, "%s/%s", TT_TEST_DATA_DIR, name);
    return access(path, R_OK) == 0 ? path : NULL;
}

void bench_open(feed_bench *bench)
{
    tutti_status status =
        tt_feed_open(&bench->config, &bench->instruments, bench->seed, &bench->feed, &bench->error);
    if (status != TUTTI_OK) {
        fail_msg("not opened: %s", bench->error.message);
    }
    bench->is_open = true;
}

static void expect_error(const feed_bench *bench, const char *part)
{
    if (strstr(bench->error.message, part) == NULL) {
        fail_msg("'%s' does not contain '%s'", bench->error.message, part);
    }
}

void bench_open_fails(feed_bench *bench, tutti_status status, const char *part)
{
    memset(&bench->error, 0, sizeof bench->error);
    assert_int_equal(
        tt_feed_open(&bench->config, &bench->instruments, bench->seed, &bench->feed, &bench->error),
        status);
    assert_int_equal(bench->error.status, status);
    expect_error(bench, part);
}

void bench_close(feed_bench *bench)
{
    if (bench->is_open) {
        bench->feed.close(bench->feed.ctx);
        bench->is_open = false;
    }
}

static uint64_t item_seq(const tt_feed_item *item)
{
    return item->topic == TT_TOPIC_MARKET_BAR     ? item->payload.bar.feed_seq
           : item->topic == TT_TOPIC_MARKET_QUOTE ? item->payload.quote.feed_seq
           : item->topic == TT_TOPIC_MARKET_TRADE ? item->payload.trade.feed_seq
           : item->topic == TT_TOPIC_MARKET_DEPTH ? item->payload.depth.feed_seq
                                                  : item->payload.event.feed_seq;
}

/** What holds for every item of every feed. */
static void check_item(const tt_feed_item *item, uint64_t seq, tt_time not_before)
{
    tt_error error = {0};
    const tt_layout *layout = tt_topic_info_get((uint16_t)item->topic)->layout;
    if (tt_payload_check(layout, &item->payload, item->size, &error) != TUTTI_OK) {
        fail_msg("item %llu: %s", (unsigned long long)seq, error.message);
    }
    assert_int_equal(item_seq(item), seq);
    assert_true(item->time.ns >= not_before.ns);
    assert_int_equal(item->size, tt_layout_used_size(layout, &item->payload));
}

static tutti_status next(feed_bench *bench)
{
    uint64_t last_seq = bench->item.topic == TT_TOPIC_NONE ? 0 : item_seq(&bench->item);
    tt_time last_time = bench->item.time;
    memset(&bench->error, 0, sizeof bench->error);
    tutti_status status = bench->feed.next(bench->feed.ctx, &bench->item, &bench->error);
    if (status == TUTTI_OK) {
        check_item(&bench->item, last_seq + 1, last_time);
    }
    return status;
}

void bench_next(feed_bench *bench, tt_topic topic)
{
    tutti_status status = next(bench);
    if (status != TUTTI_OK) {
        fail_msg("no item: %s: %s", tutti_status_name(status), bench->error.message);
    }
    if (bench->item.topic != topic) {
        const char *what =
            bench->item.topic == TT_TOPIC_FEED_EVENTS ? bench->item.payload.event.message : "";
        fail_msg("topic %d instead of %d %s", bench->item.topic, topic, what);
    }
}

void bench_refused(feed_bench *bench, uint64_t line, const char *part)
{
    bench_next(bench, TT_TOPIC_FEED_EVENTS);
    const tt_feed_event *event = &bench->item.payload.event;
    assert_int_equal(event->event, TT_feed_event_type_ROW_REFUSED);
    assert_int_equal(event->line, line);
    if (strstr(event->message, part) == NULL) {
        fail_msg("'%s' does not contain '%s'", event->message, part);
    }
}

void bench_end(feed_bench *bench)
{
    tutti_status status = next(bench);
    if (status != TUTTI_END) {
        fail_msg("%s instead of the end: %s", tutti_status_name(status), bench->error.message);
    }
    assert_int_equal(next(bench), TUTTI_END);
}

void bench_fails(feed_bench *bench, tutti_status status, const char *part)
{
    assert_int_equal(next(bench), status);
    expect_error(bench, part);
    // A feed that failed stays failed, and says the same.
    assert_int_equal(next(bench), status);
    expect_error(bench, part);
}

void bench_count(feed_bench *bench, uint64_t *ret_counts)
{
    memset(ret_counts, 0, TT_TOPIC_COUNT * sizeof ret_counts[0]);
    tutti_status status = next(bench);
    for (; status == TUTTI_OK; status = next(bench)) {
        ret_counts[bench->item.topic]++;
    }
    if (status != TUTTI_END) {
        fail_msg("%s: %s", tutti_status_name(status), bench->error.message);
    }
}

void bench_progress(feed_bench *bench, tt_feed_progress *ret_progress)
{
    bench->feed.progress(bench->feed.ctx, ret_progress);
}

void bench_time(const feed_bench *bench, const char *text)
{
    char found[TT_TIME_TEXT_MAX];
    tt_time_format(bench->item.time, found);
    assert_string_equal(found, text);
}
