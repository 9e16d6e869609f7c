/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What all sources share: refusals, lines, symbols, numbers and times of rows.
 */
#include "feed/feed_source.h"

#include <stdio.h>
#include <string.h>

tutti_status tt_feed_refuse(tt_feed_refusal *refusal, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(refusal->message, sizeof refusal->message, format, arguments);
    va_end(arguments);
    return TUTTI_INVALID;
}

const char *tt_feed_quote_text(tt_slice text, char quoted[TT_FEED_QUOTED_MAX])
{
    const size_t room = TT_FEED_QUOTED_MAX - 1;
    size_t count = text.length < room ? text.length : room;
    for (size_t i = 0; i < count; i++) {
        char c = text.data[i];
        quoted[i] = c >= ' ' && c <= '~' ? c : '?';
    }
    quoted[count] = '\0';
    if (text.length > room) {
        memcpy(quoted + room - 3, "...", 3);
    }
    return quoted;
}

const char *tt_feed_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

tutti_status tt_feed_next_line(
    tt_line_source *lines, tt_line *ret_line, tt_feed_refusal *ret_refusal, tt_error *error)
{
    tutti_status status = tt_line_source_next(lines, ret_line, error);
    ret_refusal->file = tt_line_source_path(lines);
    ret_refusal->line = ret_line->number;
    ret_refusal->time = (tt_time){0};
    ret_refusal->key = 0;
    if (status == TUTTI_LIMIT) {
        return tt_feed_refuse(ret_refusal, "the line is longer than %d bytes", TT_FEED_LINE_MAX);
    }
    return status;
}

static char fold_symbol_char(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_symbol_filler(char c)
{
    return c == '/' || c == '-' || c == '_';
}

/** Compares without case and without '/', '-' and '_'. */
static bool is_same_symbol(const char *symbol, tt_slice text)
{
    size_t at = 0;
    for (; *symbol != '\0'; symbol++) {
        if (is_symbol_filler(*symbol)) {
            continue;
        }
        while (at < text.length && is_symbol_filler(text.data[at])) {
            at++;
        }
        if (at == text.length || fold_symbol_char(text.data[at]) != fold_symbol_char(*symbol)) {
            return false;
        }
        at++;
    }
    return at == text.length;
}

const tt_instrument *tt_feed_find_symbol(const tt_instruments *instruments, tt_slice symbol)
{
    const tt_instrument *exact = tt_instrument_find_symbol(instruments, symbol.data, symbol.length);
    if (exact != NULL || symbol.length == 0) {
        return exact;
    }
    for (uint32_t i = 0; i < instruments->count; i++) {
        if (is_same_symbol(instruments->list[i].symbol, symbol)) {
            return &instruments->list[i];
        }
    }
    return NULL;
}

static tutti_status
refuse_number(tutti_status status, tt_slice text, const char *name, tt_feed_refusal *refusal)
{
    char quoted[TT_FEED_QUOTED_MAX];
    const char *wrong =
        status == TUTTI_RANGE ? "has more than 18 decimals or is too large" : "is not a number";
    return tt_feed_refuse(refusal, "%s '%s' %s", name, tt_feed_quote_text(text, quoted), wrong);
}

tutti_status tt_feed_parse_price(
    tt_slice text, tt_ratio scale, const char *name, tt_price *result, tt_feed_refusal *refusal)
{
    tt_dec price;
    tutti_status status = tt_dec_parse(text.data, text.length, &price);
    if (status == TUTTI_OK && scale.d.v != TT_DEC_ONE_I64) {
        status = tt_dec_mul(price, scale.d, TT_ROUND_EXACT, &price);
    }
    if (status != TUTTI_OK) {
        return refuse_number(status, text, name, refusal);
    }
    char quoted[TT_FEED_QUOTED_MAX];
    if (tt_dec_sign(price) <= 0) {
        return tt_feed_refuse(
            refusal, "%s %s is not above 0", name, tt_feed_quote_text(text, quoted));
    }
    if (tt_dec_lt(TT_PRICE_MAX, price)) {
        bool is_scaled = scale.d.v != TT_DEC_ONE_I64;
        char factor[TT_DEC_TEXT_MAX];
        tt_dec_format(scale.d, factor);
        return tt_feed_refuse(
            refusal,
            "%s %s%s%s is above 1e9",
            name,
            tt_feed_quote_text(text, quoted),
            is_scaled ? " times price_scale " : "",
            is_scaled ? factor : "");
    }
    *result = (tt_price){price};
    return TUTTI_OK;
}

tutti_status
tt_feed_parse_qty(tt_slice text, const char *name, tt_qty *result, tt_feed_refusal *refusal)
{
    tt_dec qty;
    tutti_status status = tt_dec_parse(text.data, text.length, &qty);
    if (status != TUTTI_OK) {
        return refuse_number(status, text, name, refusal);
    }
    char quoted[TT_FEED_QUOTED_MAX];
    if (tt_dec_sign(qty) < 0) {
        return tt_feed_refuse(refusal, "%s %s is below 0", name, tt_feed_quote_text(text, quoted));
    }
    if (tt_dec_lt(TT_QTY_MAX, qty)) {
        return tt_feed_refuse(
            refusal, "%s %s is above 1e10", name, tt_feed_quote_text(text, quoted));
    }
    *result = (tt_qty){qty};
    return TUTTI_OK;
}

static bool is_all_digits(tt_slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return true;
}

/** Parses an integer since 1970; its digits tell the unit. */
static tutti_status parse_epoch(tt_slice text, tt_time *result)
{
    int64_t unit = text.length == 10   ? TT_NS_PER_S
                   : text.length == 13 ? TT_NS_PER_MS
                   : text.length == 16 ? TT_NS_PER_US
                   : text.length == 19 ? 1
                                       : 0;
    int64_t count = 0;
    if (unit == 0 || tt_text_parse_i64(text.data, text.length, &count) != TUTTI_OK ||
        __builtin_mul_overflow(count, unit, &result->ns)) {
        return TUTTI_PARSE;
    }
    return TUTTI_OK;
}

tutti_status tt_feed_parse_time(tt_slice text, tt_time *result, tt_feed_refusal *refusal)
{
    tt_time time;
    tutti_status status = text.length > 8 && is_all_digits(text)
                              ? parse_epoch(text, &time)
                              : tt_time_parse(text.data, text.length, &time);
    char quoted[TT_FEED_QUOTED_MAX];
    if (status != TUTTI_OK) {
        return tt_feed_refuse(
            refusal,
            "time '%s' is not one of YYYY-MM-DD, YYYYMMDD, either with HH:MM:SS, or seconds since "
            "1970",
            tt_feed_quote_text(text, quoted));
    }
    if (time.ns < 0 || time.ns > TT_TIME_MAX.ns) {
        return tt_feed_refuse(
            refusal, "time %s is not within 1970 to 2200", tt_feed_quote_text(text, quoted));
    }
    *result = time;
    return TUTTI_OK;
}
