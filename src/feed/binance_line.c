/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Decoding of one line: the stamp, the wrapper, then the fields of the stream by their one-letter
 * names, in any order; unknown fields are skipped.
 */
#include "feed/binance_line.h"

#include "base/json.h"

#include <string.h>

/* Keys that a line opens at one time are few; the rest is for strings with escapes. */
#define SCRATCH_BYTES 2048

/** A line being decoded. */
typedef struct line_decoder {
    tt_json_reader reader;
    tt_binance_line *line;
    tt_feed_refusal *refusal;
    uint32_t seen; /**< Bit for each required field that has come. */
    unsigned char scratch[SCRATCH_BYTES];
} line_decoder;

/** Reads the value of one field of a data object. */
typedef tutti_status (*field_fn)(line_decoder *decoder);

/** A field of a data object. */
typedef struct field_rule {
    const char *name;
    bool is_required;
    field_fn read;
} field_rule;

static tutti_status refuse_json(line_decoder *decoder)
{
    const tt_json_error *error = &decoder->reader.error;
    return tt_feed_refuse(
        decoder->refusal,
        "byte %zu of the JSON: %s",
        error->offset,
        error->what == NULL ? "not as expected" : error->what);
}

static tutti_status expect(line_decoder *decoder, tt_json_kind kind, tt_json_token *ret_token)
{
    tutti_status status = tt_json_expect(&decoder->reader, kind, ret_token);
    return status == TUTTI_OK ? TUTTI_OK : refuse_json(decoder);
}

static tutti_status take(line_decoder *decoder, tt_json_token *ret_token)
{
    tutti_status status = tt_json_next(&decoder->reader, ret_token);
    return status == TUTTI_OK ? TUTTI_OK : refuse_json(decoder);
}

/** Reads a price in a string; 0 is allowed, and means none. */
static tutti_status read_price_or_none(line_decoder *decoder, const char *name, tt_price *result)
{
    tt_json_token token;
    TUTTI_TRY(expect(decoder, TT_JSON_STRING, &token));
    tt_dec value;
    // Only a price that starts with a zero can be one; the others are parsed once.
    if (token.text.length > 0 && token.text.data[0] == '0' &&
        tt_dec_parse(token.text.data, token.text.length, &value) == TUTTI_OK &&
        tt_dec_is_zero(value)) {
        *result = (tt_price){0};
        return TUTTI_OK;
    }
    const tt_ratio one = {TT_DEC_C(1, 0)};
    return tt_feed_parse_price(token.text, one, name, result, decoder->refusal);
}

static tutti_status read_price(line_decoder *decoder, const char *name, tt_price *result)
{
    tt_json_token token;
    TUTTI_TRY(expect(decoder, TT_JSON_STRING, &token));
    const tt_ratio one = {TT_DEC_C(1, 0)};
    return tt_feed_parse_price(token.text, one, name, result, decoder->refusal);
}

static tutti_status read_qty(line_decoder *decoder, const char *name, tt_qty *result)
{
    tt_json_token token;
    TUTTI_TRY(expect(decoder, TT_JSON_STRING, &token));
    return tt_feed_parse_qty(token.text, name, result, decoder->refusal);
}

static tutti_status read_u64(line_decoder *decoder, const char *name, uint64_t *result)
{
    tt_json_token token;
    TUTTI_TRY(expect(decoder, TT_JSON_NUMBER, &token));
    if (tt_text_parse_u64(token.text.data, token.text.length, result) == TUTTI_OK) {
        return TUTTI_OK;
    }
    char quoted[TT_FEED_QUOTED_MAX];
    return tt_feed_refuse(
        decoder->refusal, "%s %s is no whole number", name, tt_feed_quote_text(token.text, quoted));
}

/** Reads a time in milliseconds. */
static tutti_status read_ms(line_decoder *decoder, const char *name, tt_time *result)
{
    uint64_t ms = 0;
    TUTTI_TRY(read_u64(decoder, name, &ms));
    if (ms > (uint64_t)(TT_TIME_MAX.ns / TT_NS_PER_MS)) {
        return tt_feed_refuse(decoder->refusal, "%s is not within 1970 to 2200", name);
    }
    result->ns = (int64_t)ms * TT_NS_PER_MS;
    return TUTTI_OK;
}

static tutti_status read_quote_bid(line_decoder *decoder)
{
    return read_price_or_none(decoder, "bid", &decoder->line->quote.bid);
}
static tutti_status read_quote_bid_qty(line_decoder *decoder)
{
    return read_qty(decoder, "bid quantity", &decoder->line->quote.bid_qty);
}
static tutti_status read_quote_ask(line_decoder *decoder)
{
    return read_price_or_none(decoder, "ask", &decoder->line->quote.ask);
}
static tutti_status read_quote_ask_qty(line_decoder *decoder)
{
    return read_qty(decoder, "ask quantity", &decoder->line->quote.ask_qty);
}
static tutti_status read_quote_time(line_decoder *decoder)
{
    return read_ms(decoder, "T", &decoder->line->quote.venue_time);
}
static tutti_status read_trade_id(line_decoder *decoder)
{
    return read_u64(decoder, "trade id", &decoder->line->trade.trade_id);
}
static tutti_status read_trade_price(line_decoder *decoder)
{
    return read_price(decoder, "price", &decoder->line->trade.price);
}
static tutti_status read_trade_qty(line_decoder *decoder)
{
    return read_qty(decoder, "quantity", &decoder->line->trade.qty);
}
static tutti_status read_trade_time(line_decoder *decoder)
{
    return read_ms(decoder, "T", &decoder->line->trade.venue_time);
}
static tutti_status read_first_id(line_decoder *decoder)
{
    return read_u64(decoder, "U", &decoder->line->first_update_id);
}
static tutti_status read_last_id(line_decoder *decoder)
{
    return read_u64(decoder, "u", &decoder->line->last_update_id);
}
static tutti_status read_previous_id(line_decoder *decoder)
{
    return read_u64(decoder, "pu", &decoder->line->previous_update_id);
}
static tutti_status read_depth_time(line_decoder *decoder)
{
    return read_ms(decoder, "E", &decoder->line->venue_time);
}

/** m: the buyer was the maker, so the seller took. */
static tutti_status read_buyer_is_maker(line_decoder *decoder)
{
    tt_json_token token;
    TUTTI_TRY(take(decoder, &token));
    if (token.kind != TT_JSON_TRUE && token.kind != TT_JSON_FALSE) {
        return tt_feed_refuse(decoder->refusal, "m is neither true nor false");
    }
    decoder->line->trade.aggressor = token.kind == TT_JSON_TRUE ? TT_side_SELL : TT_side_BUY;
    return TUTTI_OK;
}

/** Reads one ["price", "quantity"] whose '[' has been taken. */
static tutti_status read_level(line_decoder *decoder, tt_side side)
{
    tt_binance_line *line = decoder->line;
    if (line->level_count == TT_BINANCE_LEVELS_MAX) {
        return tt_feed_refuse(
            decoder->refusal, "more than %d levels in one line", TT_BINANCE_LEVELS_MAX);
    }
    tt_depth_level *level = &line->levels[line->level_count];
    *level = (tt_depth_level){.side = (uint8_t)side};
    TUTTI_TRY(read_price(decoder, "price of a level", &level->price));
    TUTTI_TRY(read_qty(decoder, "quantity of a level", &level->qty));
    tt_json_token token;
    TUTTI_TRY(expect(decoder, TT_JSON_ARRAY_END, &token));
    line->level_count++;
    return TUTTI_OK;
}

static tutti_status read_levels(line_decoder *decoder, tt_side side)
{
    tt_json_token token;
    TUTTI_TRY(expect(decoder, TT_JSON_ARRAY, &token));
    for (;;) {
        TUTTI_TRY(take(decoder, &token));
        if (token.kind == TT_JSON_ARRAY_END) {
            return TUTTI_OK;
        }
        if (token.kind != TT_JSON_ARRAY) {
            return tt_feed_refuse(decoder->refusal, "a level is not an array");
        }
        TUTTI_TRY(read_level(decoder, side));
    }
}

static tutti_status read_bids(line_decoder *decoder)
{
    return read_levels(decoder, TT_side_BUY);
}
static tutti_status read_asks(line_decoder *decoder)
{
    return read_levels(decoder, TT_side_SELL);
}

static const field_rule quote_fields[] = {
    {"b", true, read_quote_bid},
    {"B", true, read_quote_bid_qty},
    {"a", true, read_quote_ask},
    {"A", true, read_quote_ask_qty},
    {"T", false, read_quote_time},
    {NULL, false, NULL},
};
static const field_rule trade_fields[] = {
    {"t", true, read_trade_id},
    {"p", true, read_trade_price},
    {"q", true, read_trade_qty},
    {"T", true, read_trade_time},
    {"m", true, read_buyer_is_maker},
    {NULL, false, NULL},
};
static const field_rule depth_fields[] = {
    {"U", true, read_first_id},
    {"u", true, read_last_id},
    {"b", true, read_bids},
    {"a", true, read_asks},
    {"E", true, read_depth_time},
    {"pu", false, read_previous_id},
    {NULL, false, NULL},
};
static const field_rule snapshot_fields[] = {
    {"lastUpdateId", true, read_last_id},
    {"bids", true, read_bids},
    {"asks", true, read_asks},
    {"E", false, read_depth_time},
    {NULL, false, NULL},
};

static tutti_status read_field(line_decoder *decoder, const field_rule *rules, tt_slice name)
{
    for (uint32_t i = 0; rules[i].name != NULL; i++) {
        if (tt_slice_is(name, rules[i].name)) {
            decoder->seen |= 1u << i;
            return rules[i].read(decoder);
        }
    }
    tutti_status status = tt_json_skip(&decoder->reader);
    return status == TUTTI_OK ? TUTTI_OK : refuse_json(decoder);
}

static tutti_status check_required(line_decoder *decoder, const field_rule *rules)
{
    for (uint32_t i = 0; rules[i].name != NULL; i++) {
        if (rules[i].is_required && (decoder->seen & (1u << i)) == 0) {
            return tt_feed_refuse(decoder->refusal, "field '%s' is missing", rules[i].name);
        }
    }
    return TUTTI_OK;
}

/** Reads the fields of an object to its end. `key` is its first key, already taken, or NULL. */
static tutti_status
read_object(line_decoder *decoder, const field_rule *rules, const tt_json_token *key)
{
    decoder->seen = 0;
    tt_json_token token;
    if (key != NULL) {
        TUTTI_TRY(read_field(decoder, rules, key->text));
    }
    for (;;) {
        TUTTI_TRY(take(decoder, &token));
        if (token.kind == TT_JSON_OBJECT_END) {
            return check_required(decoder, rules);
        }
        TUTTI_TRY(read_field(decoder, rules, token.text));
    }
}

/** Takes symbol and kind from the name of a stream, such as "btcusdt@depth@100ms". */
static tutti_status read_stream(line_decoder *decoder, tt_slice name)
{
    tt_slice rest = name;
    tt_slice symbol = tt_slice_split(&rest, '@');
    tt_slice type = tt_slice_split(&rest, '@');
    tt_binance_line *line = decoder->line;
    if (symbol.length == 0 || symbol.length >= sizeof line->symbol) {
        return tt_feed_refuse(decoder->refusal, "the stream names no symbol");
    }
    memset(line->symbol, 0, sizeof line->symbol);
    memcpy(line->symbol, symbol.data, symbol.length);
    if (tt_slice_is(type, "bookTicker")) {
        line->kind = TT_BINANCE_QUOTE;
        return TUTTI_OK;
    }
    if (tt_slice_is(type, "trade")) {
        line->kind = TT_BINANCE_TRADE;
        return TUTTI_OK;
    }
    if (tt_slice_is(type, "depth")) {
        line->kind = TT_BINANCE_DEPTH;
        return TUTTI_OK;
    }
    char quoted[TT_FEED_QUOTED_MAX];
    return tt_feed_refuse(
        decoder->refusal,
        "stream '%s' is none of bookTicker, trade, depth",
        tt_feed_quote_text(name, quoted));
}

static tutti_status check_quote(line_decoder *decoder)
{
    const tt_quote *quote = &decoder->line->quote;
    bool has_both = !tt_dec_is_zero(quote->bid.d) && !tt_dec_is_zero(quote->ask.d);
    if (has_both && tt_dec_le(quote->ask.d, quote->bid.d)) {
        return tt_feed_refuse(decoder->refusal, "the bid is not below the ask");
    }
    return TUTTI_OK;
}

/** Reads the object behind "data". */
static tutti_status read_data(line_decoder *decoder)
{
    tt_json_token token;
    TUTTI_TRY(expect(decoder, TT_JSON_OBJECT, &token));
    tt_binance_line *line = decoder->line;
    if (line->kind == TT_BINANCE_QUOTE) {
        line->quote = (tt_quote){0};
        TUTTI_TRY(read_object(decoder, quote_fields, NULL));
        return check_quote(decoder);
    }
    if (line->kind == TT_BINANCE_TRADE) {
        line->trade = (tt_trade){0};
        TUTTI_TRY(read_object(decoder, trade_fields, NULL));
        bool is_empty = tt_dec_is_zero(line->trade.qty.d);
        return is_empty ? tt_feed_refuse(decoder->refusal, "a trade of quantity 0") : TUTTI_OK;
    }
    return read_object(decoder, depth_fields, NULL);
}

static tutti_status read_wrapped(line_decoder *decoder)
{
    tt_json_token token;
    TUTTI_TRY(expect(decoder, TT_JSON_STRING, &token));
    TUTTI_TRY(read_stream(decoder, token.text));
    TUTTI_TRY(expect(decoder, TT_JSON_KEY, &token));
    if (!tt_slice_is(token.text, "data")) {
        return tt_feed_refuse(decoder->refusal, "'data' does not follow 'stream'");
    }
    TUTTI_TRY(read_data(decoder));
    return expect(decoder, TT_JSON_OBJECT_END, &token);
}

static tutti_status read_body(line_decoder *decoder)
{
    tt_json_token token;
    TUTTI_TRY(expect(decoder, TT_JSON_OBJECT, &token));
    TUTTI_TRY(expect(decoder, TT_JSON_KEY, &token));
    tt_binance_line *line = decoder->line;
    line->level_count = 0;
    line->first_update_id = line->last_update_id = line->previous_update_id = 0;
    line->venue_time = (tt_time){0};
    if (tt_slice_is(token.text, "stream")) {
        TUTTI_TRY(read_wrapped(decoder));
    } else {
        line->kind = TT_BINANCE_SNAPSHOT;
        line->symbol[0] = '\0';
        TUTTI_TRY(read_object(decoder, snapshot_fields, &token));
    }
    tutti_status status = tt_json_next(&decoder->reader, &token);
    return status == TUTTI_END ? TUTTI_OK : refuse_json(decoder);
}

tutti_status tt_binance_decode(tt_slice text, tt_binance_line *ret_line, tt_feed_refusal *refusal)
{
    tt_slice rest = text;
    tt_slice stamp = tt_slice_split(&rest, ' ');
    int64_t ns = 0;
    if (tt_text_parse_i64(stamp.data, stamp.length, &ns) != TUTTI_OK || ns <= 0 ||
        ns > TT_TIME_MAX.ns) {
        return tt_feed_refuse(refusal, "the line does not start with a time in nanoseconds");
    }
    ret_line->local_time.ns = ns;
    line_decoder decoder; // Not zeroed as a whole: the scratch needs no start value.
    decoder.line = ret_line;
    decoder.refusal = refusal;
    decoder.seen = 0;
    tt_json_reader_init(&decoder.reader, rest.data, rest.length, decoder.scratch, SCRATCH_BYTES);
    return read_body(&decoder);
}
