/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages of the load, and their check.
 */
#include "journal_load.h"

#include "base/crc32c.h"
#include "bench.h"

#include <string.h>

_Static_assert(sizeof(load_message) == LOAD_BYTES, "a message has 256 bytes");

void load_fill(load_message *message, uint64_t seq, uint64_t publisher, uint64_t number)
{
    message->head = (tt_msg){
        .seq = seq,
        .time = {(int64_t)number * 1000},
        .key = 1,
        .topic = TT_TOPIC_ORDER_INTENTS,
        .source = TT_SOURCE_TRADE,
        .size = LOAD_BYTES - sizeof(tt_msg),
        .kind = TT_msg_kind_COMMAND,
        .priority = TT_priority_HIGH};
    message->publisher = publisher;
    message->number = number;
    const uint64_t base = (number + (publisher << 40)) * UINT64_C(0x9E3779B97F4A7C15);
    for (uint64_t i = 0; i < sizeof message->words / sizeof *message->words; i++) {
        message->words[i] = base + i * UINT64_C(0xD1342543DE82EF95);
    }
}

void load_take(load_check *check, const char *who, const void *bytes, size_t size)
{
    load_message got, wanted;
    if (size != LOAD_BYTES) {
        bench_fail("%s: a message came back with %zu bytes", who, size);
    }
    memcpy(&got, bytes, sizeof got);
    if (got.publisher >= LOAD_PUBLISHERS) {
        bench_fail("%s: message %llu is damaged", who, (unsigned long long)check->count + 1);
    }
    load_fill(&wanted, check->count + 1, got.publisher, check->numbers[got.publisher] + 1);
    if (memcmp(&got, &wanted, sizeof got) != 0) {
        bench_fail(
            "%s: message %llu is lost, changed or out of order",
            who,
            (unsigned long long)check->count + 1);
    }
    check->count++;
    check->numbers[got.publisher]++;
    check->digest = tt_crc32c(check->digest, bytes, size);
}

void load_expect(const load_check *check, const char *who, uint64_t count)
{
    if (check->count != count) {
        bench_fail(
            "%s: %llu messages were acknowledged, %llu came back",
            who,
            (unsigned long long)count,
            (unsigned long long)check->count);
    }
}

void load_percentiles(load_result *result, const tt_histogram *histogram)
{
    result->p50_us = (double)tt_histogram_percentile(histogram, TT_P50) / 1e3;
    result->p99_us = (double)tt_histogram_percentile(histogram, TT_P99) / 1e3;
    result->p999_us = (double)tt_histogram_percentile(histogram, TT_P999) / 1e3;
    result->max_us = (double)histogram->max / 1e3;
}
