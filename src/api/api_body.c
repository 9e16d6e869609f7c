/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reads the body of a command.
 */
#include "api/api_body.h"

#include "base/json.h"
#include "model/enums.h"
#include "model/limits.h"

#include <stdio.h>
#include <string.h>

static const char known[] =
    "request_id, reason, confirmation, stop_loss, take_profit, amount, of an order qty, price, "
    "trigger_price, and of a group of entries style, size_pct, leverage, upper_entry, upper_stop, "
    "upper_target, lower_entry, lower_stop, lower_target";

static tutti_status
take_text(const tt_json_token *value, const char *name, char *text, size_t size, tt_error *error)
{
    if (value->kind != TT_JSON_STRING) {
        return tt_error_set(error, TUTTI_INVALID, "%s must be a string", name);
    }
    if (value->text.length >= size) {
        return tt_error_set(error, TUTTI_INVALID, "%s has more than %zu bytes", name, size - 1);
    }
    for (size_t i = 0; i < value->text.length; i++) {
        unsigned char c = (unsigned char)value->text.data[i];
        if (c < 0x20 || c == 0x7f) {
            return tt_error_set(error, TUTTI_INVALID, "%s holds control characters", name);
        }
    }
    memset(text, 0, size);
    memcpy(text, value->text.data, value->text.length);
    return TUTTI_OK;
}

static tutti_status take_number(const tt_json_token *value, uint64_t *number, tt_error *error)
{
    bool is_number = value->kind == TT_JSON_NUMBER || value->kind == TT_JSON_STRING;
    if (!is_number || tt_text_parse_u64(value->text.data, value->text.length, number) != TUTTI_OK ||
        *number == 0 || *number > TT_API_REQUEST_ID_MAX) {
        return tt_error_set(
            error, TUTTI_INVALID, "request_id must be a whole number from 1 to 2^53 - 1");
    }
    return TUTTI_OK;
}

/* Takes an exact number above 0 and at most `max`; `what` says what it must be. */
static tutti_status take_number_of(
    const tt_json_token *value, tt_dec max, const char *what, tt_dec *ret, tt_error *error)
{
    bool is_number = value->kind == TT_JSON_NUMBER || value->kind == TT_JSON_STRING;
    if (!is_number || tt_dec_parse(value->text.data, value->text.length, ret) != TUTTI_OK ||
        tt_dec_sign(*ret) <= 0 || tt_dec_lt(max, *ret)) {
        return tt_error_set(error, TUTTI_INVALID, "%s", what);
    }
    return TUTTI_OK;
}

static tutti_status
take_price(const tt_json_token *value, const char *name, tt_price *price, tt_error *error)
{
    char what[64];
    snprintf(what, sizeof what, "%s must be a price above 0", name);
    return take_number_of(value, TT_PRICE_MAX, what, &price->d, error);
}

static tutti_status take_amount(const tt_json_token *value, tt_money *amount, tt_error *error)
{
    // Below 0 it is one that the venue has less; who takes none below 0 refuses it.
    bool is_number = value->kind == TT_JSON_NUMBER || value->kind == TT_JSON_STRING;
    if (!is_number || tt_dec_parse(value->text.data, value->text.length, &amount->d) != TUTTI_OK ||
        tt_dec_is_zero(amount->d) || tt_dec_lt(TT_MONEY_MAX, tt_dec_xabs(amount->d))) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "amount must be a sum of money above 0, or below 0 for a "
            "difference of the cash");
    }
    return TUTTI_OK;
}

static tutti_status take_qty(const tt_json_token *value, tt_qty *qty, tt_error *error)
{
    const char *what = "qty must be a quantity above 0: to take all back, cancel the order";
    return take_number_of(value, TT_QTY_MAX, what, &qty->d, error);
}

static tutti_status take_size(const tt_json_token *value, tt_ratio *size, tt_error *error)
{
    const char *what = "size_pct must be a number above 0 and at most 100";
    return take_number_of(value, tt_dec_from_i64(100, 0), what, &size->d, error);
}

static tutti_status take_leverage(const tt_json_token *value, uint8_t *leverage, tt_error *error)
{
    uint64_t number = 0;
    bool is_number = value->kind == TT_JSON_NUMBER || value->kind == TT_JSON_STRING;
    if (!is_number ||
        tt_text_parse_u64(value->text.data, value->text.length, &number) != TUTTI_OK ||
        number == 0 || number > UINT8_MAX) {
        return tt_error_set(error, TUTTI_INVALID, "leverage must be a whole number from 1 to 255");
    }
    *leverage = (uint8_t)number;
    return TUTTI_OK;
}

static tutti_status take_style(const tt_json_token *value, uint8_t *style, tt_error *error)
{
    bool is_one = value->kind == TT_JSON_STRING &&
                  tt_enum_find(&tt_enum_group_style, value->text.data, value->text.length, style);
    return is_one ? TUTTI_OK
                  : tt_error_set(error, TUTTI_INVALID, "style must be breakout or reversion");
}

/* A member of a group of entries; false if the name is none of them. */
static bool take_group_member(
    tt_json_reader *reader,
    const char *name,
    tt_api_body *body,
    tutti_status *ret_status,
    tt_error *error)
{
    const struct {
        const char *name;
        tt_price *price;
    } levels[] = {
        {"upper_entry", &body->upper_entry},
        {"upper_stop", &body->upper_stop},
        {"upper_target", &body->upper_target},
        {"lower_entry", &body->lower_entry},
        {"lower_stop", &body->lower_stop},
        {"lower_target", &body->lower_target},
    };
    bool is_style = strcmp(name, "style") == 0;
    bool is_size = strcmp(name, "size_pct") == 0;
    bool is_leverage = strcmp(name, "leverage") == 0;
    tt_price *price = NULL;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        price = strcmp(name, levels[i].name) == 0 ? levels[i].price : price;
    }
    if (!is_style && !is_size && !is_leverage && price == NULL) {
        return false;
    }
    tt_json_token value;
    *ret_status = tt_json_next(reader, &value);
    if (*ret_status == TUTTI_OK) {
        body->is_group = true;
        *ret_status = is_style      ? take_style(&value, &body->style, error)
                      : is_size     ? take_size(&value, &body->size_pct, error)
                      : is_leverage ? take_leverage(&value, &body->leverage, error)
                                    : take_price(&value, name, price, error);
    }
    return true;
}

/* A value of an order; false if the name is none of them. */
static bool take_order_member(
    tt_json_reader *reader,
    const char *name,
    tt_api_body *body,
    tutti_status *ret_status,
    tt_error *error)
{
    bool is_qty = strcmp(name, "qty") == 0;
    bool is_price = strcmp(name, "price") == 0;
    if (!is_qty && !is_price && strcmp(name, "trigger_price") != 0) {
        return false;
    }
    tt_json_token value;
    *ret_status = tt_json_next(reader, &value);
    if (*ret_status == TUTTI_OK) {
        tt_price *price = is_price ? &body->price : &body->trigger_price;
        *ret_status =
            is_qty ? take_qty(&value, &body->qty, error) : take_price(&value, name, price, error);
    }
    return true;
}

static tutti_status
take_member(tt_json_reader *reader, const tt_json_token *key, tt_api_body *body, tt_error *error)
{
    // The text of the key ends with the next token.
    bool is_id = tt_slice_is(key->text, "request_id");
    bool is_reason = tt_slice_is(key->text, "reason");
    bool is_confirmation = tt_slice_is(key->text, "confirmation");
    bool is_stop = tt_slice_is(key->text, "stop_loss");
    bool is_target = tt_slice_is(key->text, "take_profit");
    bool is_amount = tt_slice_is(key->text, "amount");
    tt_json_token value;
    char name[32] = "";
    tutti_status status = TUTTI_OK;
    memcpy(
        name, key->text.data, key->text.length < sizeof name ? key->text.length : sizeof name - 1);
    if (take_group_member(reader, name, body, &status, error) ||
        take_order_member(reader, name, body, &status, error)) {
        return status;
    }
    if (!is_id && !is_reason && !is_confirmation && !is_stop && !is_target && !is_amount) {
        tt_error_set(
            error,
            TUTTI_INVALID,
            "there is no member '%.*s'; known are %s",
            (int)(key->text.length < 32 ? key->text.length : 32),
            key->text.data,
            known);
        return TUTTI_INVALID;
    }
    TUTTI_TRY(tt_json_next(reader, &value));
    if (is_id) {
        return take_number(&value, &body->request_id, error);
    }
    if (is_stop) {
        return take_price(&value, "stop_loss", &body->stop_loss, error);
    }
    if (is_target) {
        return take_price(&value, "take_profit", &body->take_profit, error);
    }
    if (is_amount) {
        return take_amount(&value, &body->amount, error);
    }
    return is_reason
               ? take_text(&value, "reason", body->reason, sizeof body->reason, error)
               : take_text(
                     &value, "confirmation", body->confirmation, sizeof body->confirmation, error);
}

static tutti_status read_members(tt_json_reader *reader, tt_api_body *body, tt_error *error)
{
    tt_json_token token;
    TUTTI_TRY(tt_json_expect(reader, TT_JSON_OBJECT, &token));
    for (;;) {
        TUTTI_TRY(tt_json_next(reader, &token));
        if (token.kind == TT_JSON_OBJECT_END) {
            tutti_status status = tt_json_next(reader, &token);
            return status == TUTTI_END ? TUTTI_OK : status;
        }
        TUTTI_TRY(take_member(reader, &token, body, error));
    }
}

tutti_status tt_api_body_read(const char *text, size_t size, tt_api_body *body, tt_error *error)
{
    char scratch[1024];
    tt_json_reader reader;
    *body = (tt_api_body){0};
    if (size == 0) {
        return TUTTI_OK;
    }
    tt_json_reader_init(&reader, text, size, scratch, sizeof scratch);
    tutti_status status = read_members(&reader, body, error);
    if (status != TUTTI_OK && reader.error.status != TUTTI_OK) {
        return tt_error_set(
            error,
            TUTTI_PARSE,
            "line %u, column %u: %s",
            reader.error.line,
            reader.error.column,
            reader.error.what);
    }
    return status;
}
