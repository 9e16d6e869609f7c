/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The independent books: see books_model.h.
 */
#include "books_model.h"

#include <stdlib.h>

bm_money bm_divide(bm_money n, bm_money d)
{
    bool is_negative = (n < 0) != (d < 0);
    bm_money top = n < 0 ? -n : n;
    bm_money bottom = d < 0 ? -d : d;
    bm_money whole = top / bottom;
    bm_money twice = 2 * (top % bottom);
    if (twice > bottom || (twice == bottom && whole % 2 != 0)) {
        whole++;
    }
    return is_negative ? -whole : whole;
}

bm_money bm_value(int64_t qty, int64_t price)
{
    return (bm_money)qty * price * BM_VALUE_UNIT;
}

static int sign_of(int64_t n)
{
    return (n > 0) - (n < 0);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- sub-accounts --- */

/* What one sub-account gets of a part: signed. */
static void give(bm_sub *sub, uint32_t leg, int64_t qty, bm_money notional, bm_money fee)
{
    int64_t closed = 0;
    if (sign_of(sub->qty[leg]) == -sign_of(qty)) {
        closed = sign_of(qty) * smaller(llabs(qty), llabs(sub->qty[leg]));
    }
    bm_money paid = bm_divide(notional * closed, qty);
    if (closed != 0) {
        bm_money freed = bm_divide(sub->cost[leg] * -closed, sub->qty[leg]);
        sub->realized -= paid + freed;
        sub->cost[leg] -= freed;
    }
    sub->qty[leg] += qty;
    sub->cost[leg] += notional - paid;
    sub->fees += fee;
    sub->cash_flow -= notional + fee;
    sub->fills++;
}

/* The own part first, then the others' in their order, that of the portfolio last, then the own
 * beyond zero. */
static void
split(bm_model *model, uint32_t own, uint32_t leg, int64_t qty, bm_money notional, bm_money fee)
{
    int64_t left = qty;
    bm_money notional_left = notional;
    bm_money fee_left = fee;
    uint32_t order[BM_SUBS + 2] = {own};
    uint32_t count = 1;
    for (uint32_t i = 0; i < BM_SUBS; i++) {
        if (i == 0 || i != model->allocation) {
            order[count++] = i;
        }
    }
    order[count++] = model->allocation;
    for (uint32_t turn = 0; turn < count && left != 0; turn++) {
        uint32_t number = order[turn];
        int64_t has = model->subs[number].qty[leg];
        if (sign_of(has) != -sign_of(qty)) {
            continue;
        }
        int64_t size = sign_of(qty) * smaller(llabs(has), llabs(left));
        bool is_last = size == left;
        bm_money part = is_last ? notional_left : bm_divide(notional * size, qty);
        bm_money part_fee = is_last ? fee_left : bm_divide(fee * size, qty);
        give(&model->subs[number], leg, size, part, part_fee);
        left -= size;
        notional_left -= part;
        fee_left -= part_fee;
    }
    if (left != 0) {
        give(&model->subs[own], leg, left, notional_left, fee_left);
    }
}

/* --- positions --- */

static void start_position(bm_position *position, const bm_trade *trade)
{
    int64_t mark = position->mark != 0 ? position->mark : trade->price;
    *position = (bm_position){
        .mark = mark,
        .lowest = trade->price,
        .highest = trade->price,
        .leverage = trade->leverage,
        .is_external = trade->is_external,
    };
}

static bm_effect effect_on(const bm_position *position, const bm_trade *trade, int64_t qty)
{
    if (position->qty == 0) {
        return BM_OPEN;
    }
    if (sign_of(position->qty) == trade->sign) {
        return BM_INCREASE;
    }
    return llabs(position->qty) == qty ? BM_CLOSE : BM_REDUCE;
}

static void grow(bm_position *position, const bm_trade *trade, bm_effect effect)
{
    if (effect == BM_OPEN) {
        start_position(position, trade);
        return;
    }
    position->lowest = smaller(position->lowest, trade->price);
    position->highest = position->highest > trade->price ? position->highest : trade->price;
    if (trade->is_entry && trade->leverage < position->leverage) {
        position->leverage = trade->leverage;
    }
}

static void
book_part(bm_model *model, const bm_trade *trade, uint32_t leg, int64_t qty, bm_money fee)
{
    bm_position *position = &model->positions[leg];
    bm_part *part = &model->parts[model->part_count++];
    bm_money notional = bm_value(trade->sign * qty, trade->price);
    *part = (bm_part){
        .leg = leg,
        .qty = qty,
        .notional = bm_value(qty, trade->price),
        .fee = fee,
        .order_id = trade->order_id,
        .exec_id = trade->exec_id,
    };
    part->effect = effect_on(position, trade, qty);
    bool adds = part->effect == BM_OPEN || part->effect == BM_INCREASE;
    if (adds) {
        grow(position, trade, part->effect);
        position->cost += notional;
    } else {
        bm_money freed = bm_divide(position->cost * qty, llabs(position->qty));
        position->cost -= freed;
        part->realized = -(notional + freed);
    }
    position->qty += trade->sign * qty;
    if (llabs(position->qty) > position->max_qty) {
        position->max_qty = llabs(position->qty);
    }
    position->realized += part->realized;
    position->fees += fee;
    model->realized += part->realized;
    model->fees += fee;
    model->cash_flow -= notional + fee;
    model->closed += part->effect == BM_CLOSE;
    if (adds) {
        give(&model->subs[trade->sub], leg, trade->sign * qty, notional, fee);
    } else {
        split(model, trade->sub, leg, trade->sign * qty, notional, fee);
    }
    part->position_qty = position->qty;
    part->position_cost = position->cost;
    part->position_realized = position->realized;
    part->position_fees = position->fees;
    part->max_qty = position->max_qty;
    part->balance = model->initial + model->transfers + model->realized - model->fees;
}

/* --- what waits --- */

int64_t bm_waiting(const bm_model *model, uint32_t leg)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < model->waiting_count; i++) {
        sum += model->waiting[i].leg == leg ? model->waiting[i].qty : 0;
    }
    return sum;
}

static bm_trade take_waiting(bm_model *model, uint32_t index, int64_t qty)
{
    bm_trade *one = &model->waiting[index];
    bm_trade part = *one;
    if (qty < one->qty) {
        part.qty = qty;
        part.fee = bm_divide(one->fee * qty, one->qty);
        one->qty -= qty;
        one->fee -= part.fee;
        return part;
    }
    model->waiting_count--;
    for (uint32_t i = index; i < model->waiting_count; i++) {
        model->waiting[i] = model->waiting[i + 1];
    }
    return part;
}

/* What waits for a leg closes what was added to it. */
static void close_waiting(bm_model *model, uint32_t leg)
{
    for (uint32_t i = 0; i < model->waiting_count && model->positions[leg].qty != 0;) {
        if (model->waiting[i].leg != leg) {
            i++;
            continue;
        }
        int64_t most = llabs(model->positions[leg].qty);
        bm_trade part = take_waiting(model, i, smaller(most, model->waiting[i].qty));
        book_part(model, &part, leg, part.qty, part.fee);
    }
}

static uint32_t other_leg(uint32_t leg)
{
    return (leg + BM_INSTRUMENTS) % BM_LEGS;
}

static int64_t room_to_wait(const bm_model *model, const bm_trade *trade)
{
    int64_t room = trade->hidden - bm_waiting(model, trade->leg);
    bool can_wait = model->is_hedging && trade->reduce_only && room > 0;
    return can_wait && model->waiting_count < BM_WAITING_MAX ? room : 0;
}

void bm_book(bm_model *model, const bm_trade *trade)
{
    const bm_position *position = &model->positions[trade->leg];
    bool is_against = sign_of(position->qty) == -trade->sign;
    int64_t closes = is_against ? smaller(trade->qty, llabs(position->qty)) : 0;
    int64_t waits = smaller(trade->qty - closes, room_to_wait(model, trade));
    int64_t opens = trade->qty - closes - waits;
    bm_money fee = bm_divide(trade->fee * closes, trade->qty);
    bm_money fee_left = trade->fee - fee;
    model->part_count = 0;
    if (closes != 0) {
        book_part(model, trade, trade->leg, closes, fee);
    }
    if (waits != 0) {
        bm_trade *one = &model->waiting[model->waiting_count++];
        *one = *trade;
        one->qty = waits;
        one->fee = opens == 0 ? fee_left : bm_divide(trade->fee * waits, trade->qty);
        fee_left -= one->fee;
    }
    bool is_excess = model->is_hedging && trade->reduce_only;
    uint32_t rest_leg = is_excess ? other_leg(trade->leg) : trade->leg;
    if (opens != 0) {
        book_part(model, trade, rest_leg, opens, fee_left);
    }
    close_waiting(model, trade->leg);
    close_waiting(model, rest_leg);
}

void bm_release(bm_model *model, uint32_t leg, int64_t qty)
{
    model->part_count = 0;
    for (uint32_t i = model->waiting_count; i > 0; i--) {
        if (model->waiting[i - 1].leg == leg) {
            bm_trade part = take_waiting(model, i - 1, qty);
            book_part(model, &part, other_leg(leg), part.qty, part.fee);
            close_waiting(model, other_leg(leg));
            return;
        }
    }
}

int64_t bm_held(const bm_model *model, uint32_t leg, uint32_t sub)
{
    int64_t whole = model->positions[leg].qty;
    int64_t part = model->subs[sub].qty[leg];
    return sign_of(whole) == sign_of(part) ? smaller(llabs(whole), llabs(part)) : 0;
}

/* --- payments, prices, sums --- */

static void pay(bm_sub *sub, bm_money amount)
{
    sub->funding += amount;
    sub->realized += amount;
    sub->cash_flow += amount;
}

void bm_fund(bm_model *model, uint32_t leg, bm_money amount)
{
    bm_position *position = &model->positions[leg];
    bm_money left = amount;
    model->funding += amount;
    model->realized += amount;
    model->cash_flow += amount;
    position->funding += amount;
    position->realized += amount;
    for (uint32_t i = 1; i < BM_SUBS && position->qty != 0; i++) {
        bm_money part = bm_divide(amount * model->subs[i].qty[leg], position->qty);
        pay(&model->subs[i], part);
        left -= part;
    }
    pay(&model->subs[0], left);
}

void bm_transfer(bm_model *model, bm_money amount)
{
    model->transfers += amount;
    model->subs[0].transfers += amount;
}

void bm_mark(bm_model *model, uint32_t instrument, int64_t price)
{
    model->positions[instrument].mark = price;
    if (model->is_hedging) {
        model->positions[instrument + BM_INSTRUMENTS].mark = price;
    }
}

void bm_sum_up(const bm_model *model, bm_sums *ret_sums)
{
    *ret_sums = (bm_sums){0};
    for (uint32_t i = 0; i < BM_LEGS; i++) {
        const bm_position *position = &model->positions[i];
        if (position->qty != 0) {
            bm_money value = bm_value(position->qty, position->mark);
            bm_money size = value < 0 ? -value : value;
            ret_sums->unrealized += value - position->cost;
            ret_sums->exposure += size;
            ret_sums->margin += bm_divide(size, position->leverage);
            ret_sums->open++;
        }
    }
}

bm_money bm_liquidation_price(const bm_position *position, int64_t rate_inverse, bool is_spot)
{
    if (position->qty == 0 || position->leverage <= 1 || is_spot) {
        return 0;
    }
    int sign = sign_of(position->qty);
    bm_money entry = bm_divide(position->cost * 1000, position->qty);
    bm_money edge = entry - sign * bm_divide(entry, position->leverage);
    return rate_inverse == 0 ? edge : bm_divide(edge * rate_inverse, rate_inverse - sign);
}
