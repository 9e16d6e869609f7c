/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The simulated exchange of backtests, paper sessions and scenarios.
 *
 * It sees market data through tt_venue.market and fills orders on data that comes after them. An
 * instrument is driven by its book from its first quote, trade or depth on; until then by its bars.
 * Item by item, call market before the engine sees the item, then hand out what poll gives: what
 * happened inside a bar is known when the bar closes.
 *
 * With a log file it forgets nothing when its process is killed: open it again with the same file,
 * and pass the market data from the start. Items at or before tt_sim_venue_position only rebuild
 * prices and books; nothing is filled on them a second time. A log belongs to one run: another run
 * reads another feed from its start, so it needs a file of its own.
 *
 * All functions: @thread{owner}.
 */
#ifndef TT_VENUE_SIM_H
#define TT_VENUE_SIM_H

#include "venue/venue.h"
#include "venue/venue_config.h"

/** Reports and requests under way at one time; beyond it effect and market refuse with
 * TUTTI_LIMIT, with nothing changed, until poll has made room. */
#define TT_SIM_QUEUE_MAX 65536

/** Faults that can be asked for. Those named "next" happen once for each time they were asked. */
typedef enum tt_sim_fault {
    TT_SIM_FAULT_REJECT_NEXT,      /**< The next order that arrives is rejected. */
    TT_SIM_FAULT_DROP_NEXT_ACK,    /**< The next acceptance is not reported; the order works. */
    TT_SIM_FAULT_DROP_NEXT_REPORT, /**< The next report of any kind is lost on its way. */
    TT_SIM_FAULT_LOSE_NEXT_ORDER,  /**< The next order never arrives. */
    TT_SIM_FAULT_LOSE_NEXT_CANCEL, /**< The next cancel never arrives. */
    TT_SIM_FAULT_DUPLICATE_NEXT_REPORT, /**< The next report comes twice. */
    TT_SIM_FAULT_DELAY_NEXT_REPORT,     /**< The next report comes TT_SIM_FAULT_DELAY_S later. */
    TT_SIM_FAULT_DROP_NEXT_FILL,        /**< The next report of an execution is lost on its way. */
    TT_SIM_FAULT_DROP_NEXT_FUNDING,     /**< The next payment is made, but not told of. */
    TT_SIM_FAULT_DISCONNECT, /**< Reports are lost and requests fail until connected again. */
    TT_SIM_FAULT_CONNECT,
    TT_SIM_FAULT_LOSE_NEXT_AMEND,    /**< The next amend never arrives. */
    TT_SIM_FAULT_REJECT_NEXT_AMEND,  /**< The next amend that arrives is rejected. */
    TT_SIM_FAULT_LOSE_NEXT_FEE,      /**< The fee of the next execution is taken, but not told. */
    TT_SIM_FAULT_WRONG_NEXT_BALANCE, /**< The next balance is told TT_SIM_FAULT_CASH too high. */
    TT_SIM_FAULT_DROP_NEXT_BALANCE,  /**< The next answer tells no balance. */
    TT_SIM_FAULT_COUNT
} tt_sim_fault;

#define TT_SIM_FAULT_DELAY_S 30
#define TT_SIM_FAULT_CASH    ((tt_dec){(tt_i128)TT_DEC_ONE_I64 * 1000})

/** Counts since the first opening of the log, or since opening without one. */
typedef struct tt_sim_stats {
    uint64_t orders; /**< That have arrived or are on their way. */
    uint64_t rejected;
    uint64_t executions;
    uint64_t cancelled;    /**< Cancelled or expired. */
    uint64_t duplicates;   /**< Orders whose client order id was known. */
    uint64_t lost_reports; /**< By faults, or while disconnected. */
    uint32_t open_orders;
} tt_sim_stats;

/**
 * Opens a simulated exchange. `log_path` NULL keeps everything in memory; else the file is created,
 * or its orders, positions and executions are restored; what a crash left half-written at its end
 * is cut off.
 *
 * @retval TUTTI_BUSY     another process has the log open.
 * @retval TUTTI_INVALID  the log belongs to other instruments or another seed.
 * @retval TUTTI_CORRUPT  the log is damaged before its end.  @retval TUTTI_VERSION, TUTTI_IO.
 * @gives{release with result->close()}
 */
TUTTI_NODISCARD tutti_status tt_sim_venue_open(
    const tt_venue_config *config,
    const tt_instruments *instruments,
    uint64_t seed,
    const char *log_path,
    tt_venue *result,
    tt_error *error);
/** Says with how much cash, in which currency, the account began: call it once, after opening, with
 * or without a log. Without it the exchange tells no balances. `venue` was opened by
 * tt_sim_venue_open. */
void tt_sim_venue_endow(const tt_venue *venue, tt_money cash, const char *currency);
/** Cash is paid into the account (`amount` above zero) or taken out of it. `is_told`: the exchange
 * tells of it, by itself and in the answers to queries of positions; else only its balance shows
 * it.
 * @retval TUTTI_INVALID the amount is zero or too large.  @retval TUTTI_STATE it was not endowed.
 */
TUTTI_NODISCARD tutti_status tt_sim_venue_transfer(
    const tt_venue *venue, tt_time now, tt_money amount, bool is_told, tt_error *error);
/** Asks for a fault. `venue` was opened by tt_sim_venue_open. */
void tt_sim_venue_fault(const tt_venue *venue, tt_sim_fault fault);
/** Somebody else trades on our account: side, qty, price, kind and position_side of `what`. It is
 * executed with the fee of a taker and reported; a fault may lose the report.
 * @retval TUTTI_INVALID a field of it is wrong. */
TUTTI_NODISCARD tutti_status tt_sim_venue_external(
    const tt_venue *venue, tt_time now, uint32_t key, const tt_venue_trade *what, tt_error *error);
/** Largest feed_seq of market data that the exchange has acted on; 0 = none. */
uint64_t tt_sim_venue_position(const tt_venue *venue);
/** Signed quantity that the exchange's own books hold of an instrument, all positions together. */
tt_qty tt_sim_venue_holding(const tt_venue *venue, uint32_t key);
void tt_sim_venue_stats_get(const tt_venue *venue, tt_sim_stats *ret_stats);

#endif
