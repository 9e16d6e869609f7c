/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The books: the positions, what is being closed, and the account.
 *
 * An instrument has one netting position, or, with account.position_mode hedging, a long and a
 * short one. Each is a leg: leg number = instrument for the netting and the long position, and
 * TT_INSTRUMENTS_MAX more for the short one.
 *
 * A position is a signed quantity and a signed cost. An average price is never stored as truth: a
 * fill that reduces takes its share of the cost, rounded once, and what remains is a difference, so
 * that these identities hold to the last digit at every message (account.c asserts them):
 *
 *     balance = initial + transfers + realised - fees         (funding counts as realised)
 *     equity  = balance + sum(value - cost),  value = quantity x mark
 *     equity  = initial + transfers + cash_flow + sum(value)
 *
 * Transfers are deposits less withdrawals: no result, so that nothing that measures results counts
 * them.
 */
#ifndef TT_TRADE_BOOKS_H
#define TT_TRADE_BOOKS_H

#include "bus/timers.h"
#include "model/limits.h"
#include "model/payloads.h"

/** Bound of the value and cost of one position, and (ten times) of the sums of the account: a
 * fill or price that would pass it is refused, so that no sum over all positions can overflow. */
#define TT_POSITION_VALUE_MAX ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 100000000000000000})
#define TT_ACCOUNT_SUM_MAX    ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 1000000000000000000})
/** A stop that got lost is placed again this often for one position; then the position is closed.
 */
#define TT_STOP_ATTEMPTS_MAX 2u

/** Positions of all instruments; see above. */
#define TT_LEGS_MAX (2u * TT_INSTRUMENTS_MAX)

/** One position; kept when flat for its mark. */
typedef struct tt_position {
    tt_qty qty;                 /**< Signed; 0 = flat. */
    tt_qty max_qty;             /**< Largest |qty| of this position. */
    tt_money cost;              /**< Signed cost of what is held. */
    tt_money value;             /**< qty x mark. */
    tt_money realized_pnl;      /**< Of this position, before fees. */
    tt_money fees;              /**< Of this position. */
    tt_money funding;           /**< Received for this position; negative = paid. */
    tt_price liquidation_price; /**< 0 = never. */
    tt_price mark;              /**< Newest price; 0 = none yet. */
    tt_price stop_loss;         /**< Level to protect at; 0 = none. */
    tt_price take_profit;
    tt_uuid correlation;  /**< Of the order that opened it. */
    uint64_t position_id; /**< Sequence of the fill that opened it. */
    uint64_t opened_by;   /**< Order that opened it. */
    tt_time opened_at;
    tt_time marked_at;      /**< When a position_update was published last. */
    tt_time warned_at;      /**< Last alert about its distance from liquidation. */
    uint32_t stop_attempts; /**< Stops of this position that were lost. */
    uint8_t leverage;
    uint8_t has_trades;    /**< Trades of this instrument are seen: quotes do not mark it. */
    uint8_t target_failed; /**< The venue refused the target; it is not tried again. */
    uint8_t is_external;   /**< Not opened by us; nobody manages it unless it is assigned. */
    uint8_t liquidation_level;
    uint8_t reserved[7];
    tt_time priced_at; /**< Of the newest price; of the instrument, as has_trades. */
} tt_position;
_Static_assert(sizeof(tt_position) == 256, "no padding");

/** Moments of funding that were booked, newest first; a repeat is recognised by them. */
#define TT_FUNDING_SEEN 8
/** Executions that no order of ours caused, newest first. */
#define TT_EXTERNAL_SEEN 16

/** What the venue did to a position by itself; one for each leg. */
typedef struct tt_venue_side {
    tt_time funded_at[TT_FUNDING_SEEN];
    uint64_t exec_ids[TT_EXTERNAL_SEEN];
    uint32_t funded_count; /**< Used places, at most TT_FUNDING_SEEN. */
    uint32_t exec_count;   /**< Executions booked. */
    uint8_t listed;        /**< Bit n: the answer that is being read lists funded_at[n]. */
    uint8_t reserved[7];
} tt_venue_side;
_Static_assert(sizeof(tt_venue_side) == 208, "no padding");

/** How one position compares with the venue. */
typedef struct tt_sync_leg {
    tt_qty local_qty; /**< When the difference was seen. */
    tt_qty venue_qty;
    tt_qty adopted_qty;     /**< Of the venue's external_qty, what is booked. */
    uint64_t query_id;      /**< Whose answer showed it first; 0 = they agree. */
    uint64_t foreign_order; /**< The venue's id of an order that is not ours; 0 = none. */
    tt_time changed_at;     /**< Last change of the position here. */
    tt_time suspected_at;
    uint8_t blocks_entries;
    uint8_t reserved[15];
} tt_sync_leg;
_Static_assert(sizeof(tt_sync_leg) == 96, "no padding");

/** How the cash compares with the venue; see sync_balance.c. */
typedef struct tt_sync_balance {
    tt_money told_cash; /**< Of the answer that is being read. */
    tt_money told_fees;
    tt_money told_funding;
    tt_money fees_apart; /**< The venue's sum less that of the books when they agreed last. */
    tt_money funding_apart;
    tt_money difference; /**< Suspected or confirmed: what the venue has more. */
    tt_time told_time;
    tt_time changed_at;  /**< Last change of the cash here. */
    uint64_t told_query; /**< Whose answer told it; 0 = none has. */
    uint64_t query_id;   /**< Whose answer showed the difference; 0 = they agree. */
    tt_seq found_seq;    /**< Message that told of it last; 0 = none. */
    tt_time agreed_at;   /**< Moment of the last answer whose cash was that of the books. */
    tt_time seen_at;     /**< Of the answer that showed the difference first. */
    uint8_t tells_sums;
    uint8_t is_confirmed;
    uint8_t cause; /**< tt_cash_kind of what is confirmed. */
    uint8_t reserved[5];
} tt_sync_balance;
_Static_assert(sizeof(tt_sync_balance) == 160, "no padding");

/** The comparison as a whole: at most one query is open. */
typedef struct tt_sync {
    uint64_t query_id; /**< Open; 0 = none. */
    uint64_t late_id;  /**< Given up last: its answers may still come. */
    tt_timer_id timer; /**< End of the query, or the next one. */
    uint32_t failures; /**< Queries without an answer, in a row. */
    uint8_t is_on;
    uint8_t has_suspects; /**< In the answer that is being read. */
    uint8_t is_late;      /**< An answer came after its time, and none in time since. */
    uint8_t reserved[1];
    tt_time funding_since; /**< Payments before this moment were all listed, and all came. */
    uint32_t payments;     /**< That came in the answer that is being read, each once. */
    uint8_t spare[4];
    tt_sync_balance balance;
    tt_sync_leg legs[TT_LEGS_MAX];
} tt_sync;
_Static_assert(
    sizeof(tt_sync) == 48 + sizeof(tt_sync_balance) + (size_t)TT_LEGS_MAX * sizeof(tt_sync_leg),
    "no padding");

/** One wish: at most `target` of a position, or of what a sub-account holds of it. */
typedef struct tt_close_wish {
    tt_qty target; /**< |quantity| at which it is done. */
    tt_uuid correlation;
    tt_seq verdict_seq; /**< 0 = not by a verdict. */
    uint32_t source; /**< Whose trade it is; its verdict may be forgotten before the last order. */
    uint8_t is_active;
    uint8_t role;              /**< tt_order_role of the orders. */
    uint8_t reason;            /**< tt_exit_reason of the orders. */
    uint8_t spares_allocation; /**< What the portfolio has allocated stays beside `target`. */
} tt_close_wish;
_Static_assert(sizeof(tt_close_wish) == 48, "no padding");

/** Place of the wish that is of the whole position; before it those of the sub-accounts. */
#define TT_CLOSE_WHOLE TT_SUB_ACCOUNTS_MAX

/** A position that is being closed or reduced, or parts of it. */
typedef struct tt_closing {
    tt_close_wish wishes[TT_CLOSE_WHOLE + 1];
    uint64_t position_id; /**< The position that is meant; another one ends the closing. */
    uint64_t order_id;    /**< Live order that reduces; 0 = none. */
    tt_timer_id timer;    /**< Waits before the next attempt. */
    uint32_t attempts;    /**< Orders in a row that ended without any fill. */
    uint8_t order_wish;   /**< Which wish the order is for. */
    uint8_t is_active;    /**< One of the wishes is. */
    uint8_t reserved[18];
} tt_closing;
_Static_assert(sizeof(tt_closing) == 48 * (TT_CLOSE_WHOLE + 1) + 48, "no padding");

/** Executions that wait, of all positions together. */
#define TT_WAITING_MAX 64u

/** An execution, or the rest of one, that was told before the fill of the entry that it closes. */
typedef struct tt_waiting_exec {
    tt_qty qty;
    tt_price price;
    tt_money fee; /**< Share of `qty`. */
    tt_uuid correlation;
    tt_seq put_seq; /**< Message that put it aside. */
    uint64_t order_id;
    uint64_t exec_id;
    tt_time venue_time;
    uint32_t leg; /**< That it reduces. */
    uint8_t side;
    uint8_t role;
    uint8_t exit_reason;
    uint8_t leverage;
    uint8_t liquidity;
    uint8_t account; /**< Sub-account of the order. */
    uint8_t reserved[22];
} tt_waiting_exec;
_Static_assert(sizeof(tt_waiting_exec) == 128, "no padding");

/** They, the oldest first. */
typedef struct tt_waiting {
    tt_waiting_exec list[TT_WAITING_MAX];
    tt_timer_id timers[TT_LEGS_MAX]; /**< [leg - 1]: ended entries of the leg were asked about. */
    uint32_t count;
    uint8_t reserved[12];
} tt_waiting;
_Static_assert(
    sizeof(tt_waiting) ==
        (size_t)TT_WAITING_MAX * sizeof(tt_waiting_exec) + (size_t)TT_LEGS_MAX * 8 + 16,
    "no padding");

/** Transfers that the venue told of and whose ids are remembered. */
#define TT_TRANSFERS_SEEN 32u

/** They; number n is at n % TT_TRANSFERS_SEEN. */
typedef struct tt_transfers {
    uint64_t ids[TT_TRANSFERS_SEEN];
    tt_time moments[TT_TRANSFERS_SEEN];
    uint64_t count;    /**< Booked so far. */
    tt_time forgotten; /**< Newest moment of those that left. */
    uint32_t listed;   /**< A bit for each place that the answer which is being read has listed. */
    uint8_t reserved[12];
} tt_transfers;
_Static_assert(sizeof(tt_transfers) == 16 * TT_TRANSFERS_SEEN + 32, "no padding");
_Static_assert(TT_TRANSFERS_SEEN <= 32, "each place has a bit");

/** What people acknowledged and the venue may tell of yet; so many are remembered. */
#define TT_ACKNOWLEDGED_MAX 8u

/** One of them: a transfer made behind `since`, until `until`, is a part of it. */
typedef struct tt_acknowledged {
    tt_money rest; /**< Not told of so far, signed; 0 = free. */
    tt_time since;
    tt_time until;
    tt_seq booked_seq; /**< The booking. */
    uint8_t kind;      /**< tt_cash_kind as which it is booked. */
    uint8_t reserved[7];
} tt_acknowledged;
_Static_assert(sizeof(tt_acknowledged) == 48, "no padding");

/** Sums over everything. */
typedef struct tt_account {
    tt_money initial;
    tt_money transfers; /**< Deposits less withdrawals. */
    tt_money realized_pnl;
    tt_money fees;
    tt_money funding; /**< Part of realized_pnl. */
    tt_money cash_flow;
    tt_money pending_exposure;
    tt_money pending_margin;
    uint32_t open_orders;
    uint32_t unknown_orders;
    uint32_t closed_trades;
    uint32_t is_dirty; /**< Something changed that no account_update shows yet. */
} tt_account;

/** Everything but the orders; one region. */
typedef struct tt_books {
    tt_account account;
    tt_position positions[TT_LEGS_MAX]; /**< [leg - 1]. */
    tt_closing closings[TT_LEGS_MAX];
    tt_venue_side venue_sides[TT_LEGS_MAX];
    tt_sync sync;
    tt_waiting waiting;
    tt_transfers transfers;
    tt_acknowledged acknowledged[TT_ACKNOWLEDGED_MAX];
    struct tt_trade_counters {
        uint64_t orders;
        uint64_t fills;
        uint64_t duplicate_reports;
        uint64_t late_reports;
        uint64_t unknown_reports;
        uint64_t refused_reports;
        uint64_t refused_entries;
        uint64_t overfills;
        uint64_t refused_marks;
        uint64_t publish_failures;
        uint64_t queries;
        uint64_t rate_refused;      /**< Entries refused because too much was sent. */
        uint64_t overdrawn_sends;   /**< Exits and cancels sent beyond the rate. */
        uint64_t repeated_payments; /**< Funding that was reported again and dropped. */
        uint64_t refused_payments;  /**< Funding that cannot be booked; dead-lettered. */
        uint64_t missed_payments;   /**< Funding that only an answer of the venue brought. */
        uint64_t cut_payments; /**< Answers that no longer list all funding that is asked for. */
        uint64_t external_trades;
        uint64_t venue_queries;
        uint64_t venue_silences;        /**< Queries that were not answered in time. */
        uint64_t venue_late;            /**< Positions told after their query was given up. */
        uint64_t discrepancies;         /**< Differences that were confirmed. */
        uint64_t balance_discrepancies; /**< Of the cash. */
        uint64_t transfers;             /**< Deposits and withdrawals that were booked. */
        uint64_t repeated_transfers;    /**< That were told again and dropped. */
        uint64_t refused_transfers;     /**< That cannot be booked; dead-lettered. */
        uint64_t known_transfers;       /**< That a person had acknowledged before. */
        uint64_t acknowledged_left;     /**< Acknowledged, and forgotten for want of a place. */
        uint64_t waiting;               /**< Executions that were put aside. */
        uint64_t waiting_full;          /**< That could not be, for want of a place. */
        uint64_t released;              /**< That no entry explained, or parts of them. */
    } counters;
} tt_books;

#endif
