/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One value: from text, with its bounds, and back.
 */
#include "config/config_priv.h"
#include "model/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DUR_DIGITS 9 /* Nanoseconds. */

tutti_status tt_config_fail(
    tt_error *error, const tt_config_place *place, tutti_status status, const char *format, ...)
{
    char what[400];
    char where[160] = "";
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (place->line > 0) {
        (void)snprintf(where, sizeof where, ":%u:%u", place->line, place->column);
    }
    const char *path = place->path ? place->path : "";
    const char *colon = path[0] ? ": " : "";
    return tt_error_set(error, status, "%s%s: %s%s%s", place->source, where, path, colon, what);
}

static bool is_decimal(tt_config_kind kind)
{
    return kind <= TT_CONFIG_KIND_money;
}

/* Number of a bound or default in the schema; these are constants of the program. */
static tt_dec number_of(const char *text)
{
    tt_dec number = {0};
    TT_ASSERT(tt_dec_parse(text, strlen(text), &number) == TUTTI_OK);
    return number;
}

/* What the core can hold of a kind; the bounds of a key can only be narrower. */
static tt_dec largest_of(const tt_config_key *key)
{
    switch (key->kind) {
    case TT_CONFIG_KIND_price:
        return TT_PRICE_MAX;
    case TT_CONFIG_KIND_qty:
        return TT_QTY_MAX;
    case TT_CONFIG_KIND_money:
        return TT_MONEY_MAX;
    case TT_CONFIG_KIND_ratio:
        return TT_RATIO_MAX;
    case TT_CONFIG_KIND_u32:
        return tt_dec_from_i64(UINT32_MAX, 0);
    case TT_CONFIG_KIND_u64:
        return number_of("18446744073709551615");
    case TT_CONFIG_KIND_dur:
        return tt_dec_from_i64(INT64_MAX, DUR_DIGITS);
    case TT_CONFIG_KIND_flag:
    case TT_CONFIG_KIND_enum:
    case TT_CONFIG_KIND_text:
        break;
    }
    return TT_DEC_ZERO;
}

static tt_dec upper_bound(const tt_config_key *key)
{
    return key->max[0] ? number_of(key->max) : largest_of(key);
}

/* Without a bound of its own a key takes no negative number, but for money and ratios. */
static tt_dec lower_bound(const tt_config_key *key)
{
    if (key->min[0]) {
        return number_of(key->min);
    }
    bool is_signed = key->kind == TT_CONFIG_KIND_money || key->kind == TT_CONFIG_KIND_ratio;
    return is_signed ? tt_dec_xneg(largest_of(key)) : TT_DEC_ZERO;
}

static void put_dec(tt_dec value, tt_text_buf *out)
{
    char text[TT_DEC_TEXT_MAX];
    tt_text_append(out, text, tt_dec_format(value, text));
}

static void put_choices(const tt_enum_info *values, tt_text_buf *out)
{
    for (uint8_t i = 0; i < values->count; i++) {
        tt_text_appendf(out, "%s%s", i > 0 ? ", " : "", values->texts[i]);
    }
}

void tt_config_put_allowed(const tt_config_key *key, tt_text_buf *out)
{
    if (key->kind == TT_CONFIG_KIND_flag) {
        tt_text_append_text(out, "true or false");
    } else if (key->kind == TT_CONFIG_KIND_enum) {
        tt_text_append_text(out, "one of ");
        put_choices(key->values, out);
    } else if (key->kind == TT_CONFIG_KIND_text) {
        tt_text_appendf(out, "text of at most %u bytes", key->size - 1);
    } else {
        bool is_whole = key->kind == TT_CONFIG_KIND_u32 || key->kind == TT_CONFIG_KIND_u64;
        const char *what = key->kind == TT_CONFIG_KIND_dur ? "seconds"
                           : is_whole                      ? "a whole number"
                                                           : "a number";
        tt_text_appendf(out, "%s from ", what);
        put_dec(lower_bound(key), out);
        tt_text_append_text(out, " to ");
        put_dec(upper_bound(key), out);
    }
}

/* Fails and says in the hint what the key allows. */
static tutti_status refuse(
    const tt_config_key *key,
    const tt_config_place *place,
    tutti_status status,
    tt_slice text,
    const char *what,
    tt_error *error)
{
    char allowed[200];
    tt_text_buf buf;
    tt_text_init(&buf, allowed, sizeof allowed);
    tt_config_put_allowed(key, &buf);
    int shown = text.length < 60 ? (int)text.length : 60;
    const char *data = text.data ? text.data : "";
    (void)tt_config_fail(error, place, status, "`%.*s` %s", shown, data, what);
    tt_error_hint(error, "write %s", allowed);
    return status;
}

static tutti_status set_flag(
    const tt_config_key *key,
    tt_slice text,
    const tt_config_place *place,
    void *field,
    tt_error *error)
{
    bool is_true = tt_slice_is(text, "true");
    if (!is_true && !tt_slice_is(text, "false")) {
        return refuse(key, place, TUTTI_PARSE, text, "is neither true nor false", error);
    }
    memcpy(field, &is_true, sizeof is_true);
    return TUTTI_OK;
}

static tutti_status set_enum(
    const tt_config_key *key,
    tt_slice text,
    const tt_config_place *place,
    void *field,
    tt_error *error)
{
    uint8_t value = 0;
    if (!tt_enum_find(key->values, text.data, text.length, &value)) {
        return refuse(key, place, TUTTI_PARSE, text, "is not among the allowed values", error);
    }
    uint32_t wide = value;
    TT_ASSERT(key->size == sizeof wide);
    memcpy(field, &wide, sizeof wide);
    return TUTTI_OK;
}

static tutti_status set_text(
    const tt_config_key *key,
    tt_slice text,
    const tt_config_place *place,
    void *field,
    tt_error *error)
{
    if (text.length >= key->size) {
        return refuse(key, place, TUTTI_RANGE, text, "is too long", error);
    }
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f) {
            const char *what = "the text has a line break or another control character";
            return tt_config_fail(error, place, TUTTI_PARSE, "%s", what);
        }
    }
    memset(field, 0, key->size);
    memcpy(field, text.data, text.length);
    return TUTTI_OK;
}

/* Parses a number of a key's kind and checks its bounds. */
static tutti_status parse_number(
    const tt_config_key *key,
    tt_slice text,
    const tt_config_place *place,
    tt_dec *ret_number,
    tt_error *error)
{
    tt_dec number = {0};
    bool is_whole = key->kind == TT_CONFIG_KIND_u32 || key->kind == TT_CONFIG_KIND_u64;
    tutti_status status = tt_dec_parse(text.data, text.length, &number);
    if (status == TUTTI_PARSE) {
        return refuse(key, place, TUTTI_PARSE, text, "is not a number", error);
    }
    if (status != TUTTI_OK) {
        const char *what = "is too large or has more than 18 decimals";
        return refuse(key, place, TUTTI_RANGE, text, what, error);
    }
    if (is_whole && !tt_dec_is_multiple(number, TT_DEC_C(1, 0))) {
        return refuse(key, place, TUTTI_PARSE, text, "is not a whole number", error);
    }
    if (tt_dec_lt(number, lower_bound(key))) {
        return refuse(key, place, TUTTI_RANGE, text, "is too small", error);
    }
    if (tt_dec_lt(upper_bound(key), number)) {
        return refuse(key, place, TUTTI_RANGE, text, "is too large", error);
    }
    *ret_number = number;
    return TUTTI_OK;
}

static tutti_status set_number(
    const tt_config_key *key,
    tt_slice text,
    const tt_config_place *place,
    void *field,
    tt_error *error)
{
    tt_dec number = {0};
    TUTTI_TRY(parse_number(key, text, place, &number, error));
    if (is_decimal(key->kind)) {
        TT_ASSERT(key->size == sizeof number);
        memcpy(field, &number, sizeof number);
        return TUTTI_OK;
    }
    if (key->kind == TT_CONFIG_KIND_dur) {
        int64_t ns = 0;
        if (tt_dec_to_i64(number, DUR_DIGITS, TT_ROUND_EXACT, &ns) != TUTTI_OK) {
            return refuse(key, place, TUTTI_RANGE, text, "has more than 9 decimals", error);
        }
        memcpy(field, &ns, sizeof ns);
        return TUTTI_OK;
    }
    // The bounds have been checked: the whole part fits.
    uint64_t wide = (uint64_t)(number.v / TT_DEC_ONE_I64);
    uint32_t narrow = (uint32_t)wide;
    if (key->kind == TT_CONFIG_KIND_u32) {
        memcpy(field, &narrow, sizeof narrow);
    } else {
        memcpy(field, &wide, sizeof wide);
    }
    return TUTTI_OK;
}

tutti_status tt_config_set_value(
    const tt_config_key *key,
    tt_slice text,
    bool is_quoted,
    const tt_config_place *place,
    void *field,
    tt_error *error)
{
    if (key->kind == TT_CONFIG_KIND_text) {
        return set_text(key, text, place, field, error);
    }
    if (key->kind == TT_CONFIG_KIND_enum) {
        return set_enum(key, text, place, field, error);
    }
    if (is_quoted) {
        return refuse(
            key, place, TUTTI_PARSE, text, "stands in quotes, which makes it text", error);
    }
    if (key->kind == TT_CONFIG_KIND_flag) {
        return set_flag(key, text, place, field, error);
    }
    return set_number(key, text, place, field, error);
}

/* Text in double quotes, so that no reader takes it for anything else. */
static void put_quoted(const char *text, tt_text_buf *out)
{
    tt_text_append_text(out, "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            tt_text_append_text(out, "\\");
        }
        tt_text_append(out, c, 1);
    }
    tt_text_append_text(out, "\"");
}

void tt_config_put_value(const tt_config_key *key, const void *field, tt_text_buf *out)
{
    switch (key->kind) {
    case TT_CONFIG_KIND_ratio:
    case TT_CONFIG_KIND_price:
    case TT_CONFIG_KIND_qty:
    case TT_CONFIG_KIND_money:
        put_dec(*(const tt_dec *)field, out);
        return;
    case TT_CONFIG_KIND_u32:
        tt_text_appendf(out, "%u", *(const uint32_t *)field);
        return;
    case TT_CONFIG_KIND_u64:
        tt_text_appendf(out, "%llu", (unsigned long long)*(const uint64_t *)field);
        return;
    case TT_CONFIG_KIND_dur:
        put_dec(tt_dec_from_i64(*(const int64_t *)field, DUR_DIGITS), out);
        return;
    case TT_CONFIG_KIND_flag:
        tt_text_append_text(out, *(const bool *)field ? "true" : "false");
        return;
    case TT_CONFIG_KIND_enum:
        tt_text_append_text(out, tt_enum_text(key->values, (uint8_t) * (const uint32_t *)field));
        return;
    case TT_CONFIG_KIND_text:
        put_quoted(field, out);
        return;
    }
}
