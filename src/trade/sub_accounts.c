/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The one account of the venue, split over the sources of trades.
 *
 * An execution belongs to the sub-account of its order. What reduces the position of the venue is
 * taken from the order's own part first, then from the other parts on that side, that of the
 * portfolio last, then from the order's own beyond zero; notional and fee are split by quantity,
 * the last part takes the rest. In each sub-account the fill is booked as if it held its part
 * alone: two sources may stand against each other while the venue holds less, or nothing. Their
 * results then differ from that of the account by what they hold of each other, and no more:
 *
 *     sum of capitals     = start balance of the account;  transfers are all of the house
 *     sum of quantities   = quantity of the position
 *     sum of cash flows   = cash flow of the account;  of fees and funding likewise
 *     realised - fees     = cash flow + cost, in each sub-account
 *
 * All are exact; the sums of what an event touched are asserted with it, all others in
 * tt_sub_check.
 */
#include "trade/trade_priv.h"

/* An amount of one leg that is booked into one sub-account. */
typedef struct share {
    tt_qty qty;        /* Signed. */
    tt_money notional; /* Signed. */
    tt_money fee;
} share;

uint32_t tt_sub_source(tt_trade_module *trade, tt_seq verdict_seq)
{
    tt_bus *bus = trade->core->bus;
    const tt_msg *verdict =
        verdict_seq == 0 ? NULL : tt_bus_find(bus, TT_TOPIC_RISK_VERDICTS, verdict_seq);
    const tt_msg *proposal =
        verdict == NULL ? NULL
                        : tt_bus_find(
                              bus,
                              TT_TOPIC_TRADE_PROPOSALS,
                              TT_PAYLOAD(verdict, RISK_VERDICTS, risk_verdict)->proposal_seq);
    if (proposal == NULL) {
        return 0;
    }
    tt_seq signal_seq = TT_PAYLOAD(proposal, TRADE_PROPOSALS, trade_proposal)->signal_seq;
    const tt_msg *signal =
        signal_seq == 0 ? NULL : tt_bus_find(bus, TT_TOPIC_TRADING_SIGNALS, signal_seq);
    return signal != NULL ? signal->source : proposal->source;
}

uint8_t tt_sub_of_source(tt_trade_module *trade, uint32_t source)
{
    if (source == 0) {
        return 0;
    }
    for (uint8_t i = 1; i < TT_SUB_ACCOUNTS_MAX; i++) {
        tt_sub_account *account = &trade->sub_accounts->list[i];
        if (account->source == source || account->source == 0) {
            account->source = source;
            return i;
        }
    }
    return 0;
}

static tt_dec part_of(tt_dec amount, tt_dec part, tt_dec whole)
{
    tt_dec result = TT_DEC_ZERO;
    tutti_status status = tt_dec_muldiv(amount, part, whole, TT_ROUND_HALF_EVEN, &result);
    TT_ASSERT(status == TUTTI_OK);
    return result;
}

/* Takes a signed quantity out of a position; returns what is realised by it. */
static tt_dec take(tt_sub_position *held, tt_dec qty, tt_dec notional)
{
    tt_dec rest = tt_dec_xadd(held->qty.d, qty);
    tt_dec cost = tt_dec_is_zero(rest)
                      ? held->cost.d
                      : part_of(held->cost.d, tt_dec_xabs(qty), tt_dec_xabs(held->qty.d));
    held->qty.d = rest;
    held->cost.d = tt_dec_xsub(held->cost.d, cost);
    return tt_dec_xneg(tt_dec_xadd(notional, cost));
}

static void book_share(tt_sub_account *account, uint32_t leg, const share *what)
{
    tt_sub_position *held = &account->positions[leg - 1];
    tt_dec cost_before = held->cost.d;
    tt_dec left = what->qty.d;
    tt_dec notional = what->notional.d;
    if (tt_dec_sign(held->qty.d) == -tt_dec_sign(left)) {
        tt_dec size = tt_dec_min(tt_dec_xabs(left), tt_dec_xabs(held->qty.d));
        tt_dec closed = tt_dec_sign(left) > 0 ? size : tt_dec_xneg(size);
        tt_dec paid = tt_dec_eq(closed, left) ? notional : part_of(notional, closed, left);
        tt_dec realized = take(held, closed, paid);
        account->realized_pnl.d = tt_dec_xadd(account->realized_pnl.d, realized);
        left = tt_dec_xsub(left, closed);
        notional = tt_dec_xsub(notional, paid);
    }
    held->qty.d = tt_dec_xadd(held->qty.d, left);
    held->cost.d = tt_dec_xadd(held->cost.d, notional);
    account->cost.d = tt_dec_xadd(account->cost.d, tt_dec_xsub(held->cost.d, cost_before));
    account->fees.d = tt_dec_xadd(account->fees.d, what->fee.d);
    tt_dec paid = tt_dec_xadd(what->notional.d, what->fee.d);
    account->cash_flow.d = tt_dec_xsub(account->cash_flow.d, paid);
    account->fills++;
}

static void publish(tt_trade_module *trade, uint32_t leg, uint8_t number)
{
    const tt_sub_account *account = &trade->sub_accounts->list[number];
    const tt_sub_position *held = &account->positions[leg - 1];
    tt_dec endowment = tt_dec_xadd(account->initial.d, account->transfers.d);
    tt_dec equity = tt_dec_xadd(endowment, account->cash_flow.d);
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t i = 0; i < last; i++) {
        tt_dec qty = account->positions[i].qty.d;
        if (!tt_dec_is_zero(qty)) {
            equity = tt_dec_xadd(equity, tt_dec_xmul(qty, trade->books->positions[i].mark.d));
        }
    }
    tt_dec earned = tt_dec_xsub(account->realized_pnl.d, account->fees.d);
    tt_sub_account_update payload = {
        .balance = {tt_dec_xadd(endowment, earned)},
        .equity = {equity},
        .realized_pnl = account->realized_pnl,
        .fees = account->fees,
        .funding = account->funding,
        .cash_flow = account->cash_flow,
        .initial = account->initial,
        .transfers = account->transfers,
        .position_qty = held->qty,
        .position_cost = held->cost,
        .fills = account->fills,
        .account_source = (uint16_t)account->source,
        .account = number,
        .position_side = tt_leg_side(trade, leg),
    };
    tt_trade_post post = {TT_TOPIC_SUB_ACCOUNT_UPDATES, tt_leg_instrument(leg), NULL, &payload};
    (void)tt_trade_publish(trade, &post, NULL);
}

/* The sums of what an event touches. */
static void check_sums(tt_trade_module *trade, uint32_t leg)
{
    const tt_account *whole = &trade->books->account;
    tt_dec qty = TT_DEC_ZERO;
    tt_dec cash_flow = TT_DEC_ZERO;
    tt_dec fees = TT_DEC_ZERO;
    tt_dec funding = TT_DEC_ZERO;
    tt_dec initial = TT_DEC_ZERO;
    tt_dec transfers = TT_DEC_ZERO;
    for (uint32_t i = 0; i < TT_SUB_ACCOUNTS_MAX; i++) {
        const tt_sub_account *account = &trade->sub_accounts->list[i];
        initial = tt_dec_xadd(initial, account->initial.d);
        transfers = tt_dec_xadd(transfers, account->transfers.d);
        qty = tt_dec_xadd(qty, account->positions[leg - 1].qty.d);
        cash_flow = tt_dec_xadd(cash_flow, account->cash_flow.d);
        fees = tt_dec_xadd(fees, account->fees.d);
        funding = tt_dec_xadd(funding, account->funding.d);
        tt_dec earned = tt_dec_xsub(account->realized_pnl.d, account->fees.d);
        TT_ASSERT(tt_dec_eq(earned, tt_dec_xadd(account->cash_flow.d, account->cost.d)));
    }
    TT_ASSERT(tt_dec_eq(initial, whole->initial.d));
    TT_ASSERT(tt_dec_eq(transfers, whole->transfers.d));
    TT_ASSERT(tt_dec_eq(qty, tt_trade_position(trade, leg)->qty.d));
    TT_ASSERT(tt_dec_eq(cash_flow, whole->cash_flow.d));
    TT_ASSERT(tt_dec_eq(fees, whole->fees.d));
    TT_ASSERT(tt_dec_eq(funding, whole->funding.d));
}

static void give(tt_trade_module *trade, uint32_t leg, uint8_t number, const share *what)
{
    book_share(&trade->sub_accounts->list[number], leg, what);
    if (trade->config.account.sub_accounts) {
        publish(trade, leg, number);
    }
}

/* What a sub-account can give to a reduction: its part on the side that shrinks. */
static tt_dec available(const tt_trade_module *trade, uint32_t leg, uint8_t number, int sign)
{
    tt_dec qty = trade->sub_accounts->list[number].positions[leg - 1].qty.d;
    return tt_dec_sign(qty) == -sign ? tt_dec_xabs(qty) : TT_DEC_ZERO;
}

/* Splits a reduction; `left` is what is not given yet. */
static void
split(tt_trade_module *trade, uint32_t leg, uint8_t own, const share *whole, share *left)
{
    int sign = tt_dec_sign(whole->qty.d);
    uint8_t allocation = tt_sub_allocation(trade);
    for (uint8_t turn = 0; turn <= TT_SUB_ACCOUNTS_MAX + 1; turn++) {
        uint8_t number = turn == 0 ? own : (uint8_t)(turn - 1);
        if (turn == TT_SUB_ACCOUNTS_MAX + 1) {
            number = allocation;
        } else if (turn != 0 && number == allocation && allocation != 0) {
            continue; // Last of all: no stop and no exit rule is about it.
        }
        tt_dec size = tt_dec_min(available(trade, leg, number, sign), tt_dec_xabs(left->qty.d));
        if (tt_dec_is_zero(size) || tt_dec_eq(size, tt_dec_xabs(left->qty.d))) {
            own = tt_dec_is_zero(size) ? own : number;
            if (!tt_dec_is_zero(size)) {
                break;
            }
            continue;
        }
        tt_dec signed_size = sign > 0 ? size : tt_dec_xneg(size);
        share part = {
            .qty = {signed_size},
            .notional = {part_of(whole->notional.d, size, tt_dec_xabs(whole->qty.d))},
            .fee = {part_of(whole->fee.d, size, tt_dec_xabs(whole->qty.d))},
        };
        give(trade, leg, number, &part);
        left->qty.d = tt_dec_xsub(left->qty.d, part.qty.d);
        left->notional.d = tt_dec_xsub(left->notional.d, part.notional.d);
        left->fee.d = tt_dec_xsub(left->fee.d, part.fee.d);
    }
    give(trade, leg, own, left);
}

void tt_sub_book(
    tt_trade_module *trade,
    uint32_t leg,
    uint8_t own,
    bool reduces,
    tt_qty qty,
    tt_money notional,
    tt_money fee)
{
    share whole = {qty, notional, fee};
    if (reduces) {
        share left = whole;
        split(trade, leg, own, &whole, &left);
    } else {
        give(trade, leg, own, &whole);
    }
    check_sums(trade, leg);
}

static void fund(tt_trade_module *trade, uint32_t leg, uint8_t number, tt_dec amount)
{
    tt_sub_account *account = &trade->sub_accounts->list[number];
    account->funding.d = tt_dec_xadd(account->funding.d, amount);
    account->realized_pnl.d = tt_dec_xadd(account->realized_pnl.d, amount);
    account->cash_flow.d = tt_dec_xadd(account->cash_flow.d, amount);
    if (trade->config.account.sub_accounts) {
        publish(trade, leg, number);
    }
}

void tt_sub_fund(tt_trade_module *trade, uint32_t leg, tt_money amount)
{
    tt_dec held = tt_trade_position(trade, leg)->qty.d;
    tt_dec left = amount.d;
    for (uint8_t i = 1; i < TT_SUB_ACCOUNTS_MAX && !tt_dec_is_zero(held); i++) {
        tt_dec qty = trade->sub_accounts->list[i].positions[leg - 1].qty.d;
        if (!tt_dec_is_zero(qty)) {
            tt_dec part = part_of(amount.d, qty, held);
            fund(trade, leg, i, part);
            left = tt_dec_xsub(left, part);
        }
    }
    /* What nobody holds, and what rounding leaves. */
    if (!tt_dec_is_zero(left)) {
        fund(trade, leg, 0, left);
    }
    check_sums(trade, leg);
}

void tt_sub_cash(tt_trade_module *trade, tt_cash_kind kind, tt_money amount)
{
    tt_sub_account *house = &trade->sub_accounts->list[0];
    if (kind == TT_cash_kind_FUNDING) {
        fund(trade, 1, 0, amount.d);
    } else if (kind == TT_cash_kind_FEE) {
        house->fees.d = tt_dec_xsub(house->fees.d, amount.d);
        house->cash_flow.d = tt_dec_xadd(house->cash_flow.d, amount.d);
    } else {
        house->transfers.d = tt_dec_xadd(house->transfers.d, amount.d);
    }
    if (kind != TT_cash_kind_FUNDING && trade->config.account.sub_accounts) {
        publish(trade, 1, 0);
    }
    check_sums(trade, 1);
}

void tt_sub_endow(tt_trade_module *trade)
{
    tt_dec left = trade->config.account.initial_balance.d;
    for (uint32_t i = 0; i < trade->config.capital_count; i++) {
        tt_sub_account *account = &trade->sub_accounts->list[i + 1];
        account->source = tt_capital_source(&trade->config.capital[i]);
        account->initial =
            tt_capital_of(&trade->config.capital[i], trade->config.account.initial_balance);
        left = tt_dec_xsub(left, account->initial.d);
    }
    trade->sub_accounts->list[0].initial.d = left;
}

void tt_sub_tell(tt_trade_module *trade)
{
    for (uint32_t i = 0; i < trade->config.capital_count; i++) {
        publish(trade, 1, (uint8_t)(i + 1));
    }
}

void tt_sub_check(tt_trade_module *trade)
{
    uint32_t last = tt_trade_last_leg(trade);
    for (uint32_t leg = 1; leg <= last; leg++) {
        check_sums(trade, leg);
    }
    for (uint32_t i = 0; i < TT_SUB_ACCOUNTS_MAX; i++) {
        const tt_sub_account *account = &trade->sub_accounts->list[i];
        tt_dec cost = TT_DEC_ZERO;
        for (uint32_t leg = 0; leg < last; leg++) {
            cost = tt_dec_xadd(cost, account->positions[leg].cost.d);
        }
        TT_ASSERT(tt_dec_eq(cost, account->cost.d));
    }
}
