/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Check of the configuration as a whole, and the tables that follow from it.
 */
#include "risk/risk_tables.h"

#include "model/verdict.h"
#include "risk/risk.h"
#include "risk/risk_parts.h"

#include <string.h>

/** Correlations that hold unless the configuration lists the pair. */
static const struct {
    const char *first;
    const char *second;
    int32_t percent;
} KNOWN_PAIRS[] = {
    {"BTC/USDT", "XRP/USDT", 75},
    {"BTC/USDT", "XRP/BTC", 60},
    {"XRP/USDT", "XRP/BTC", 85},
};

static const tt_instrument *find_symbol(const tt_instruments *instruments, const char *symbol)
{
    return tt_instrument_find_symbol(instruments, symbol, strlen(symbol));
}

static tutti_status check_pair(
    const tt_correlation_pair_config *pair,
    uint32_t index,
    const tt_instruments *instruments,
    tt_error *error)
{
    const char *symbols[] = {pair->first, pair->second};
    for (size_t i = 0; i < 2; i++) {
        if (!find_symbol(instruments, symbols[i])) {
            (void)tt_error_set(
                error,
                TUTTI_INVALID,
                "risk.correlation_pairs[%u]: '%s' is no configured instrument",
                index,
                symbols[i]);
            tt_error_hint(error, "use a symbol of the list instruments");
            return TUTTI_INVALID;
        }
    }
    if (strcmp(pair->first, pair->second) == 0) {
        (void)tt_error_set(
            error,
            TUTTI_INVALID,
            "risk.correlation_pairs[%u]: '%s' is paired with itself",
            index,
            pair->first);
        tt_error_hint(error, "name two different symbols; a symbol's own correlation is always 1");
        return TUTTI_INVALID;
    }
    return TUTTI_OK;
}

static bool is_ascending(tt_ratio a, tt_ratio b)
{
    return tt_dec_le(a.d, b.d);
}

static tutti_status check_order(const tt_risk_module_config *config, tt_error *error)
{
    const tt_leverage_config *leverage = &config->leverage;
    if (!is_ascending(config->limits.min_stop_pct, config->limits.max_stop_pct)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "risk.min_stop_pct is above risk.max_stop_pct: no stop would pass");
    }
    if (!is_ascending(
            config->correlation.warn_exposure_pct, config->correlation.max_exposure_pct)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "risk.correlation.warn_exposure_pct is above max_exposure_pct: it would never warn");
    }
    if (config->correlation.window != 0 &&
        config->correlation.window < config->correlation.min_samples) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "risk.correlation.min_samples is above risk.correlation.window: nothing would be "
            "measured");
    }
    if (!is_ascending(config->limits.margin_critical_pct, config->limits.margin_warn_pct)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "risk.margin_critical_pct is above risk.margin_warn_pct: it would never warn");
    }
    if (!is_ascending(leverage->drawdown_low_pct, leverage->drawdown_mid_pct) ||
        !is_ascending(leverage->drawdown_mid_pct, leverage->drawdown_high_pct)) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "risk.leverage.drawdown_low_pct, drawdown_mid_pct and drawdown_high_pct must ascend");
    }
    return TUTTI_OK;
}

/* Reads HH:MM. */
static bool parse_time_of_day(const char *text, int64_t *ret_ns)
{
    for (int i = 0; i < 5; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (i == 2 ? text[i] != ':' : !is_digit) {
            return false;
        }
    }
    int hours = (text[0] - '0') * 10 + (text[1] - '0');
    int minutes = (text[3] - '0') * 10 + (text[4] - '0');
    *ret_ns = (int64_t)(hours * 60 + minutes) * 60 * TT_NS_PER_S;
    return text[5] == '\0' && hours < 24 && minutes < 60;
}

static tutti_status check_windows(const tt_risk_module_config *config, tt_error *error)
{
    for (uint32_t i = 0; i < config->window_count; i++) {
        const tt_entry_window_config *row = &config->windows[i];
        int64_t from = 0;
        int64_t to = 0;
        if (parse_time_of_day(row->from, &from) && parse_time_of_day(row->to, &to) && from != to) {
            continue;
        }
        (void)tt_error_set(
            error,
            TUTTI_INVALID,
            "risk.entry_windows[%u]: from '%s' to '%s' is no window of the day",
            i,
            row->from,
            row->to);
        tt_error_hint(error, "write two different times from 00:00 to 23:59, as 22:00 and 02:00");
        return TUTTI_INVALID;
    }
    return TUTTI_OK;
}

/* Says what is wrong with a row of risk.symbols, or NULL. */
static const char *symbol_finding(
    const tt_risk_module_config *config, uint32_t index, const tt_instruments *instruments)
{
    const tt_symbol_limit_config *row = &config->symbols[index];
    if (!find_symbol(instruments, row->symbol)) {
        return "is no configured instrument";
    }
    if (!tt_dec_le(config->limits.min_stop_pct.d, row->max_stop_pct.d)) {
        return "has a max_stop_pct below risk.min_stop_pct: no stop would pass";
    }
    for (uint32_t i = 0; i < index; i++) {
        if (strcmp(config->symbols[i].symbol, row->symbol) == 0) {
            return "is listed twice";
        }
    }
    return NULL;
}

static tutti_status check_symbols(
    const tt_risk_module_config *config, const tt_instruments *instruments, tt_error *error)
{
    for (uint32_t i = 0; i < config->symbol_count; i++) {
        const char *finding = symbol_finding(config, i, instruments);
        if (finding) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "risk.symbols[%u]: '%s' %s",
                i,
                config->symbols[i].symbol,
                finding);
        }
    }
    return TUTTI_OK;
}

static tutti_status check_tiers(const tt_sizing_config *sizing, tt_error *error)
{
    if (tt_dec_le(sizing->confidence_2.d, sizing->confidence_1.d) &&
        tt_dec_le(sizing->confidence_3.d, sizing->confidence_2.d) &&
        tt_dec_le(sizing->confidence_4.d, sizing->confidence_3.d)) {
        return TUTTI_OK;
    }
    return tt_error_set(
        error, TUTTI_INVALID, "risk.sizing.confidence_1 to confidence_4 must descend");
}

/* A list that is longer than its array is told by the parser; this is for callers of the library.
 */
static tutti_status check_count(const char *list, uint32_t count, uint32_t max, tt_error *error)
{
    if (count <= max) {
        return TUTTI_OK;
    }
    return tt_error_set(error, TUTTI_LIMIT, "%s has %u rows; the most is %u", list, count, max);
}

/* Says what is wrong with the scope of a row, or NULL. */
static const char *scope_finding(const tt_protection_config *row)
{
    bool is_per_symbol =
        row->scope == TT_protection_scope_SYMBOL || row->scope == TT_protection_scope_SYMBOL_SIDE;
    if (row->kind == TT_protection_MAX_DRAWDOWN && row->scope != TT_protection_scope_ALL) {
        return "max_drawdown is of all trades: its scope must be all";
    }
    if (row->kind == TT_protection_LOW_PROFIT && !is_per_symbol) {
        return "low_profit is of a symbol: its scope must be symbol or symbol_side";
    }
    return NULL;
}

static tutti_status check_protections(const tt_risk_module_config *config, tt_error *error)
{
    for (uint32_t i = 0; i < config->protection_count; i++) {
        const char *finding = scope_finding(&config->protections[i]);
        if (finding) {
            return tt_error_set(error, TUTTI_INVALID, "risk.protections[%u]: %s", i, finding);
        }
    }
    return TUTTI_OK;
}

tutti_status tt_risk_config_check(
    const tt_risk_module_config *config, const tt_instruments *instruments, tt_error *error)
{
    TUTTI_TRY(check_order(config, error));
    TUTTI_TRY(check_count(
        "risk.correlation_pairs",
        config->correlation_pair_count,
        TT_RISK_CORRELATION_PAIRS_MAX,
        error));
    TUTTI_TRY(
        check_count("risk.protections", config->protection_count, TT_RISK_PROTECTIONS_MAX, error));
    TUTTI_TRY(check_protections(config, error));
    TUTTI_TRY(tt_risk_budgets_check(config, error));
    TUTTI_TRY(check_count("risk.symbols", config->symbol_count, TT_RISK_SYMBOLS_MAX, error));
    TUTTI_TRY(
        check_count("risk.entry_windows", config->window_count, TT_RISK_ENTRY_WINDOWS_MAX, error));
    TUTTI_TRY(check_symbols(config, instruments, error));
    TUTTI_TRY(check_windows(config, error));
    TUTTI_TRY(check_tiers(&config->sizing, error));
    for (uint32_t i = 0; i < config->correlation_pair_count; i++) {
        TUTTI_TRY(check_pair(&config->correlation_pairs[i], i, instruments, error));
    }
    return TUTTI_OK;
}

tt_risk_regime_class tt_risk_class_of(tt_regime regime)
{
    switch (regime) {
    case TT_regime_TRENDING_BULL:
        return TT_RISK_REGIME_BULL;
    case TT_regime_TRENDING_BEAR:
        return TT_RISK_REGIME_BEAR;
    case TT_regime_RANGING:
        return TT_RISK_REGIME_RANGING;
    case TT_regime_VOLATILE_BULL:
    case TT_regime_VOLATILE_BEAR:
        return TT_RISK_REGIME_VOLATILE;
    case TT_regime_CHOPPY:
        return TT_RISK_REGIME_CHOPPY;
    case TT_regime_BREAKOUT_POTENTIAL:
        return TT_RISK_REGIME_BREAKOUT;
    case TT_regime_UNKNOWN:
    case TT_regime_COUNT:
        break;
    }
    return TT_RISK_REGIME_UNKNOWN;
}

static tt_ratio confidence_of(const tt_confidence_config *config, tt_regime regime)
{
    const tt_ratio least[TT_RISK_REGIME_CLASSES] = {
        [TT_RISK_REGIME_UNKNOWN] = config->unknown,
        [TT_RISK_REGIME_BULL] = config->trending,
        [TT_RISK_REGIME_BEAR] = config->trending,
        [TT_RISK_REGIME_RANGING] = config->ranging,
        [TT_RISK_REGIME_VOLATILE] = config->volatile_market,
        [TT_RISK_REGIME_CHOPPY] = config->choppy,
        [TT_RISK_REGIME_BREAKOUT] = config->breakout_potential,
    };
    return least[tt_risk_class_of(regime)];
}

static tt_ratio strictness_of(const tt_confidence_config *config, tt_strictness strictness)
{
    switch (strictness) {
    case TT_strictness_RELAXED:
        return config->relaxed;
    case TT_strictness_STRICT:
        return config->strict;
    case TT_strictness_VERY_STRICT:
        return config->very_strict;
    case TT_strictness_NORMAL:
    case TT_strictness_COUNT:
        break;
    }
    return (tt_ratio){TT_DEC_ZERO};
}

static tt_ratio losses_of(const tt_confidence_config *config, tt_risk_loss_level level)
{
    const tt_ratio added[TT_RISK_LOSS_COUNT] = {
        [TT_RISK_LOSS_LOW] = config->losses_3,
        [TT_RISK_LOSS_HIGH] = config->losses_5,
    };
    return added[level];
}

/* A limit (0 to 100) in millionths, rounded up or down. */
static uint32_t millionths_of(tt_ratio limit, bool is_up)
{
    tt_i128 count = limit.d.v / TT_RISK_MILLIONTH;
    bool is_exact = count * TT_RISK_MILLIONTH == limit.d.v;
    return (uint32_t)(count + (is_up && !is_exact));
}

static bool is_coarse(tt_ratio limit)
{
    return limit.d.v % TT_RISK_MILLIONTH != 0;
}

static void set_confidence(tt_risk_confidence_min *least, tt_ratio ratio)
{
    least->ratio = ratio;
    least->micro = is_coarse(ratio) ? TT_RISK_MICRO_NONE : millionths_of(ratio, true);
}

static void
fill_confidence(const tt_confidence_config *config, tt_ratio floor, tt_risk_tables *tables)
{
    for (int r = 0; r < TT_regime_COUNT; r++) {
        for (int s = 0; s < TT_strictness_COUNT; s++) {
            for (int l = 0; l < TT_RISK_LOSS_COUNT; l++) {
                tt_dec sum = tt_dec_xadd(
                    confidence_of(config, (tt_regime)r).d,
                    strictness_of(config, (tt_strictness)s).d);
                sum = tt_dec_xadd(sum, losses_of(config, (tt_risk_loss_level)l).d);
                tt_dec capped = tt_dec_min(sum, TT_DEC_C(1, 0));
                set_confidence(
                    &tables->confidence_min[r][s][l], (tt_ratio){tt_dec_max(capped, floor.d)});
            }
        }
    }
}

static uint32_t leverage_of(const tt_leverage_config *config, tt_regime regime)
{
    const uint32_t by_class[TT_RISK_REGIME_CLASSES] = {
        [TT_RISK_REGIME_UNKNOWN] = config->unknown,
        [TT_RISK_REGIME_BULL] = config->trending_bull,
        [TT_RISK_REGIME_BEAR] = config->trending_bear,
        [TT_RISK_REGIME_RANGING] = config->ranging,
        [TT_RISK_REGIME_VOLATILE] = config->volatile_market,
        [TT_RISK_REGIME_CHOPPY] = config->choppy,
        [TT_RISK_REGIME_BREAKOUT] = config->breakout_potential,
    };
    return by_class[tt_risk_class_of(regime)];
}

/* The whole part: a leverage is a whole number, and half a step more would be too much. */
static uint32_t whole_leverage(tt_ratio leverage)
{
    int64_t whole = 0;
    if (tt_dec_to_i64(leverage.d, 0, TT_ROUND_DOWN, &whole) != TUTTI_OK || whole < 1) {
        return 1;
    }
    return whole < UINT8_MAX ? (uint32_t)whole : UINT8_MAX;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void fill_leverage(
    const tt_risk_module_config *config, const tt_instruments *instruments, tt_risk_tables *tables)
{
    uint32_t highest = whole_leverage(config->limits.max_leverage);
    for (int r = 0; r < TT_regime_COUNT; r++) {
        uint32_t cap = smaller(highest, leverage_of(&config->leverage, (tt_regime)r));
        tables->leverage_max[r][TT_RISK_LOSS_NONE] = cap;
        tables->leverage_max[r][TT_RISK_LOSS_LOW] = smaller(cap, config->leverage.losses_3);
        tables->leverage_max[r][TT_RISK_LOSS_HIGH] = smaller(cap, config->leverage.losses_5);
    }
    for (uint32_t i = 0; i < instruments->count; i++) {
        tables->symbols[i].leverage = whole_leverage(instruments->list[i].max_leverage);
    }
}

static void fill_lots(const tt_instruments *instruments, tt_risk_tables *tables)
{
    const tt_i128 per_unit_max = 100000000; // So that a product with a size of 10^12 fits 128 bits.
    for (uint32_t i = 0; i < instruments->count; i++) {
        tt_qty lot = instruments->list[i].qty_increment;
        tt_i128 per_unit = TT_DEC_ONE_I64 / lot.d.v;
        bool is_whole = per_unit * lot.d.v == TT_DEC_ONE_I64 && per_unit <= per_unit_max;
        tables->lots[i] = (tt_risk_lot){
            .size = lot,
            .count_max = is_whole ? (uint64_t)(TT_QTY_MAX.v / TT_DEC_ONE_I64 * per_unit) : 0,
            .per_unit = is_whole ? (uint64_t)per_unit : 0,
        };
    }
}

static void set_pair(
    tt_risk_tables *tables,
    const tt_instrument *first,
    const tt_instrument *second,
    tt_ratio correlation)
{
    if (!first || !second) {
        return;
    }
    tables->correlation[first->id.n - 1][second->id.n - 1] = correlation;
    tables->correlation[second->id.n - 1][first->id.n - 1] = correlation;
    tables->is_listed[first->id.n - 1] |= UINT64_C(1) << (second->id.n - 1);
    tables->is_listed[second->id.n - 1] |= UINT64_C(1) << (first->id.n - 1);
}

static void list_pairs(
    const tt_risk_module_config *config, const tt_instruments *instruments, tt_risk_tables *tables)
{
    for (size_t i = 0; i < sizeof KNOWN_PAIRS / sizeof KNOWN_PAIRS[0]; i++) {
        set_pair(
            tables,
            find_symbol(instruments, KNOWN_PAIRS[i].first),
            find_symbol(instruments, KNOWN_PAIRS[i].second),
            (tt_ratio){tt_dec_from_i64(KNOWN_PAIRS[i].percent, 2)});
    }
    for (uint32_t i = 0; i < config->correlation_pair_count; i++) {
        const tt_correlation_pair_config *pair = &config->correlation_pairs[i];
        set_pair(
            tables,
            find_symbol(instruments, pair->first),
            find_symbol(instruments, pair->second),
            pair->correlation);
    }
}

static void fill_correlation(
    const tt_risk_module_config *config, const tt_instruments *instruments, tt_risk_tables *tables)
{
    for (uint32_t i = 0; i < instruments->count; i++) {
        for (uint32_t k = 0; k < instruments->count; k++) {
            tables->correlation[i][k] = config->correlation.unlisted;
        }
    }
    list_pairs(config, instruments, tables);
    for (uint32_t i = 0; i < instruments->count; i++) {
        for (uint32_t k = 0; k < instruments->count; k++) {
            tt_ratio *correlation = &tables->correlation[i][k];
            if (tt_dec_le(correlation->d, config->correlation.counted_above.d)) {
                correlation->d = TT_DEC_ZERO;
            }
        }
        tables->correlation[i][i].d = TT_DEC_C(1, 0);
    }
}

static tt_ratio share_of(tt_ratio percent)
{
    tt_ratio share = {TT_DEC_ZERO};
    TT_ASSERT(tt_dec_div(percent.d, TT_DEC_C(100, 0), TT_ROUND_DOWN, &share.d) == TUTTI_OK);
    return share;
}

/* 1 - percent / 100 x part / 100. */
static tt_ratio rest_of_part(tt_ratio percent, tt_ratio part)
{
    tt_dec share = tt_dec_xmul(share_of(percent).d, share_of(part).d);
    return (tt_ratio){tt_dec_xsub(TT_DEC_C(1, 0), share)};
}

/* 1 - percent / 100. */
static tt_ratio rest_of(tt_ratio percent)
{
    return (tt_ratio){tt_dec_xsub(TT_DEC_C(1, 0), share_of(percent).d)};
}

static void fill_shares(const tt_risk_module_config *config, tt_risk_shares *shares)
{
    shares->position = share_of(config->limits.max_position_pct);
    shares->rebalance = share_of(config->limits.max_rebalance_position_pct);
    shares->exposure = share_of(config->limits.max_total_exposure_pct);
    shares->loss_per_trade = share_of(config->limits.max_risk_per_trade_pct);
    shares->correlated = share_of(config->correlation.max_exposure_pct);
    shares->correlated_warn = share_of(config->correlation.warn_exposure_pct);
    shares->loss_cut = rest_of(config->limits.loss_size_cut_pct);
    shares->spike_cut = rest_of(config->volatility.spike_size_cut_pct);
    const tt_breakers_config *breakers = &config->breakers;
    shares->margin = share_of(config->limits.max_margin_pct);
    shares->margin_warn = share_of(config->limits.margin_warn_pct);
    shares->margin_critical = share_of(config->limits.margin_critical_pct);
    shares->kept_day_warn = rest_of_part(breakers->daily_loss_pct, breakers->warn_at_pct);
    shares->kept_week_warn = rest_of_part(breakers->weekly_loss_pct, breakers->warn_at_pct);
    shares->kept_peak_warn = rest_of_part(breakers->max_drawdown_pct, breakers->warn_at_pct);
    shares->unusual_move = share_of(config->volatility.unusual_move_pct);
    shares->kept_day = rest_of(config->breakers.daily_loss_pct);
    shares->kept_week = rest_of(config->breakers.weekly_loss_pct);
    shares->kept_peak = rest_of(config->breakers.max_drawdown_pct);
}

static tt_ratio regime_size(const tt_sizing_config *config, tt_regime regime)
{
    const tt_ratio by_class[TT_RISK_REGIME_CLASSES] = {
        [TT_RISK_REGIME_UNKNOWN] = config->unknown,
        [TT_RISK_REGIME_BULL] = config->trending_bull,
        [TT_RISK_REGIME_BEAR] = config->trending_bear,
        [TT_RISK_REGIME_RANGING] = config->ranging,
        [TT_RISK_REGIME_VOLATILE] = config->volatile_market,
        [TT_RISK_REGIME_CHOPPY] = config->choppy,
        [TT_RISK_REGIME_BREAKOUT] = config->breakout_potential,
    };
    return by_class[tt_risk_class_of(regime)];
}

static void fill_sizing(const tt_sizing_config *config, tt_risk_tables *tables)
{
    const tt_risk_tier tiers[TT_RISK_TIERS] = {
        {config->confidence_1, config->size_1, config->leverage_1},
        {config->confidence_2, config->size_2, config->leverage_2},
        {config->confidence_3, config->size_3, config->leverage_3},
        {config->confidence_4, config->size_4, config->leverage_4},
    };
    memcpy(tables->tiers, tiers, sizeof tiers);
    for (int r = 0; r < TT_regime_COUNT; r++) {
        tables->regime_size[r] = regime_size(config, (tt_regime)r);
    }
}

static void fill_symbols(
    const tt_risk_module_config *config, const tt_instruments *instruments, tt_risk_tables *tables)
{
    for (uint32_t i = 0; i < instruments->count; i++) {
        tables->symbols[i].max_stop_pct = config->limits.max_stop_pct;
    }
    for (uint32_t i = 0; i < config->symbol_count; i++) {
        const tt_symbol_limit_config *row = &config->symbols[i];
        const tt_instrument *instrument = find_symbol(instruments, row->symbol);
        tt_risk_symbol_table *symbol = &tables->symbols[instrument->id.n - 1];
        symbol->max_stop_pct.d = tt_dec_min(symbol->max_stop_pct.d, row->max_stop_pct.d);
        symbol->position = share_of(row->max_position_pct);
        symbol->max_trades_per_day = row->max_trades_per_day;
    }
    for (uint32_t i = 0; i < instruments->count; i++) {
        tt_risk_symbol_table *symbol = &tables->symbols[i];
        symbol->stop_max = millionths_of(symbol->max_stop_pct, false);
        symbol->is_stop_coarse = is_coarse(symbol->max_stop_pct);
        tables->is_coarse |= symbol->is_stop_coarse;
    }
}

static void fill_millionths(const tt_risk_module_config *config, tt_risk_tables *tables)
{
    tt_ratio drawdown = config->breakers.max_drawdown_pct;
    tt_ratio stop = config->limits.min_stop_pct;
    tt_ratio reward = config->limits.min_reward_risk;
    tt_ratio disagreement = config->confidence.disagreement;
    tables->millionths = (tt_risk_millionths){
        .drawdown_max = millionths_of(drawdown, false),
        .stop_min = millionths_of(stop, true),
        .reward_min = millionths_of(reward, true),
        .disagreement_max = millionths_of(disagreement, false),
        .coarse = (is_coarse(drawdown) ? TT_RISK_PLACE_BIT(TRADING_HALTED) : 0) |
                  (is_coarse(stop) ? TT_RISK_PLACE_BIT(STOP_TOO_TIGHT) : 0) |
                  (is_coarse(reward) ? TT_RISK_PLACE_BIT(LOW_RR) : 0) |
                  (is_coarse(disagreement) ? TT_RISK_PLACE_BIT(AGENT_DISAGREEMENT) : 0),
    };
    tables->is_coarse |= tables->millionths.coarse != 0;
}

static void fill_windows(const tt_risk_module_config *config, tt_risk_tables *tables)
{
    tables->window_count = config->window_count;
    for (uint32_t i = 0; i < config->window_count; i++) {
        tt_risk_window *window = &tables->windows[i];
        TT_ASSERT(parse_time_of_day(config->windows[i].from, &window->from_ns));
        TT_ASSERT(parse_time_of_day(config->windows[i].to, &window->to_ns));
        window->allow = config->windows[i].allow;
    }
}

void tt_risk_tables_fill(
    const tt_risk_module_config *config, const tt_instruments *instruments, tt_risk_tables *tables)
{
    fill_shares(config, &tables->shares);
    fill_confidence(&config->confidence, config->limits.min_confidence, tables);
    fill_leverage(config, instruments, tables);
    fill_lots(instruments, tables);
    fill_correlation(config, instruments, tables);
    fill_sizing(&config->sizing, tables);
    fill_millionths(config, tables);
    fill_symbols(config, instruments, tables);
    fill_windows(config, tables);
}
