/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Invariants of the books, checked on every account record that a step published: sums of money
 * that must be equal to the last digit, whoever computed them.
 */
#include "engine/engine_priv.h"

/** equity = balance + unrealised; balance = initial + transfers + realised - fees. Money is bounded
 * by 1e19, so that sums of four cannot overflow. */
static bool sums_hold(const tt_account_update *account)
{
    tt_i128 equity = account->balance.d.v + account->unrealized_pnl.d.v;
    tt_i128 balance = account->initial.d.v + account->transfers.d.v + account->realized_pnl.d.v -
                      account->fees.d.v;
    return account->equity.d.v == equity && account->balance.d.v == balance;
}

tutti_status tt_engine_check_books(tt_engine *engine, tt_error *error)
{
    const tt_bus *bus = engine->core.bus;
    const tt_msg *newest = tt_bus_history(bus, TT_TOPIC_ACCOUNT_UPDATES, NULL);
    for (const tt_msg *msg = newest; msg && msg->seq > engine->state->checked_account;
         msg = tt_bus_history(bus, TT_TOPIC_ACCOUNT_UPDATES, msg)) {
        if (!sums_hold(TT_PAYLOAD(msg, ACCOUNT_UPDATES, account_update))) {
            return tt_error_set(
                error,
                TUTTI_STATE,
                "account record %llu: balance and equity are not the sums of their parts",
                (unsigned long long)msg->seq);
        }
    }
    engine->state->checked_account = newest ? newest->seq : 0;
    return TUTTI_OK;
}
