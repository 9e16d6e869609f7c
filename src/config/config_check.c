/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What no single key can say: values that follow from others, and keys that must fit each other.
 * The modules check their own keys; here their findings get the place of the key they name.
 */
#include "config/config_priv.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 128

/* Place where a value came from; the source alone for a default. */
static tt_config_place place_of_origin(tt_config_origin origin, const char *source)
{
    static const char *const sources[] = {
        [TT_CONFIG_ENVIRONMENT] = "environment",
        [TT_CONFIG_SET] = "--set",
        [TT_CONFIG_DATA] = "--data",
    };
    tt_config_place place = {.source = source};
    if (origin.source == TT_CONFIG_FILE) {
        place.line = origin.line;
        place.column = origin.column;
    } else if (origin.source != TT_CONFIG_DEFAULT) {
        place.source = sources[origin.source];
    }
    return place;
}

static tt_config_place place_of_key(const tt_config *config, const char *source, const char *path)
{
    const tt_config_section *section = NULL;
    const tt_config_key *key = NULL;
    if (!tt_config_find_path(path, &section, &key)) {
        return (tt_config_place){.source = source};
    }
    return place_of_origin(config->origins[tt_config_key_index(section, key)], source);
}

static bool is_default(const tt_config *config, const char *path)
{
    const tt_config_section *section = NULL;
    const tt_config_key *key = NULL;
    return tt_config_find_path(path, &section, &key) &&
           config->origins[tt_config_key_index(section, key)].source == TT_CONFIG_DEFAULT;
}

static bool is_path_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* Finds the first key in a message that somebody set, for its place: a whole path, or a name beside
 * the last path. Leaves "" if there is none. */
static void find_set_key(const tt_config *config, const char *message, char path[PATH_SIZE])
{
    char section[PATH_SIZE] = "";
    path[0] = '\0';
    while (*message) {
        size_t length = 0;
        while (is_path_char(message[length])) {
            length++;
        }
        char word[PATH_SIZE];
        (void)snprintf(word, sizeof word, "%.*s", (int)(length < 60 ? length : 60), message);
        const char *dot = strrchr(word, '.');
        (void)snprintf(
            path,
            PATH_SIZE,
            "%.60s%s%.60s",
            dot ? "" : section,
            dot || !section[0] ? "" : ".",
            word);
        const tt_config_section *owner = NULL;
        const tt_config_key *key = NULL;
        if (tt_config_find_path(path, &owner, &key)) {
            if (!is_default(config, path)) {
                return;
            }
            (void)snprintf(section, sizeof section, "%.60s", owner->path);
        }
        path[0] = '\0';
        message += length > 0 ? length : 1;
    }
}

/* Tells whether a message begins with `section[index]`. */
static bool is_item(const tt_config_section *section, const char *message, uint32_t *ret_index)
{
    size_t length = strlen(section->path);
    return strncmp(message, section->path, length) == 0 &&
           sscanf(message + length, "[%u]", ret_index) == 1;
}

static uint32_t count_items(const tt_config *config, const tt_config_section *section)
{
    uint32_t count = 0;
    memcpy(&count, (const unsigned char *)config + section->count_offset, sizeof count);
    return count;
}

/* Finds the item of a list that a message names, "instrument SYMBOL ..." or "section[index] ...";
 * NULL if there is none. */
static const tt_config_origin *find_item(const tt_config *config, const char *message)
{
    const tt_instruments *instruments = &config->engine.instruments;
    uint32_t index = 0;
    for (index = 0; index < instruments->count; index++) {
        char start[64];
        (void)snprintf(start, sizeof start, "instrument %s ", instruments->list[index].symbol);
        if (strncmp(message, start, strlen(start)) == 0) {
            return &config->instrument_origins[index];
        }
    }
    for (uint32_t i = 0; i < tt_config_section_count; i++) {
        const tt_config_section *section = &tt_config_sections[i];
        if (section->item_size != 0 && is_item(section, message, &index) &&
            index < count_items(config, section)) {
            const void *origins = (const unsigned char *)config + section->origins_offset;
            return (const tt_config_origin *)origins + index;
        }
    }
    return NULL;
}

/* Puts the place in front of what a module found. */
static tutti_status
place_finding(const tt_config *config, const char *source, tutti_status status, tt_error *error)
{
    if (status == TUTTI_OK || !error) {
        return status;
    }
    char path[PATH_SIZE];
    tt_error finding = *error;
    const tt_config_origin *item = find_item(config, finding.message);
    find_set_key(config, finding.message, path);
    tt_config_place place =
        item ? place_of_origin(*item, source) : place_of_key(config, source, path);
    (void)tt_config_fail(error, &place, status, "%s", finding.message);
    if (finding.hint[0]) {
        tt_error_hint(error, "%s", finding.hint);
    }
    return status;
}

static tutti_status check_run(const tt_config *config, const char *source, tt_error *error)
{
    tt_config_place place = place_of_key(config, source, "run.id");
    place.path = "run.id";
    if (config->run.id[0] == '\0') {
        return tt_config_fail(error, &place, TUTTI_INVALID, "the id of a run cannot be empty");
    }
    for (const char *c = config->run.id; *c; c++) {
        bool is_letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        if (!is_letter && !(*c >= '0' && *c <= '9') && !strchr("._-", *c)) {
            (void)tt_config_fail(
                error, &place, TUTTI_INVALID, "`%s` is no id of a run", config->run.id);
            tt_error_hint(error, "use letters, digits, '.', '_' and '-'");
            return TUTTI_INVALID;
        }
    }
    return TUTTI_OK;
}

static tutti_status
check_instrument(const tt_config *config, uint32_t index, const char *source, tt_error *error)
{
    char path[PATH_SIZE];
    const tt_instrument *list = config->engine.instruments.list;
    const char *symbol = list[index].symbol;
    (void)snprintf(path, sizeof path, "instruments[%u]", index);
    tt_config_place place = place_of_origin(config->instrument_origins[index], source);
    place.path = path;
    if (symbol[0] == '\0') {
        return tt_config_fail(error, &place, TUTTI_INVALID, "the symbol is empty");
    }
    for (uint32_t i = 0; i < index; i++) {
        if (strcmp(list[i].symbol, symbol) == 0) {
            (void)tt_config_fail(error, &place, TUTTI_EXISTS, "%s is listed twice", symbol);
            uint32_t line = config->instrument_origins[i].line;
            tt_error_hint(error, "the first one stands in line %u", line);
            return TUTTI_EXISTS;
        }
    }
    if (!tt_dec_is_multiple(list[index].min_qty.d, list[index].qty_increment.d)) {
        return tt_config_fail(
            error, &place, TUTTI_INVALID, "min_qty is not a multiple of qty_increment");
    }
    return TUTTI_OK;
}

static tutti_status check_instruments(const tt_config *config, const char *source, tt_error *error)
{
    const tt_instruments *instruments = &config->engine.instruments;
    if (instruments->count == 0) {
        const tt_config_place place = {.source = source, .path = "instruments"};
        (void)tt_config_fail(error, &place, TUTTI_INVALID, "there must be at least one instrument");
        tt_error_hint(
            error,
            "add `instruments:` and below it `- symbol: BTC/USDT`, with price_increment and "
            "qty_increment");
        return TUTTI_INVALID;
    }
    for (uint32_t i = 0; i < instruments->count; i++) {
        TUTTI_TRY(check_instrument(config, i, source, error));
    }
    return TUTTI_OK;
}

static void put_key(const tt_config *config, const char *path, tt_text_buf *out)
{
    const tt_config_section *section = NULL;
    const tt_config_key *key = NULL;
    TT_ASSERT(tt_config_find_path(path, &section, &key));
    tt_text_appendf(out, "%s is ", path);
    tt_config_put_value(key, (const unsigned char *)config + section->offset + key->offset, out);
}

/* Says that two keys are in the wrong order, at the place of the one that was set. */
static tutti_status fail_order(
    const tt_config *config,
    const char *source,
    const char *low_path,
    const char *high_path,
    tt_error *error)
{
    char values[240];
    tt_text_buf buf;
    tt_text_init(&buf, values, sizeof values);
    put_key(config, low_path, &buf);
    tt_text_append_text(&buf, ", but ");
    put_key(config, high_path, &buf);
    tt_config_place place =
        place_of_key(config, source, is_default(config, high_path) ? low_path : high_path);
    (void)tt_config_fail(error, &place, TUTTI_INVALID, "%s", values);
    tt_error_hint(error, "the second must be larger");
    return TUTTI_INVALID;
}

/* Of two limits the critical one is not below the first, if there is one. */
static tutti_status check_health(const tt_config *config, const char *source, tt_error *error)
{
    const tt_health_config *health = &config->health;
    const struct {
        const char *warn_path;
        const char *critical_path;
        int64_t warn;
        int64_t critical;
    } rows[] = {
        {"health.feed_warn_bars",
         "health.feed_critical_bars",
         health->feed_warn_bars,
         health->feed_critical_bars},
        {"health.venue_warn",
         "health.venue_critical",
         health->venue_warn.ns,
         health->venue_critical.ns},
        {"health.venue_failures_warn",
         "health.venue_failures_critical",
         health->venue_failures_warn,
         health->venue_failures_critical},
        {"health.journal_warn",
         "health.journal_critical",
         health->journal_warn.ns,
         health->journal_critical.ns},
        {"health.flush_warn",
         "health.flush_critical",
         health->flush_warn.ns,
         health->flush_critical.ns},
        {"health.store_warn",
         "health.store_critical",
         health->store_warn.ns,
         health->store_critical.ns},
        {"health.pool_warn",
         "health.pool_critical",
         health->pool_warn.ns,
         health->pool_critical.ns},
        {"health.memory_warn_mib",
         "health.memory_critical_mib",
         health->memory_warn_mib,
         health->memory_critical_mib},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].critical != 0 && rows[i].critical < rows[i].warn) {
            return fail_order(config, source, rows[i].warn_path, rows[i].critical_path, error);
        }
    }
    return TUTTI_OK;
}

/* Pairs of keys that no module checks before it starts. */
static tutti_status check_pairs(const tt_config *config, const char *source, tt_error *error)
{
    const tt_ma_cross_config *ma_cross = &config->engine.ma_cross;
    const tt_synthetic_config *synthetic = &config->feed.synthetic;
    const tt_decision_config *decision = &config->agents.decision;
    if (ma_cross->slow <= ma_cross->fast) {
        return fail_order(config, source, "ma_cross.fast", "ma_cross.slow", error);
    }
    if (synthetic->regime_max.ns < synthetic->regime_min.ns) {
        return fail_order(config, source, "synthetic.regime_min", "synthetic.regime_max", error);
    }
    if (tt_dec_lt(decision->max_stop_pct.d, decision->min_stop_pct.d)) {
        const char *low = "agents.decision.min_stop_pct";
        return fail_order(config, source, low, "agents.decision.max_stop_pct", error);
    }
    return check_health(config, source, error);
}

/* Targets that risk would never let be reached. */
static tutti_status check_target_limits(const tt_engine_config *engine, tt_error *error)
{
    const tt_risk_config *limits = &engine->risk.limits;
    tt_dec sum = TT_DEC_ZERO;
    for (uint32_t i = 0; i < engine->portfolio.target_count; i++) {
        const tt_allocation_target_config *target = &engine->portfolio.targets[i];
        sum = tt_dec_xadd(sum, target->target_pct.d);
        if (tt_dec_lt(limits->max_rebalance_position_pct.d, target->target_pct.d)) {
            (void)tt_error_set(
                error,
                TUTTI_INVALID,
                "portfolio.targets[%u] is above risk.max_rebalance_position_pct: risk would never "
                "let it be reached",
                i);
            tt_error_hint(error, "lower the target of %s, or raise the limit", target->symbol);
            return TUTTI_INVALID;
        }
    }
    if (tt_dec_lt(limits->max_total_exposure_pct.d, sum)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "portfolio.cash_target_pct leaves more for positions than risk.max_total_exposure_pct: "
            "risk would never let the targets be reached");
    }
    return TUTTI_OK;
}

/* Budgets are of the capital that there is, and need to be told who holds what. */
static tutti_status check_budgets(const tt_engine_config *engine, tt_error *error)
{
    if (engine->risk.budget_count == 0) {
        return TUTTI_OK;
    }
    if (!engine->trade.account.sub_accounts) {
        (void)tt_error_set(
            error, TUTTI_INVALID, "risk.budgets[0]: budgets need account.sub_accounts to be on");
        tt_error_hint(error, "set account.sub_accounts: true; risk must know who holds what");
        return TUTTI_INVALID;
    }
    tt_dec sum = TT_DEC_ZERO;
    uint32_t row = 0;
    for (; row < engine->risk.budget_count; row++) {
        sum = tt_dec_xadd(sum, engine->risk.budgets[row].amount.d);
        if (tt_dec_lt(engine->trade.account.initial_balance.d, sum)) {
            break;
        }
    }
    if (row == engine->risk.budget_count) {
        return TUTTI_OK;
    }
    char reserved[TT_DEC_TEXT_MAX];
    char balance[TT_DEC_TEXT_MAX];
    tt_dec_format(sum, reserved);
    tt_dec_format(engine->trade.account.initial_balance.d, balance);
    (void)tt_error_set(
        error,
        TUTTI_INVALID,
        "risk.budgets[%u]: with it %s would be reserved; account.initial_balance is %s",
        row,
        reserved,
        balance);
    tt_error_hint(error, "reserve less, or raise account.initial_balance");
    return TUTTI_INVALID;
}

static uint32_t shortest_bar_s(const tt_instruments *instruments)
{
    uint32_t shortest = instruments->count == 0 ? 0 : UINT32_MAX;
    for (uint32_t i = 0; i < instruments->count; i++) {
        uint32_t bar = instruments->list[i].bar_interval_s;
        shortest = bar < shortest ? bar : shortest;
    }
    return shortest;
}

/* An interval that nobody has set is at least a bar. */
static void lengthen(const tt_config *config, const char *path, tt_dur *interval, int64_t bar_ns)
{
    if (is_default(config, path) && interval->ns < bar_ns) {
        interval->ns = bar_ns;
    }
}

/* Long bars set the pace where nothing else is said: a task that looks at bars has nothing new to
 * say between two of them, and a day of bars would be asked about 1,440 times. */
static void derive_pace(tt_config *config)
{
    static const tt_task of_bars[] = {
        TT_task_TA_ANALYSIS, TT_task_REGIME_DETECTION, TT_task_TRADING_DECISION};
    tt_coord_config *coord = &config->engine.coord;
    int64_t bar_ns = shortest_bar_s(&config->engine.instruments) * TT_NS_PER_S;
    for (size_t i = 0; i < sizeof of_bars / sizeof of_bars[0]; i++) {
        tt_schedule_config *schedule = &coord->schedules[of_bars[i]];
        char path[64];
        (void)snprintf(
            path,
            sizeof path,
            "coordinator.schedules.%s.start",
            tt_enum_text(&tt_enum_task, (uint8_t)of_bars[i]));
        if (is_default(config, path) && schedule->interval.ns < bar_ns) {
            schedule->start = TT_task_start_BAR;
        }
    }
    lengthen(
        config,
        "coordinator.emergency.health_check.interval",
        &coord->health_check.interval,
        bar_ns);
    lengthen(
        config,
        "coordinator.schedules.portfolio_check.interval",
        &coord->schedules[TT_task_PORTFOLIO_CHECK].interval,
        bar_ns);
}

static void put_seconds(int64_t ns, char text[TT_DEC_TEXT_MAX])
{
    tt_dec_format(tt_dec_from_i64(ns, 9), text);
}

/* An order whose answer cannot come in time would be unknown though nothing is wrong. */
static tutti_status check_ack_timeout(const tt_config *config, tt_error *error)
{
    const tt_venue_config *venue = &config->venue;
    const int64_t timeout_ns = config->engine.trade.orders.ack_timeout.ns;
    const int64_t slowest_ns =
        venue->order_latency.ns + venue->report_latency.ns + 2 * venue->latency_jitter.ns;
    if (timeout_ns >= slowest_ns) {
        return TUTTI_OK;
    }
    char timeout[TT_DEC_TEXT_MAX];
    char slowest[TT_DEC_TEXT_MAX];
    put_seconds(timeout_ns, timeout);
    put_seconds(slowest_ns, slowest);
    (void)tt_error_set(
        error,
        TUTTI_INVALID,
        "orders.ack_timeout is %s, but the answer to an order may take %s by venue.order_latency, "
        "venue.report_latency and venue.latency_jitter (twice)",
        timeout,
        slowest);
    tt_error_hint(error, "set orders.ack_timeout to at least %s, or lower the latencies", slowest);
    return TUTTI_INVALID;
}

/* Values that follow from other keys. */
static void derive(tt_config *config)
{
    tt_engine_config *engine = &config->engine;
    engine->seed = config->run.seed;
    memset(engine->run_id, 0, sizeof engine->run_id);
    memcpy(engine->run_id, config->run.id, sizeof config->run.id);
    for (uint32_t i = 0; i < engine->instruments.count; i++) {
        tt_instrument *instrument = &engine->instruments.list[i];
        instrument->id.n = i + 1;
        if (tt_dec_is_zero(instrument->min_qty.d)) {
            instrument->min_qty = instrument->qty_increment;
        }
    }
    config->agents.allocation = engine->portfolio;
    engine->risk.has_parts = engine->trade.account.sub_accounts;
    engine->risk.has_capital = engine->trade.capital_count > 0;
    if (is_default(config, "coordinator.schedules.sentiment_analysis.enabled")) {
        bool has_data = config->agents.sentiment.path[0] != '\0';
        engine->coord.schedules[TT_task_SENTIMENT_ANALYSIS].enabled = has_data;
    }
    derive_pace(config);
    for (uint8_t task = 0; task < TT_task_COUNT; task++) {
        // Tasks stand in the order of agents.
        engine->coord.is_model[task] = tt_llm_is_model(&config->llm, (tt_agent)task);
    }
}

void tt_config_for_backtest(tt_config *config)
{
    if (is_default(config, "journal.durability")) {
        config->journal.durability = TT_durability_NONE;
    }
}

tutti_status tt_config_finish(tt_config *config, const char *source, tt_error *error)
{
    tt_engine_config *engine = &config->engine;
    derive(config);
    tt_config_inherit(config);
    TUTTI_TRY(check_run(config, source, error));
    TUTTI_TRY(check_instruments(config, source, error));
    TUTTI_TRY(check_pairs(config, source, error));
    tutti_status status = tt_coord_config_check(&engine->coord, error);
    if (status == TUTTI_OK) {
        status = tt_coord_related_check(&engine->coord, &engine->instruments, error);
    }
    if (status == TUTTI_OK) {
        status = tt_risk_config_check(&engine->risk, &engine->instruments, error);
    }
    if (status == TUTTI_OK) {
        status = tt_trade_config_check(&engine->trade, &engine->instruments, engine->run_id, error);
    }
    if (status == TUTTI_OK) {
        status = tt_portfolio_config_check(&engine->portfolio, &engine->instruments, error);
    }
    if (status == TUTTI_OK) {
        status = check_target_limits(engine, error);
    }
    if (status == TUTTI_OK) {
        status = check_budgets(engine, error);
    }
    if (status == TUTTI_OK) {
        status = check_ack_timeout(config, error);
    }
    if (status == TUTTI_OK) {
        status = tt_llm_config_check(&config->llm, &engine->coord, error);
    }
    return place_finding(config, source, status, error);
}
