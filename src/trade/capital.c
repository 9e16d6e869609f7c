/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The rows of account.capital: what the sub-account of a source starts with.
 */
#include "model/message.h"
#include "trade/trade_priv.h"

#include <string.h>

uint16_t tt_capital_source(const tt_capital_config *row)
{
    uint16_t source = 0;
    return tt_source_find(row->strategy, strlen(row->strategy), &source) ? source : TT_SOURCE_NONE;
}

tt_money tt_capital_of(const tt_capital_config *row, tt_money balance)
{
    if (!tt_dec_is_zero(row->amount.d)) {
        return row->amount;
    }
    tt_dec part = TT_DEC_ZERO;
    tutti_status status =
        tt_dec_muldiv(balance.d, row->share_pct.d, tt_dec_from_i64(100, 0), TT_ROUND_FLOOR, &part);
    TT_ASSERT(status == TUTTI_OK);
    status = tt_dec_quantize(part, TT_DEC_C(1, 6), TT_ROUND_FLOOR, &part);
    TT_ASSERT(status == TUTTI_OK);
    return (tt_money){part};
}

static const char *finding_of(const tt_trade_config *config, uint32_t index)
{
    const tt_capital_config *row = &config->capital[index];
    uint16_t source = tt_capital_source(row);
    if (source == TT_SOURCE_NONE) {
        return "is no source of trades";
    }
    for (uint32_t i = 0; i < index; i++) {
        if (tt_capital_source(&config->capital[i]) == source) {
            return "is listed twice";
        }
    }
    bool has_amount = tt_dec_sign(row->amount.d) > 0;
    if (has_amount == (tt_dec_sign(row->share_pct.d) > 0)) {
        return "needs an amount above 0 or a share_pct above 0, and not both";
    }
    return NULL;
}

static tutti_status check_sum(const tt_trade_config *config, uint32_t index, tt_error *error)
{
    tt_money balance = config->account.initial_balance;
    tt_dec sum = TT_DEC_ZERO;
    for (uint32_t i = 0; i <= index; i++) {
        sum = tt_dec_xadd(sum, tt_capital_of(&config->capital[i], balance).d);
    }
    if (tt_dec_le(sum, balance.d)) {
        return TUTTI_OK;
    }
    char texts[2][TT_DEC_TEXT_MAX];
    tt_dec_format(sum, texts[0]);
    tt_dec_format(balance.d, texts[1]);
    (void)tt_error_set(
        error,
        TUTTI_INVALID,
        "account.capital[%u]: with it %s would be given; account.initial_balance is %s",
        index,
        texts[0],
        texts[1]);
    tt_error_hint(error, "give less, or raise account.initial_balance");
    return TUTTI_INVALID;
}

tutti_status tt_capital_check(const tt_trade_config *config, tt_error *error)
{
    if (config->capital_count > TT_SUB_ACCOUNTS_MAX - 1) {
        return tt_error_set(
            error,
            TUTTI_LIMIT,
            "account.capital has %u rows; the most is %u",
            config->capital_count,
            TT_SUB_ACCOUNTS_MAX - 1);
    }
    for (uint32_t i = 0; i < config->capital_count; i++) {
        const char *finding = finding_of(config, i);
        if (finding != NULL) {
            return tt_error_set(
                error,
                TUTTI_INVALID,
                "account.capital[%u]: '%s' %s",
                i,
                config->capital[i].strategy,
                finding);
        }
        if (!config->account.sub_accounts) {
            (void)tt_error_set(
                error,
                TUTTI_INVALID,
                "account.capital[%u]: a capital needs account.sub_accounts to be on",
                i);
            tt_error_hint(error, "set account.sub_accounts: true");
            return TUTTI_INVALID;
        }
        TUTTI_TRY(check_sum(config, i, error));
    }
    return TUTTI_OK;
}
