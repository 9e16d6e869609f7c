/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any bytes as a line of a Binance capture: what is accepted must make payloads that the engine
 * accepts, what is refused must say why in plain text.
 */
#include "feed/binance_line.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static tt_binance_line line;

static void check_payload(tt_topic topic, const void *payload, size_t size)
{
    tt_error error;
    TT_ASSERT(
        tt_payload_check(tt_topic_info_get(topic)->layout, payload, size, &error) == TUTTI_OK);
}

static void check_levels(void)
{
    TT_ASSERT(line.level_count <= TT_BINANCE_LEVELS_MAX);
    for (uint32_t at = 0; at < line.level_count; at += TT_MAX_depth_level) {
        uint32_t left = line.level_count - at;
        tt_depth depth = {.venue_time = line.venue_time};
        depth.count = (uint8_t)(left < TT_MAX_depth_level ? left : TT_MAX_depth_level);
        memcpy(depth.levels, &line.levels[at], depth.count * sizeof depth.levels[0]);
        check_payload(TT_TOPIC_MARKET_DEPTH, &depth, sizeof depth);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tt_feed_refusal refusal = {0};
    tt_slice text = {(const char *)data, size};
    tutti_status status = tt_binance_decode(text, &line, &refusal);
    TT_ASSERT(status == TUTTI_OK || status == TUTTI_INVALID);
    if (status == TUTTI_INVALID) {
        TT_ASSERT(refusal.message[0] != '\0');
        TT_ASSERT(tt_text_is_utf8(refusal.message, strlen(refusal.message)));
        return 0;
    }
    TT_ASSERT(line.local_time.ns > 0 && line.local_time.ns <= TT_TIME_MAX.ns);
    TT_ASSERT(strnlen(line.symbol, sizeof line.symbol) < sizeof line.symbol);
    if (line.kind == TT_BINANCE_QUOTE) {
        check_payload(TT_TOPIC_MARKET_QUOTE, &line.quote, sizeof line.quote);
    } else if (line.kind == TT_BINANCE_TRADE) {
        check_payload(TT_TOPIC_MARKET_TRADE, &line.trade, sizeof line.trade);
    } else {
        check_levels();
    }
    return 0;
}
