/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reading rows of equity ticks.
 */
#include "feed/equity_row.h"

#define MS_PER_DAY 86400000u

static tutti_status parse_ms(tt_slice text, uint32_t *result, tt_feed_refusal *refusal)
{
    uint64_t ms = 0;
    if (tt_text_parse_u64(text.data, text.length, &ms) != TUTTI_OK || ms >= MS_PER_DAY) {
        char quoted[TT_FEED_QUOTED_MAX];
        return tt_feed_refuse(
            refusal,
            "'%s' is no number of milliseconds within a day",
            tt_feed_quote_text(text, quoted));
    }
    *result = (uint32_t)ms;
    return TUTTI_OK;
}

static tutti_status parse_exchange(tt_slice text, char *result, tt_feed_refusal *refusal)
{
    if (text.length != 1 || text.data[0] < 'A' || text.data[0] > 'Z') {
        char quoted[TT_FEED_QUOTED_MAX];
        return tt_feed_refuse(
            refusal, "exchange '%s' is no letter A to Z", tt_feed_quote_text(text, quoted));
    }
    *result = text.data[0];
    return TUTTI_OK;
}

static tutti_status check_suspicious(tt_slice text, tt_feed_refusal *refusal)
{
    if (tt_slice_is(text, "0")) {
        return TUTTI_OK;
    }
    return tt_slice_is(text, "1") ? tt_feed_refuse(refusal, "the row is marked as suspicious")
                                  : tt_feed_refuse(refusal, "the suspicious mark is not 0 or 1");
}

static tutti_status check_count(const tt_csv_row *row, uint32_t count, tt_feed_refusal *refusal)
{
    if (row->count == count) {
        return TUTTI_OK;
    }
    return tt_feed_refuse(refusal, "the row has %u fields instead of %u", row->count, count);
}

/** One side of a quote: fields `at` and `at` + 1. */
static tutti_status parse_side(
    const tt_csv_row *row,
    uint32_t at,
    tt_ratio scale,
    tt_price *ret_price,
    tt_qty *ret_qty,
    tt_feed_refusal *refusal)
{
    const char *name = at == 1 ? "bid" : "ask";
    TUTTI_TRY(tt_feed_parse_qty(row->fields[at + 1], "size", ret_qty, refusal));
    if (tt_slice_is(row->fields[at], "0")) {
        *ret_price = (tt_price){0};
        *ret_qty = (tt_qty){0};
        return TUTTI_OK;
    }
    TUTTI_TRY(tt_feed_parse_price(row->fields[at], scale, name, ret_price, refusal));
    if (tt_dec_is_zero(ret_qty->d)) {
        return tt_feed_refuse(refusal, "the %s has no size", name);
    }
    return TUTTI_OK;
}

tutti_status tt_equity_parse_quote(
    const tt_csv_row *row, tt_ratio scale, tt_equity_quote *ret_quote, tt_feed_refusal *refusal)
{
    tt_equity_quote *quote = ret_quote;
    TUTTI_TRY(check_count(row, 8, refusal));
    TUTTI_TRY(parse_ms(row->fields[0], &quote->ms, refusal));
    TUTTI_TRY(parse_side(row, 1, scale, &quote->bid, &quote->bid_qty, refusal));
    TUTTI_TRY(parse_side(row, 3, scale, &quote->ask, &quote->ask_qty, refusal));
    TUTTI_TRY(parse_exchange(row->fields[5], &quote->exchange, refusal));
    TUTTI_TRY(check_suspicious(row->fields[7], refusal));
    bool has_bid = !tt_dec_is_zero(quote->bid.d);
    bool has_ask = !tt_dec_is_zero(quote->ask.d);
    if (!has_bid && !has_ask) {
        return tt_feed_refuse(refusal, "neither bid nor ask is in the row");
    }
    if (has_bid && has_ask && tt_dec_le(quote->ask.d, quote->bid.d)) {
        return tt_feed_refuse(refusal, "the bid is not below the ask");
    }
    return TUTTI_OK;
}

tutti_status tt_equity_parse_trade(
    const tt_csv_row *row, tt_ratio scale, tt_equity_trade *ret_trade, tt_feed_refusal *refusal)
{
    tt_equity_trade *trade = ret_trade;
    TUTTI_TRY(check_count(row, 6, refusal));
    TUTTI_TRY(parse_ms(row->fields[0], &trade->ms, refusal));
    TUTTI_TRY(tt_feed_parse_price(row->fields[1], scale, "price", &trade->price, refusal));
    TUTTI_TRY(tt_feed_parse_qty(row->fields[2], "quantity", &trade->qty, refusal));
    TUTTI_TRY(parse_exchange(row->fields[3], &trade->exchange, refusal));
    TUTTI_TRY(check_suspicious(row->fields[5], refusal));
    if (tt_dec_is_zero(trade->qty.d)) {
        return tt_feed_refuse(refusal, "a trade of quantity 0");
    }
    return TUTTI_OK;
}
