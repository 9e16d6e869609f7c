/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any bytes as a row of comma-separated values: what is accepted must make a payload that the
 * engine accepts, what is refused must say why in plain text.
 */
#include "feed/csv_row.h"
#include "feed/equity_row.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_refusal(tutti_status status, const tt_feed_refusal *refusal)
{
    TT_ASSERT(status == TUTTI_OK || status == TUTTI_INVALID);
    if (status == TUTTI_INVALID) {
        TT_ASSERT(refusal->message[0] != '\0');
        TT_ASSERT(tt_text_is_utf8(refusal->message, strlen(refusal->message)));
    }
}

static void check_bar(const tt_csv_row *row)
{
    tt_csv_layout layout = {.price_scale = {TT_DEC_C(1, 4)}};
    for (uint32_t i = 0; i < TT_CSV_COLUMN_COUNT; i++) {
        layout.index[i] = i < TT_CSV_SYMBOL ? i : TT_CSV_NO_COLUMN;
    }
    if (row->count <= TT_CSV_VOLUME) {
        return;
    }
    tt_bar bar = {0};
    tt_feed_refusal refusal = {0};
    tutti_status status = tt_csv_parse_bar(row, &layout, &bar, &refusal);
    check_refusal(status, &refusal);
    tt_time time = {0};
    tutti_status time_status = tt_feed_parse_time(row->fields[0], &time, &refusal);
    check_refusal(time_status, &refusal);
    if (status == TUTTI_OK && time_status == TUTTI_OK) {
        tt_error error;
        bar.open_time = time;
        const tt_layout *payload = tt_topic_info_get(TT_TOPIC_MARKET_BAR)->layout;
        TT_ASSERT(tt_payload_check(payload, &bar, sizeof bar, &error) == TUTTI_OK);
        TT_ASSERT(tt_dec_le(bar.low.d, bar.open.d) && tt_dec_le(bar.open.d, bar.high.d));
        TT_ASSERT(tt_dec_le(bar.low.d, bar.close.d) && tt_dec_le(bar.close.d, bar.high.d));
    }
}

static void check_equity(const tt_csv_row *row)
{
    const tt_ratio scale = {TT_DEC_C(1, 4)};
    tt_feed_refusal refusal = {0};
    tt_equity_quote quote = {0};
    tutti_status status = tt_equity_parse_quote(row, scale, &quote, &refusal);
    check_refusal(status, &refusal);
    if (status == TUTTI_OK) {
        bool has_both = !tt_dec_is_zero(quote.bid.d) && !tt_dec_is_zero(quote.ask.d);
        TT_ASSERT(!has_both || tt_dec_lt(quote.bid.d, quote.ask.d));
    }
    tt_equity_trade trade = {0};
    check_refusal(tt_equity_parse_trade(row, scale, &trade, &refusal), &refusal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tt_csv_row row;
    tt_feed_refusal refusal = {0};
    tt_slice line = {(const char *)data, size};
    tutti_status status = tt_csv_split(line, &row, &refusal);
    check_refusal(status, &refusal);
    if (status != TUTTI_OK) {
        return 0;
    }
    TT_ASSERT(row.count >= 1 && row.count <= TT_CSV_FIELDS_MAX);
    for (uint32_t i = 0; i < row.count; i++) {
        const char *field = row.fields[i].data;
        TT_ASSERT(
            row.fields[i].length == 0 ||
            (field >= line.data && field + row.fields[i].length <= line.data + size));
    }
    check_bar(&row);
    check_equity(&row);
    return 0;
}
