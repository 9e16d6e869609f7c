/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What calls may cost: reserve, call, settle.
 *
 * Before a call its largest possible cost is reserved in two accounts, that of its task or arbiter
 * and that of all together. It is made only if in both
 *
 *   spent today + reserved by calls in flight + this call <= budget of the day
 *
 * so that calls at the same time cannot overspend together. When it ends, the reservation is given
 * back and the true cost is spent. A call that ends without an answer counts as its whole
 * reservation, because the provider may bill it; an answer that comes late corrects that. The day
 * is the UTC day of event time; what is in flight at midnight counts on the new day. All of it is
 * state of the core: a restart or a replay finds the same sums, and a call that was not affordable
 * then is not affordable now.
 */
#include "coord/coord_priv.h"

static int64_t today(const tt_coord *coord)
{
    return tt_bus_now(coord->bus).ns / (86400 * TT_NS_PER_S);
}

static tt_money budget_of(const tt_coord *coord, uint32_t account)
{
    if (account == COORD_ACCOUNT_ALL) {
        return coord->config.coordinator.day_budget;
    }
    if (account < COORD_ACCOUNT_ARBITER) {
        return coord->config.schedules[account - COORD_ACCOUNT_TASK].day_budget;
    }
    return coord->config.arbiters[account - COORD_ACCOUNT_ARBITER].day_budget;
}

static const char *name_of(const tt_coord *coord, uint32_t account)
{
    if (account == COORD_ACCOUNT_ALL) {
        return "all calls";
    }
    if (account < COORD_ACCOUNT_ARBITER) {
        return tt_enum_text(&tt_enum_task, (uint8_t)(account - COORD_ACCOUNT_TASK));
    }
    return coord->config.arbiters[account - COORD_ACCOUNT_ARBITER].provider;
}

static bool has_room(const tt_coord *coord, uint32_t index, tt_money amount)
{
    const tt_coord_account *account = &coord->accounts[index];
    tt_dec spent = account->day == today(coord) ? account->spent.d : TT_DEC_ZERO;
    tt_dec sum = tt_dec_xadd(tt_dec_xadd(spent, account->reserved.d), amount.d);
    return tt_dec_le(sum, budget_of(coord, index).d);
}

bool tt_coord_budget_has(const tt_coord *coord, uint32_t account, tt_money amount)
{
    bool is_free = tt_dec_is_zero(amount.d);
    return is_free ||
           (has_room(coord, COORD_ACCOUNT_ALL, amount) && has_room(coord, account, amount));
}

static void tell_spent(tt_coord *coord, uint32_t index, tt_money amount)
{
    tt_coord_account *account = &coord->accounts[index];
    char spent[TT_DEC_TEXT_MAX];
    char reserved[TT_DEC_TEXT_MAX];
    char budget[TT_DEC_TEXT_MAX];
    char wanted[TT_DEC_TEXT_MAX];
    account->refused++;
    if (account->told_day == today(coord) + 1) {
        return; // Once a day is enough; the counter has the rest.
    }
    account->told_day = today(coord) + 1;
    (void)tt_dec_format(account->day == today(coord) ? account->spent.d : TT_DEC_ZERO, spent);
    (void)tt_dec_format(account->reserved.d, reserved);
    (void)tt_dec_format(budget_of(coord, index).d, budget);
    (void)tt_dec_format(amount.d, wanted);
    const tt_coord_note note = {
        .event = TT_system_event_type_BUDGET_SPENT,
        .severity = TT_severity_HIGH,
        .subject = name_of(coord, index),
    };
    tt_coord_event(
        coord,
        &note,
        "%s spent and %s in flight of %s: no room for a call of %s",
        spent,
        reserved,
        budget,
        wanted);
    tt_coord_notify(
        coord, TT_severity_HIGH, "budget of %s is spent for today", name_of(coord, index));
}

static void roll_day(tt_coord *coord, tt_coord_account *account)
{
    if (account->day != today(coord)) {
        account->day = today(coord);
        account->spent.d = TT_DEC_ZERO;
    }
}

bool tt_coord_budget_reserve(tt_coord *coord, uint32_t index, tt_money amount)
{
    if (tt_dec_is_zero(amount.d)) {
        return true;
    }
    const uint32_t both[] = {index, COORD_ACCOUNT_ALL};
    for (int i = 0; i < 2; i++) {
        if (!has_room(coord, both[i], amount)) {
            tell_spent(coord, both[i], amount);
            return false;
        }
    }
    for (int i = 0; i < 2; i++) {
        tt_coord_account *account = &coord->accounts[both[i]];
        roll_day(coord, account);
        account->reserved.d = tt_dec_xadd(account->reserved.d, amount.d);
    }
    return true;
}

/* Adds a cost that an edge stated; what nobody can have spent does not overflow the sum. */
static void spend(tt_coord *coord, uint32_t index, tt_dec cost)
{
    const uint32_t both[] = {index, COORD_ACCOUNT_ALL};
    for (int i = 0; i < 2; i++) {
        tt_coord_account *account = &coord->accounts[both[i]];
        roll_day(coord, account);
        tt_dec sum = tt_dec_min(TT_MONEY_MAX, tt_dec_xadd(account->spent.d, cost));
        account->spent.d = tt_dec_max(TT_DEC_ZERO, sum);
    }
}

void tt_coord_budget_settle(tt_coord *coord, uint32_t index, tt_money reserved, tt_money cost)
{
    const uint32_t both[] = {index, COORD_ACCOUNT_ALL};
    // Nobody pays us for a call: such a cost is not believed.
    tt_dec spent = tt_dec_sign(cost.d) < 0 ? reserved.d : cost.d;
    for (int i = 0; i < 2; i++) {
        tt_coord_account *account = &coord->accounts[both[i]];
        account->reserved.d = tt_dec_xsub(account->reserved.d, reserved.d);
        TT_ASSERT(tt_dec_sign(account->reserved.d) >= 0);
    }
    if (!tt_dec_is_zero(spent)) {
        spend(coord, index, spent);
    }
}

void tt_coord_budget_correct(tt_coord *coord, uint32_t index, tt_money charged, tt_money cost)
{
    // Only what was charged can be corrected, and it is charged once: a repeat changes nothing.
    if (!tt_dec_is_zero(charged.d) && tt_dec_sign(cost.d) >= 0) {
        spend(coord, index, tt_dec_xsub(cost.d, charged.d));
    }
}
