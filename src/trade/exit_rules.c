/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Which exit rules an instrument has, and whether they go together: those of its row in
 * exits.symbols, which is complete when it comes here, or else those of the section exits.
 */
#include "trade/trade_priv.h"

#include <string.h>

/* What one key alone cannot say. `prefix` stands before the keys: "exits.", "exits.symbols[0].". */
static tutti_status check_exits(const tt_exits_config *exits, const char *prefix, tt_error *error)
{
    if (exits->break_even &&
        !tt_dec_lt(exits->break_even_buffer_pct.d, exits->break_even_at_pct.d)) {
        (void)tt_error_set(
            error,
            TUTTI_INVALID,
            "%sbreak_even_buffer_pct must be less than break_even_at_pct",
            prefix);
        tt_error_hint(error, "else the stop would stand beyond the price that moves it");
        return TUTTI_INVALID;
    }
    if (tt_dec_sign(exits->stop_limit_pct.d) > 0 && !exits->stop_guard) {
        (void)tt_error_set(
            error, TUTTI_INVALID, "%sstop_limit_pct needs %sstop_guard to be on", prefix, prefix);
        tt_error_hint(
            error, "a limit can keep a stop from being filled; the guard closes the rest");
        return TUTTI_INVALID;
    }
    if (exits->max_hold.ns != 0 && exits->time_limit.ns > exits->max_hold.ns) {
        (void)tt_error_set(
            error, TUTTI_INVALID, "%stime_limit must be at most %smax_hold", prefix, prefix);
        tt_error_hint(error, "a longer limit would never act");
        return TUTTI_INVALID;
    }
    return TUTTI_OK;
}

/* Parts of a row under the names that they have in their sections. */
static tt_exit_rules rules_of(const tt_symbol_exits_config *row)
{
    tt_exit_rules rules = {
        .ladder =
            {
                .enabled = row->ladder,
                .share_1_pct = row->ladder_share_1_pct,
                .at_1_pct = row->ladder_at_1_pct,
                .share_2_pct = row->ladder_share_2_pct,
                .at_2_pct = row->ladder_at_2_pct,
                .share_3_pct = row->ladder_share_3_pct,
                .at_3_pct = row->ladder_at_3_pct,
            },
    };
#define TAKE(kind, field, argument, initial, min, max, doc) rules.exits.field = row->field;
    TT_CONFIG_exits(TAKE)
#undef TAKE
        return rules;
}

/* Number of the instrument with a symbol; 0 = none. */
static uint32_t find_symbol(const tt_instruments *instruments, const char *symbol)
{
    for (uint32_t i = 0; i < instruments->count; i++) {
        if (strcmp(instruments->list[i].symbol, symbol) == 0) {
            return i + 1;
        }
    }
    return 0;
}

static tutti_status check_symbol(
    const tt_trade_config *config, const tt_instruments *instruments, uint32_t row, tt_error *error)
{
    const char *symbol = config->symbol_exits[row].symbol;
    if (find_symbol(instruments, symbol) == 0) {
        (void)tt_error_set(
            error, TUTTI_INVALID, "exits.symbols[%u].symbol: %s is no instrument", row, symbol);
        tt_error_hint(error, "name one of the section instruments");
        return TUTTI_INVALID;
    }
    for (uint32_t i = 0; i < row; i++) {
        if (strcmp(config->symbol_exits[i].symbol, symbol) == 0) {
            (void)tt_error_set(
                error,
                TUTTI_INVALID,
                "exits.symbols[%u].symbol: %s has a row already",
                row,
                symbol);
            tt_error_hint(error, "put all keys of a symbol into one row");
            return TUTTI_INVALID;
        }
    }
    return TUTTI_OK;
}

tutti_status tt_exit_rules_check(
    const tt_trade_config *config, const tt_instruments *instruments, tt_error *error)
{
    TUTTI_TRY(check_exits(&config->exits, "exits.", error));
    TUTTI_TRY(tt_ladder_config_check(&config->ladder, "exits.ladder.", error));
    TT_ASSERT(config->symbol_exits_count <= TT_INSTRUMENTS_MAX);
    for (uint32_t i = 0; i < config->symbol_exits_count; i++) {
        const tt_exit_rules rules = rules_of(&config->symbol_exits[i]);
        char prefix[40];
        tt_text_format(prefix, sizeof prefix, "exits.symbols[%u].", i);
        TUTTI_TRY(check_symbol(config, instruments, i, error));
        TUTTI_TRY(check_exits(&rules.exits, prefix, error));
        tt_text_format(prefix, sizeof prefix, "exits.symbols[%u].ladder_", i);
        TUTTI_TRY(tt_ladder_config_check(&rules.ladder, prefix, error));
    }
    return TUTTI_OK;
}

void tt_exit_rules_fill(tt_trade_module *trade)
{
    const tt_trade_config *config = &trade->config;
    for (uint32_t i = 0; i < TT_INSTRUMENTS_MAX; i++) {
        trade->rules[i] = (tt_exit_rules){config->exits, config->ladder};
    }
    for (uint32_t i = 0; i < config->symbol_exits_count; i++) {
        const tt_symbol_exits_config *row = &config->symbol_exits[i];
        uint32_t instrument = find_symbol(trade->core->instruments, row->symbol);
        TT_ASSERT(instrument != 0);
        trade->rules[instrument - 1] = rules_of(row);
    }
}
