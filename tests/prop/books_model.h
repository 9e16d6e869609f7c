/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The books once more, plain and slow, with no code of src/trade: what positions, account and
 * sub-accounts must be after each execution, payment and price, to the last digit.
 *
 * Quantities are thousandths, prices millionths, money 10^-18, in whole numbers. Every division is
 * divide() here, rounded half to even.
 */
#ifndef TESTS_PROP_BOOKS_MODEL_H
#define TESTS_PROP_BOOKS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 bm_money;

#define BM_INSTRUMENTS 3u
#define BM_LEGS        (2u * BM_INSTRUMENTS) /**< Long or netting first, then the short ones. */
#define BM_SUBS        8u
#define BM_WAITING_MAX 64u
#define BM_PARTS_MAX   (2u + BM_WAITING_MAX)
/** 10^-18 in one unit of quantity x price. */
#define BM_VALUE_UNIT INT64_C(1000000000)

typedef enum bm_effect {
    BM_OPEN,
    BM_INCREASE,
    BM_REDUCE,
    BM_CLOSE
} bm_effect;

typedef struct bm_position {
    int64_t qty; /**< Signed. */
    int64_t max_qty;
    int64_t mark;
    int64_t lowest; /**< Prices that this position was opened and increased at. */
    int64_t highest;
    bm_money cost;
    bm_money realized;
    bm_money fees;
    bm_money funding;
    int leverage;
    bool is_external;
} bm_position;

typedef struct bm_sub {
    bm_money initial;
    bm_money transfers;
    bm_money realized;
    bm_money fees;
    bm_money funding;
    bm_money cash_flow;
    uint32_t fills;
    int64_t qty[BM_LEGS];
    bm_money cost[BM_LEGS];
} bm_sub;

/** One part of an execution, as its fill must say it. */
typedef struct bm_part {
    uint32_t leg; /**< Index. */
    int64_t qty;
    bm_money notional;
    bm_money fee;
    bm_money realized;
    int64_t position_qty;
    int64_t max_qty;
    bm_money position_cost;
    bm_money position_realized;
    bm_money position_fees;
    bm_money balance;
    bm_effect effect;
    uint64_t order_id;
    uint64_t exec_id;
} bm_part;

/** One execution. */
typedef struct bm_trade {
    uint32_t leg; /**< Index of the leg that it acts on. */
    int sign;     /**< 1 = buy. */
    bool reduce_only;
    bool is_entry;
    bool is_external;
    int leverage;
    uint32_t sub;
    int64_t qty;
    int64_t price;
    bm_money fee;
    uint64_t order_id; /**< 0 = none. */
    uint64_t exec_id;
    int64_t hidden; /**< Unfilled of the entries of the leg: what it reduces beyond may wait. */
} bm_trade;

typedef struct bm_model {
    bool is_hedging;
    bm_money initial;
    bm_money transfers; /**< Deposits less withdrawals. */
    bm_money realized;
    bm_money fees;
    bm_money funding;
    bm_money cash_flow;
    uint32_t closed;
    bm_position positions[BM_LEGS];
    bm_sub subs[BM_SUBS];
    bm_trade waiting[BM_WAITING_MAX]; /**< Told before the entry that they close; oldest first. */
    uint32_t waiting_count;
    uint32_t allocation; /**< Number of the sub-account of the portfolio; 0 = none. */
    /** Of the last bm_book or bm_release. */
    bm_part parts[BM_PARTS_MAX];
    uint32_t part_count;
} bm_model;

/** What depends on marks. */
typedef struct bm_sums {
    bm_money unrealized;
    bm_money exposure;
    bm_money margin;
    uint32_t open;
} bm_sums;

/** n / d, rounded half to even; d != 0. */
bm_money bm_divide(bm_money n, bm_money d);
bm_money bm_value(int64_t qty, int64_t price);
void bm_book(bm_model *model, const bm_trade *trade);
/** What waits for a leg. */
int64_t bm_waiting(const bm_model *model, uint32_t leg);
/** The newest that waits for a leg, so much of it, is an excess after all. */
void bm_release(bm_model *model, uint32_t leg, int64_t qty);
/** What a sub-account holds on the side of a position, at most the position. */
int64_t bm_held(const bm_model *model, uint32_t leg, uint32_t sub);
void bm_fund(bm_model *model, uint32_t leg, bm_money amount);
/** A deposit, or a withdrawal: no result, and of nobody but the house. */
void bm_transfer(bm_model *model, bm_money amount);
/** A price of an instrument (index). */
void bm_mark(bm_model *model, uint32_t instrument, int64_t price);
void bm_sum_up(const bm_model *model, bm_sums *ret_sums);
/** 0 = never; `rate_inverse` 200 is a maintenance margin of 0.5 %. */
bm_money bm_liquidation_price(const bm_position *position, int64_t rate_inverse, bool is_spot);

#endif
