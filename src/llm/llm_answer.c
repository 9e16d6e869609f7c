/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The reader of answers: a table of rules for each agent, one row a member.
 */
#include "llm/llm_answer.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#define NO_MAX INT32_MAX

/** One member of an answer. */
struct rule {
    const char *name;  /**< In the JSON. */
    const char *field; /**< Of the payload. */
    bool is_required;
    int32_t min; /**< In hundredths, for numbers. */
    int32_t max;
    const struct rule *members; /**< Of a nested object with fields of the same payload. */
};

#define NUMBER(name, required, min, max)                                                           \
    {                                                                                              \
        name, name, required, min, max, NULL                                                       \
    }
#define WORD(name, required)                                                                       \
    {                                                                                              \
        name, name, required, 0, 0, NULL                                                           \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, NULL, false, 0, 0, NULL                                                              \
    }

static const struct rule ta_rules[] = {
    WORD("trend_direction", true),
    NUMBER("trend_strength", true, 0, 100),
    NUMBER("momentum_score", true, -100, 100),
    WORD("bias", true),
    NUMBER("confidence", true, 0, 100),
    WORD("rsi_signal", false),
    WORD("macd_signal", false),
    WORD("current_position", false),
    NUMBER("support", false, 0, NO_MAX),
    NUMBER("resistance", false, 0, NO_MAX),
    NUMBER("timeframes_aligned", false, 0, 1000),
    WORD("primary_signal", false),
    WORD("reasoning", true),
    END};
static const struct rule regime_rules[] = {
    WORD("regime", true),
    NUMBER("confidence", true, 0, 100),
    WORD("volatility", true),
    NUMBER("trend_strength", true, 0, 100),
    WORD("volume_profile", true),
    NUMBER("position_size_multiplier", true, 25, 150),
    NUMBER("stop_loss_multiplier", true, 50, 200),
    NUMBER("take_profit_multiplier", true, 50, 300),
    WORD("entry_strictness", true),
    WORD("reasoning", true),
    END};
static const struct rule sentiment_rules[] = {
    WORD("bias", true),
    NUMBER("score", true, -100, 100),
    NUMBER("confidence", true, 0, 100),
    NUMBER("social_score", false, -100, 100),
    NUMBER("news_score", false, -100, 100),
    NUMBER("fear_greed", false, -100, 100),
    WORD("key_event", false),
    WORD("reasoning", true),
    END};
static const struct rule signal_rules[] = {
    WORD("action", true),
    NUMBER("confidence", true, 0, 100),
    NUMBER("entry_price", false, 0, NO_MAX),
    NUMBER("stop_loss", false, 0, NO_MAX),
    NUMBER("take_profit", false, 0, NO_MAX),
    NUMBER("position_size_pct", false, 0, 10000),
    NUMBER("leverage", false, 100, 1000),
    WORD("reasoning", true),
    END};
static const struct rule trade_rules[] = {
    WORD("symbol", true), WORD("side", true), NUMBER("amount", true, 1, NO_MAX), END};
static const struct rule portfolio_rules[] = {
    WORD("action", true),
    NUMBER("confidence", true, 0, 100),
    WORD("reasoning", true),
    WORD("strategy", false),
    {"trades", "trades", false, 0, 0, trade_rules},
    END};
static const struct rule modification_rules[] = {
    NUMBER("leverage", false, 100, 1000),
    NUMBER("size_reduction_pct", false, 0, 9999),
    NUMBER("stop_loss", false, 0, NO_MAX),
    {"confidence", "confidence_limit", false, 1, 100, NULL},
    END};
static const struct rule opinion_rules[] = {
    WORD("action", true),
    NUMBER("confidence", true, 0, 100),
    WORD("reasoning", true),
    {"modifications", NULL, false, 0, 0, modification_rules},
    END};

/** What an agent answers with. */
struct form {
    tt_topic topic;
    const struct rule *rules;
};

static const struct form forms[TT_agent_COUNT] = {
    [TT_agent_TECHNICAL_ANALYSIS] = {TT_TOPIC_TA_SIGNALS, ta_rules},
    [TT_agent_REGIME_DETECTION] = {TT_TOPIC_REGIME_UPDATES, regime_rules},
    [TT_agent_SENTIMENT_ANALYSIS] = {TT_TOPIC_SENTIMENT_UPDATES, sentiment_rules},
    [TT_agent_TRADING_DECISION] = {TT_TOPIC_TRADING_SIGNALS, signal_rules},
    [TT_agent_PORTFOLIO_REBALANCE] = {TT_TOPIC_PORTFOLIO_UPDATES, portfolio_rules},
    [TT_agent_ARBITER] = {TT_TOPIC_ARBITER_OPINIONS, opinion_rules},
};

/** One reading. */
struct reading {
    tt_json_reader reader;
    const tt_instruments *instruments;
    tt_error *error;
};

static tutti_status fail_reader(struct reading *run, tutti_status status)
{
    const tt_json_error *fault = &run->reader.error;
    return tt_error_set(
        run->error,
        status == TUTTI_END ? TUTTI_PARSE : status,
        "the answer is no JSON object alone: %s (line %u, column %u)",
        fault->what == NULL ? "it is incomplete" : fault->what,
        fault->line,
        fault->column);
}

static tutti_status next(struct reading *run, tt_json_token *token)
{
    tutti_status status = tt_json_next(&run->reader, token);
    return status == TUTTI_OK ? TUTTI_OK : fail_reader(run, status);
}

static tutti_status refuse(struct reading *run, const struct rule *rule, const char *what)
{
    return tt_error_set(run->error, TUTTI_INVALID, "answer.%s %s", rule->name, what);
}

static tutti_status refuse_range(struct reading *run, const struct rule *rule, tt_dec value)
{
    char found[TT_DEC_TEXT_MAX];
    char min[TT_DEC_TEXT_MAX];
    char max[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(value, found);
    (void)tt_dec_format(tt_dec_from_i64(rule->min, 2), min);
    (void)tt_dec_format(tt_dec_from_i64(rule->max, 2), max);
    return tt_error_set(
        run->error,
        TUTTI_INVALID,
        "answer.%s is %s; it must be from %s%s%s",
        rule->name,
        found,
        min,
        rule->max == NO_MAX ? "" : " to ",
        rule->max == NO_MAX ? "" : max);
}

static tutti_status read_number(
    struct reading *run, const struct rule *rule, const tt_json_token *token, tt_dec *ret_value)
{
    if (token->kind != TT_JSON_NUMBER) {
        return refuse(run, rule, "must be a number");
    }
    if (tt_dec_parse(token->text.data, token->text.length, ret_value) != TUTTI_OK ||
        tt_dec_lt(TT_PRICE_MAX, *ret_value)) {
        return refuse(run, rule, "is too large, or has more than 18 decimals");
    }
    bool is_low = tt_dec_lt(*ret_value, tt_dec_from_i64(rule->min, 2));
    bool is_high = rule->max != NO_MAX && tt_dec_lt(tt_dec_from_i64(rule->max, 2), *ret_value);
    return is_low || is_high ? refuse_range(run, rule, *ret_value) : TUTTI_OK;
}

static tutti_status store_number(
    struct reading *run,
    const struct rule *rule,
    const tt_json_token *token,
    const tt_field *field,
    unsigned char *payload)
{
    tt_dec value;
    TUTTI_TRY(read_number(run, rule, token, &value));
    if (field->kind != TT_KIND_u8) {
        memcpy(payload + field->offset, &value, sizeof value);
        return TUTTI_OK;
    }
    int64_t whole = 0;
    if (tt_dec_to_i64(value, 0, TT_ROUND_EXACT, &whole) != TUTTI_OK) {
        return refuse(run, rule, "must be a whole number");
    }
    payload[field->offset] = (unsigned char)whole; // The range of the rule fits a byte.
    return TUTTI_OK;
}

/* Puts a text into a field: as much as fits, without what a terminal would obey. */
static void store_text(const tt_field *field, tt_slice text, unsigned char *payload)
{
    char kept[256];
    size_t used = 0;
    for (size_t i = 0; i < text.length && used < sizeof kept - 1; i++) {
        bool is_control = (unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f;
        kept[used++] = is_control ? ' ' : text.data[i];
    }
    kept[used] = '\0';
    tt_text_set((char *)payload + field->offset, field->size, kept);
}

static tutti_status store_word(
    struct reading *run,
    const struct rule *rule,
    const tt_json_token *token,
    const tt_field *field,
    unsigned char *payload)
{
    if (token->kind != TT_JSON_STRING) {
        return refuse(run, rule, "must be a text");
    }
    if (field->kind == TT_KIND_text) {
        store_text(field, token->text, payload);
        return TUTTI_OK;
    }
    uint8_t value = 0;
    if (!tt_enum_find(field->enumeration, token->text.data, token->text.length, &value)) {
        return tt_error_set(
            run->error,
            TUTTI_INVALID,
            "answer.%s is none of the words for %s",
            rule->name,
            field->enumeration->name);
    }
    payload[field->offset] = value;
    return TUTTI_OK;
}

static const tt_field *find_field(const tt_layout *layout, const char *name)
{
    for (uint16_t i = 0; i < layout->field_count; i++) {
        if (strcmp(layout->fields[i].name, name) == 0) {
            return &layout->fields[i];
        }
    }
    TT_ASSERT(false); // A rule names a field that its payload does not have.
    return NULL;
}

static tutti_status read_object(
    struct reading *run, const struct rule *rules, const tt_layout *layout, unsigned char *payload);

static tutti_status store_symbol(
    struct reading *run,
    const struct rule *rule,
    const tt_json_token *token,
    tt_rebalance_trade *trade)
{
    for (uint32_t i = 0; token->kind == TT_JSON_STRING && i < run->instruments->count; i++) {
        if (tt_slice_is(token->text, run->instruments->list[i].symbol)) {
            trade->instrument = i + 1;
            return TUTTI_OK;
        }
    }
    return refuse(run, rule, "is no instrument");
}

/* Trades are a list; the payload counts them. */
static tutti_status read_trades(
    struct reading *run,
    const struct rule *rule,
    const tt_json_token *first,
    unsigned char *payload)
{
    tt_portfolio_update *update = (tt_portfolio_update *)(void *)payload;
    if (first->kind != TT_JSON_ARRAY) {
        return refuse(run, rule, "must be a list");
    }
    for (;;) {
        tt_json_token token;
        TUTTI_TRY(next(run, &token));
        if (token.kind == TT_JSON_ARRAY_END) {
            return TUTTI_OK;
        }
        if (token.kind != TT_JSON_OBJECT) {
            return refuse(run, rule, "must hold objects alone");
        }
        if (update->count == TT_MAX_rebalance_trade) {
            return refuse(run, rule, "has too many items");
        }
        tt_rebalance_trade *trade = &update->trades[update->count];
        TUTTI_TRY(read_object(run, rule->members, &tt_layout_rebalance_trade, (void *)trade));
        trade->priority = trade->side == TT_side_SELL ? 1 : 2;
        update->count++;
    }
}

static tutti_status read_member(
    struct reading *run,
    const struct rule *rule,
    const tt_json_token *token,
    const tt_layout *layout,
    unsigned char *payload)
{
    if (rule->members != NULL && rule->field != NULL) {
        return read_trades(run, rule, token, payload);
    }
    if (rule->members != NULL) {
        return token->kind == TT_JSON_OBJECT ? read_object(run, rule->members, layout, payload)
                                             : refuse(run, rule, "must be an object");
    }
    if (layout == &tt_layout_rebalance_trade && strcmp(rule->name, "symbol") == 0) {
        return store_symbol(run, rule, token, (tt_rebalance_trade *)(void *)payload);
    }
    const tt_field *field = find_field(layout, rule->field);
    bool is_word = field->kind == TT_KIND_text || field->kind == TT_KIND_enum;
    return is_word ? store_word(run, rule, token, field, payload)
                   : store_number(run, rule, token, field, payload);
}

/* Finds the rule of a member; its index is a bit of what was seen. */
static const struct rule *
find_rule(struct reading *run, const struct rule *rules, tt_slice name, uint32_t *ret_index)
{
    for (uint32_t i = 0; rules[i].name != NULL; i++) {
        if (tt_slice_is(name, rules[i].name)) {
            *ret_index = i;
            return &rules[i];
        }
    }
    (void)tt_error_set(
        run->error,
        TUTTI_INVALID,
        "answer has an unknown member '%.*s'",
        (int)(name.length < 32 ? name.length : 32),
        name.data);
    return NULL;
}

static tutti_status check_all_seen(struct reading *run, const struct rule *rules, uint32_t seen)
{
    for (uint32_t i = 0; rules[i].name != NULL; i++) {
        if (rules[i].is_required && (seen >> i & 1) == 0) {
            return refuse(run, &rules[i], "is missing");
        }
    }
    return TUTTI_OK;
}

static tutti_status read_object(
    struct reading *run, const struct rule *rules, const tt_layout *layout, unsigned char *payload)
{
    uint32_t seen = 0;
    for (;;) {
        tt_json_token token;
        uint32_t index = 0;
        TUTTI_TRY(next(run, &token));
        if (token.kind == TT_JSON_OBJECT_END) {
            return check_all_seen(run, rules, seen);
        }
        const struct rule *rule = find_rule(run, rules, token.text, &index);
        if (rule == NULL) {
            return TUTTI_INVALID;
        }
        TUTTI_TRY(next(run, &token));
        if (token.kind == TT_JSON_NULL && !rule->is_required) {
            continue; // null says that there is none.
        }
        TUTTI_TRY(read_member(run, rule, &token, layout, payload));
        seen |= 1U << index;
    }
}

/* Prices that become orders must be ones that an order can have. */
static tutti_status check_ticks(
    const tt_instruments *instruments,
    const tt_agent_request *request,
    const tt_price *prices,
    size_t count,
    tt_error *error)
{
    const tt_instrument *instrument =
        tt_instrument_find(instruments, (tt_instrument_id){request->key});
    for (size_t i = 0; instrument != NULL && i < count; i++) {
        if (!tt_dec_is_multiple(prices[i].d, instrument->price_increment.d)) {
            char tick[TT_DEC_TEXT_MAX];
            (void)tt_dec_format(instrument->price_increment.d, tick);
            return tt_error_set(
                error, TUTTI_INVALID, "a price of the answer is no multiple of the tick %s", tick);
        }
    }
    return TUTTI_OK;
}

/** Any payload that an agent answers with. */
union output {
    tt_ta_signal ta;
    tt_regime_update regime;
    tt_sentiment_update sentiment;
    tt_trading_signal signal;
    tt_portfolio_update portfolio;
    tt_arbiter_opinion opinion;
};

/* One model, one vote. */
static void complete_signal(const tt_agent_answer *answer, tt_trading_signal *signal)
{
    signal->leverage = signal->leverage == 0 ? 1 : signal->leverage;
    signal->agreement.d = tt_dec_from_i64(1, 0);
    signal->valid_votes = 1;
    signal->count = 1;
    signal->votes[0] = (tt_model_vote){
        .confidence = signal->confidence,
        .entry_price = signal->entry_price,
        .stop_loss = signal->stop_loss,
        .take_profit = signal->take_profit,
        .action = signal->action,
    };
    TT_TEXT_SET(signal->votes[0].model, answer->model);
}

static tutti_status complete(
    const tt_instruments *instruments,
    const tt_agent_request *request,
    const tt_agent_answer *answer,
    union output *output,
    tt_error *error)
{
    const tt_indicators *indicators = &request->indicators;
    switch ((tt_agent)request->call.agent) {
    case TT_agent_TECHNICAL_ANALYSIS:
        output->ta.rsi = indicators->rsi_14;
        output->ta.macd_hist = indicators->macd_hist;
        return TUTTI_OK;
    case TT_agent_REGIME_DETECTION:
        output->regime.choppiness = indicators->chop_14;
        output->regime.adx_value = indicators->adx_14;
        return TUTTI_OK;
    case TT_agent_TRADING_DECISION: {
        const tt_price prices[] = {
            output->signal.entry_price, output->signal.stop_loss, output->signal.take_profit};
        complete_signal(answer, &output->signal);
        return check_ticks(instruments, request, prices, 3, error);
    }
    case TT_agent_PORTFOLIO_REBALANCE:
        output->portfolio.equity = request->account.equity;
        return TUTTI_OK;
    case TT_agent_ARBITER:
        return check_ticks(instruments, request, &output->opinion.stop_loss, 1, error);
    case TT_agent_SENTIMENT_ANALYSIS:
    case TT_agent_COUNT:
        break;
    }
    return TUTTI_OK;
}

tutti_status tt_llm_answer_read(
    const tt_instruments *instruments,
    const tt_agent_request *request,
    const char *text,
    size_t size,
    tt_agent_answer *answer,
    tt_error *error)
{
    _Alignas(16) unsigned char scratch[16 * 1024];
    _Alignas(16) union output output;
    struct reading run = {.instruments = instruments, .error = error};
    tt_json_token token;
    TT_ASSERT(request->call.agent < TT_agent_COUNT);
    const struct form *form = &forms[request->call.agent];
    memset(&output, 0, sizeof output);
    tt_json_reader_init(&run.reader, text, size, scratch, sizeof scratch);
    TUTTI_TRY(next(&run, &token));
    if (token.kind != TT_JSON_OBJECT) {
        return tt_error_set(error, TUTTI_PARSE, "the answer is no JSON object");
    }
    const tt_layout *layout = tt_topic_info_get((uint16_t)form->topic)->layout;
    TUTTI_TRY(read_object(&run, form->rules, layout, (unsigned char *)&output));
    tutti_status end = tt_json_next(&run.reader, &token);
    if (end != TUTTI_END) {
        return fail_reader(&run, end == TUTTI_OK ? TUTTI_PARSE : end);
    }
    TUTTI_TRY(complete(instruments, request, answer, &output, error));
    tt_agent_answer_set(answer, form->topic, &output);
    return TUTTI_OK;
}
