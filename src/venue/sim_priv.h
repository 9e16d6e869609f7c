/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the simulated exchange: its records and the calls between its files.
 *
 * An order lives in the table `orders` for ever (a client order id is never executed twice); its
 * number there plus one is its venue_order_id. Executions live in `execs`; their number plus one is
 * the exec_id. Links are numbers, TT_SIM_NONE = none. An open order stands in the list of its
 * instrument, oldest first.
 *
 * Time moves in tt_sim_advance alone: requests arrive in the order in which they were sent, as on
 * one connection, and orders expire. Random draws are taken from the order that they concern, by
 * number: what happens to one order does not shift the luck of another, and a restored log needs to
 * know only how many draws an order has taken.
 */
#ifndef TT_VENUE_SIM_PRIV_H
#define TT_VENUE_SIM_PRIV_H

#include "base/random.h"
#include "market/book.h"
#include "venue/sim.h"
#include "venue/sim_reports.h"

#define TT_SIM_NONE UINT32_MAX

/** Why an order was rejected or ended; a text for each is in sim_reason.c. */
typedef enum tt_sim_reason {
    TT_SIM_REASON_NONE,
    TT_SIM_REASON_INSTRUMENT,
    TT_SIM_REASON_SIDE,
    TT_SIM_REASON_TYPE,
    TT_SIM_REASON_QTY_RANGE,
    TT_SIM_REASON_QTY_LOT,
    TT_SIM_REASON_QTY_MIN,
    TT_SIM_REASON_PRICE_RANGE,
    TT_SIM_REASON_PRICE_TICK,
    TT_SIM_REASON_TRIGGER_RANGE,
    TT_SIM_REASON_TRIGGER_TICK,
    TT_SIM_REASON_NOTIONAL_MIN,
    TT_SIM_REASON_NOTIONAL_MAX,
    TT_SIM_REASON_NOTHING_TO_REDUCE,
    TT_SIM_REASON_OPEN_ORDERS,
    TT_SIM_REASON_MEMORY,
    TT_SIM_REASON_RANDOM,
    TT_SIM_REASON_FAULT,
    TT_SIM_REASON_POSITION_CLOSED,
    TT_SIM_REASON_NOT_FILLED_NOW,
    TT_SIM_REASON_EXPIRED,
    TT_SIM_REASON_CANCELLED,
    TT_SIM_REASON_WOULD_TAKE,
    TT_SIM_REASON_AMENDED_BELOW,
    TT_SIM_REASON_TRIGGERED,
    TT_SIM_REASON_COUNT
} tt_sim_reason;

/** One order. */
typedef struct tt_sim_order {
    tt_order_intent intent;
    tt_qty filled;
    tt_qty queue_ahead; /**< Quantity in front of a resting limit order; negative = not known. */
    tt_uuid correlation;
    tt_seq cause;        /**< Message of the intent. */
    tt_time arrival;     /**< When it reaches the exchange. */
    tt_time last_report; /**< No report of the order comes before this one. */
    uint64_t logged_at;  /**< Position in the feed of its newest record, once restored. */
    uint64_t amend_id;   /**< Newest amend in force; 0 = none. */
    uint64_t amend_seen; /**< Newest amend that was looked at. */
    uint32_t key;        /**< Instrument, as it was sent. */
    uint32_t previous;   /**< In the list of open orders. */
    uint32_t next;
    uint32_t first_exec;
    uint32_t last_exec;
    uint32_t draws;       /**< Random draws taken. */
    uint8_t state;        /**< tt_order_state; PENDING = on its way. */
    uint8_t reason;       /**< tt_sim_reason. */
    uint8_t is_triggered; /**< A stop that has become a market or limit order. */
    uint8_t is_resting;   /**< It has seen data since it arrived: what fills it now is a taker. */
    uint8_t was_split;    /**< A fill of it was split by chance. */
    uint8_t reserved[3];
} tt_sim_order;

/** One execution. */
typedef struct tt_sim_exec {
    tt_price price;
    tt_qty qty;
    tt_qty cumulative;
    tt_money fee;
    tt_time time;
    uint64_t position; /**< In the feed: the data that it happened on or after. */
    uint32_t order;
    uint32_t next; /**< Of the same order. */
    uint8_t liquidity;
    uint8_t is_from_book; /**< Its quantity was taken out of the book. */
    uint8_t reserved[6];
} tt_sim_exec;

typedef enum tt_sim_request_kind {
    TT_SIM_REQUEST_ORDER,
    TT_SIM_REQUEST_CANCEL,
    TT_SIM_REQUEST_AMEND,
    TT_SIM_REQUEST_POSITIONS, /**< What is held? `order` says for which mode: 1 = hedging. */
    TT_SIM_REQUEST_QUERY,     /**< Also an order whose client order id is known. */
} tt_sim_request_kind;

/** Values that an amend gives an order. */
typedef struct tt_sim_terms {
    tt_qty qty; /**< Total. */
    tt_price price;
    tt_price trigger_price;
    uint64_t amend_id;
} tt_sim_terms;

/** A request on its way to the exchange. */
typedef struct tt_sim_request {
    tt_time arrival;
    tt_uuid correlation;
    tt_seq cause;
    tt_time funding_since; /**< POSITIONS: payments from here on are listed. */
    uint64_t order_id;     /**< As the sender gave it. */
    uint32_t order;        /**< TT_SIM_NONE: no such order. */
    uint32_t key;
    tt_sim_request_kind kind;
    tt_sim_terms terms; /**< Of an amend. */
    char client_order_id[48];
} tt_sim_request;

/** Requests in the order of their arrival. */
typedef struct tt_sim_requests {
    tt_sim_request *ring;
    uint32_t capacity; /**< A power of two. */
    uint32_t first;
    uint32_t count;
} tt_sim_requests;

/** Bid and ask as of now; 0 = none. */
typedef struct tt_sim_touch {
    tt_price bid;
    tt_price ask;
} tt_sim_touch;

/** Prices that concern the open orders of an instrument; see sim_reach.c. */
typedef struct tt_sim_reach {
    bool is_known;     /**< Since the last change of the orders. */
    bool has_urgent;   /**< Something is at the market, or has seen no data yet. */
    tt_price falls_to; /**< Highest price that a fall must reach to concern an order. */
    tt_price rises_to; /**< Lowest price that a rise must reach. */
} tt_sim_reach;

/** Funding payments of a position that the exchange lists on request; the oldest leaves. */
#define TT_SIM_PAYMENTS_KEPT 8

/** Transfers that the exchange lists on request; the oldest leaves. */
#define TT_SIM_TRANSFERS_KEPT 8

/** The cash of the account: see sim_cash.c. */
typedef struct tt_sim_cash {
    tt_money initial;
    tt_money flow; /**< Of trades, fees, funding and transfers, since the beginning. */
    tt_money fees;
    tt_money funding;
    char currency[16];
    bool is_endowed;
    bool is_lost; /**< A log of before cannot say what was paid, or a sum has overflowed. */
    tt_venue_transfer transfers[TT_SIM_TRANSFERS_KEPT]; /**< Of number n: at n % KEPT. */
    uint64_t transfer_count;                            /**< That were told, ever. */
    uint64_t last_transfer_id;
    tt_time transfers_left; /**< Moment of the last that left. */
} tt_sim_cash;

/** The exchange's own positions of an instrument: by the side that an order names. */
typedef struct tt_sim_holding {
    tt_qty qty;           /**< Signed. */
    tt_money cost;        /**< Signed. */
    tt_price liquidation; /**< 0 = never. */
    tt_qty external;      /**< Signed sum of what no order of the client traded. */
    tt_price external_price;
    uint8_t last_external; /**< tt_external_kind. */
    uint8_t leverage;
    tt_funding_payment payments[TT_SIM_PAYMENTS_KEPT]; /**< Of number n: at n % KEPT. */
    uint64_t payment_count;                            /**< Ever made. */
    tt_time payments_left;                             /**< Moment of the last that left. */
} tt_sim_holding;

/** What is known of one instrument. */
typedef struct tt_sim_market {
    const tt_instrument *instrument;
    tt_sim_holding holdings[TT_side_COUNT]; /**< By position_side; none = netting. */
    bool can_liquidate;                     /**< One of them has a price of liquidation. */
    tt_price last_price;  /**< Trade, else middle of the quote, else close; 0 = none. */
    uint32_t first_order; /**< Open orders, oldest first. */
    uint32_t last_order;
    tt_sim_reach reach;
    bool is_book_driven;
    bool has_quote;
    bool has_touch; /**< A quote or depth has come; else trades alone make the price. */
    bool has_depth;
    bool is_quote_newer; /**< `quote` is not in the book yet. */
    tt_quote quote;
    tt_book book;
} tt_sim_market;

/** A place of the index by client order id, which is searched onwards from where the hash points.
 */
typedef struct tt_sim_bucket {
    uint32_t tag;   /**< Upper half of the hash: spares looks at orders. */
    uint32_t order; /**< Number plus one; 0 = free. */
} tt_sim_bucket;

/** The exchange. */
typedef struct tt_sim {
    tt_venue_config config;
    tt_instruments instruments;
    uint64_t seed;
    tt_sim_order *orders;
    uint32_t order_count;
    uint32_t order_capacity;
    tt_sim_exec *execs;
    uint32_t exec_count;
    uint32_t exec_capacity;
    tt_sim_bucket *buckets; /**< Orders by the hash of their client order id. */
    uint32_t bucket_count;
    tt_sim_requests requests;
    tt_sim_reports reports;
    tt_sim_market *markets; /**< One for each instrument. */
    tt_sim_cash cash;
    tt_time now;
    tt_time last_arrival;
    tt_time next_expiry;   /**< No open order expires before. */
    tt_time next_funding;  /**< TT_TIME_NEVER while nothing is held. */
    tt_time funding_waits; /**< A moment that is due and waits for prices; 0 = none. */
    uint64_t externals;    /**< Orders that the exchange made itself. */
    uint64_t position;     /**< feed_seq. */
    uint32_t draws;        /**< Draws that belong to no order. */
    bool is_data_over;
    bool is_disconnected;
    uint32_t rebuilt_execs; /**< Executions whose effect on the book was rebuilt. */
    uint32_t faults[TT_SIM_FAULT_COUNT];
    tt_sim_stats stats;
    int log_fd;          /**< -1 = no log. */
    tutti_status failed; /**< Once the log or memory failed: nothing works any more. */
    tt_error failure;
} tt_sim;

/* ---- sim_orders.c: the tables; `index` is the number of an order ---- */

/** Finds an order by its client order id, or TT_SIM_NONE. */
uint32_t tt_sim_find(const tt_sim *sim, const char *client_order_id);
/** Adds an order in state PENDING. @retval TUTTI_LIMIT the memory of orders is full.
 * @retval TUTTI_NO_MEMORY. */
TUTTI_NODISCARD tutti_status
tt_sim_add_order(tt_sim *sim, const tt_order_intent *intent, uint32_t key, uint32_t *ret_order);
/** Puts an order at the end of its instrument's list of open orders, or takes it out. */
void tt_sim_link(tt_sim *sim, uint32_t index);
void tt_sim_unlink(tt_sim *sim, uint32_t index);
/** Adds an execution: order with its state, position, counts. @retval TUTTI_NO_MEMORY. */
TUTTI_NODISCARD tutti_status tt_sim_add_exec(tt_sim *sim, const tt_sim_exec *exec);
/** Quantity that is not filled. */
tt_qty tt_sim_open_qty(const tt_sim_order *order);
/** Tells whether an order works at the exchange. */
bool tt_sim_is_open(const tt_sim_order *order);
/** Tells whether an order waits for its trigger. */
bool tt_sim_waits(const tt_sim_order *order);
/** Tells whether an order has a limit now: it was one, or is a stop with a limit that triggered. */
bool tt_sim_is_limit(const tt_sim_order *order);
tt_sim_market *tt_sim_market_of(tt_sim *sim, const tt_sim_order *order);
/** Quantity that an order could take off the exchange's own position; 0 = it would add to it. */
tt_qty tt_sim_reducible(const tt_sim_market *market, const tt_sim_order *order);
/** Takes one of the faults that were asked for, if there is one. */
bool tt_sim_take_fault(tt_sim *sim, tt_sim_fault fault);
/** A generator for the next draw of an order; of nobody when `order` is NULL. */
tt_random tt_sim_draw(tt_sim *sim, tt_sim_order *order);
/** Keeps the first failure; every later call returns it. */
tutti_status tt_sim_fail(tt_sim *sim, tutti_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- sim_request.c: requests and time ---- */

/** Tells whether the connection is down at a moment, by a fault or by the outages that the
 * configuration plans. The latter hang on event time alone, so that a restart changes nothing. */
bool tt_sim_is_cut(const tt_sim *sim, tt_time at);
/** Takes a message of order_intents, order_amends, order_cancels or order_queries at `now`. */
tutti_status tt_sim_request_take(tt_sim *sim, tt_time now, const tt_msg *msg);
/** Adds a request at the end. @retval TUTTI_NO_MEMORY. */
TUTTI_NODISCARD tutti_status tt_sim_request_push(tt_sim *sim, const tt_sim_request *request);
/** Takes the first request; there must be one. */
tt_sim_request tt_sim_request_pop(tt_sim *sim);
/** Lets everything happen that is due up to `until`, besides market data. */
tutti_status tt_sim_advance(tt_sim *sim, tt_time until);
/** When tt_sim_advance has something to do; TT_TIME_NEVER. */
tt_time tt_sim_next_due(const tt_sim *sim);

/* ---- sim_accept.c ---- */

/** An order arrives: it is rejected, or accepted and matched. */
tutti_status tt_sim_accept(tt_sim *sim, uint32_t index, tt_time time);
/** Ends an open order, or one that arrives. `request` NULL = nobody asked for it. */
tutti_status tt_sim_end_order(
    tt_sim *sim,
    uint32_t index,
    tt_order_state state,
    tt_sim_reason reason,
    tt_time time,
    const tt_sim_request *request);

/** Ends an open order whose time in force does not let it rest. */
tutti_status tt_sim_end_unfilled(tt_sim *sim, uint32_t index, tt_time time);
/** Turns a stop into a market order, or into a limit order that is new to the market. */
tutti_status tt_sim_trigger(tt_sim *sim, uint32_t index);
/** Tells whether a price has reached the trigger of a stop; 0 is no price. */
bool tt_sim_has_reached(const tt_sim_order *order, tt_price price);

/** Checks form, quantity and prices of an order that is open or would be, and whether it would take
 * though it must not. */
tt_sim_reason tt_sim_check_values(tt_sim *sim, const tt_sim_order *order);

/* ---- sim_amend.c ---- */

/** An amend arrives: the order gets other values, or keeps those it has. */
tutti_status tt_sim_amend(tt_sim *sim, const tt_sim_request *request);

/* ---- sim_fill.c ---- */

/** What a fill is made of. */
typedef struct tt_sim_fill {
    tt_price price;
    tt_qty qty; /**< At most; reduce-only orders may get less. */
    tt_liquidity liquidity;
    bool is_from_book; /**< The caller took it out of the book. */
    tt_time time;      /**< At the exchange. */
    tt_time report_at; /**< Earliest time of the report; 0 = after the latency of reports. */
} tt_sim_fill;
/** Executes, books and reports; ends the order when it is filled or has nothing to reduce. */
tutti_status tt_sim_execute(tt_sim *sim, uint32_t index, const tt_sim_fill *fill);
/** Price of what takes liquidity: `reference`, worse by the half spread (if asked) and by a random
 * slippage, on the tick; never below one tick. */
tt_price tt_sim_taker_price(tt_sim *sim, tt_sim_order *order, tt_price reference, bool with_spread);
/** Quantity of the next fill out of `available`: by chance a part of it, on the lot. */
tt_qty tt_sim_draw_part(tt_sim *sim, tt_sim_order *order, tt_qty available);

/* ---- sim_match_bar.c, sim_match_book.c ---- */

/** Matches the open orders of an instrument on a bar that closed at `close`. */
tutti_status tt_sim_match_bar(tt_sim *sim, tt_sim_market *market, const tt_bar *bar, tt_time close);
/** Matches one order that has just arrived against the book as it is. */
tutti_status tt_sim_match_arrival(tt_sim *sim, uint32_t index, tt_time time);
/** Matches the open orders of an instrument after its book changed. */
tutti_status tt_sim_match_book(tt_sim *sim, tt_sim_market *market, tt_time time);
/** Matches the open orders of an instrument on a trade of others. */
tutti_status
tt_sim_match_trade(tt_sim *sim, tt_sim_market *market, const tt_trade *trade, tt_time time);
/** Fills what is at the market at the last price, after the data has ended. */
tutti_status tt_sim_match_end(tt_sim *sim, tt_sim_market *market, tt_time time);

/* ---- sim_external.c, sim_funding.c ---- */

/** A trade that no order of the client caused. */
typedef struct tt_sim_external {
    tt_external_kind kind;
    tt_side side;
    tt_side position_side; /**< None = netting. */
    tt_qty qty;
    tt_price price;
    tt_time time;
} tt_sim_external;
/** Executes it, with the fee of a taker, and reports it. */
tutti_status tt_sim_execute_external(tt_sim *sim, uint32_t key, const tt_sim_external *trade);
/** What an order is, by its client order id: NONE for one of the client. */
tt_external_kind tt_sim_external_kind(const tt_sim_order *order);
/** Liquidates what a price between `low` and `high` has reached. */
tutti_status
tt_sim_liquidate(tt_sim *sim, tt_sim_market *market, tt_price low, tt_price high, tt_time time);
/** Books an execution into the exchange's own position. */
void tt_sim_hold(tt_sim *sim, const tt_sim_order *order, const tt_sim_exec *exec);
/** The position that an order acts on. */
tt_sim_holding *tt_sim_holding_of(tt_sim *sim, const tt_sim_order *order);
/** Sets when funding is due next, not before `now`. */
void tt_sim_funding_plan(tt_sim *sim, tt_time now);
/** Pays and takes funding; its moment has come. It waits while a position has no price. */
tutti_status tt_sim_funding_pay(tt_sim *sim);
/** A price came, and nothing was matched against it yet: what waits for it is paid. */
tutti_status tt_sim_funding_wake(tt_sim *sim);
/** Keeps a payment that was made, to be listed. */
void tt_sim_funding_keep(tt_sim *sim, tt_sim_holding *held, const tt_funding_payment *payment);
/** Lists the payments of a position, oldest first, in the answer to a request. Returns how many
 * they were; sets `*ret_is_cut` if there were more than are kept, else leaves it. */
uint32_t tt_sim_funding_list(
    tt_sim *sim,
    const tt_sim_market *market,
    tt_side side,
    const tt_sim_request *request,
    tt_time at,
    bool *ret_is_cut);

/** Tells whether funding of this moment is missing for a position that it is due for: a log of
 * before payments were written. */
bool tt_sim_funding_is_untold(const tt_sim *sim, tt_time moment);

/* ---- sim_cash.c ---- */

/** Books an execution into the cash of the account. */
void tt_sim_cash_trade(tt_sim *sim, const tt_sim_order *order, const tt_sim_exec *exec);
/** The same with a funding payment. */
void tt_sim_cash_fund(tt_sim *sim, tt_money amount);
/** Books a transfer, and keeps it, to be listed, if it is told of. */
void tt_sim_cash_transfer(tt_sim *sim, const tt_venue_transfer *transfer, bool is_told);
/** Lists the transfers, oldest first, in the answer to a request. Returns how many they were; sets
 * `*ret_is_cut` if there were more than are kept, else leaves it. */
uint32_t tt_sim_cash_list(tt_sim *sim, const tt_sim_request *request, tt_time at, bool *ret_is_cut);
/** Tells the balance as of `time`, if it is known. */
void tt_sim_cash_say(tt_sim *sim, const tt_sim_request *request, tt_time time, tt_time at);

/* ---- sim_queue.c ---- */

/** Sets the place of a limit order in the queue at its price, when it arrives. */
void tt_sim_queue_join(tt_sim *sim, tt_sim_order *order);
/** Follows the book: what was cancelled in front of the order is no longer ahead of it. */
void tt_sim_queue_follow(const tt_sim *sim, tt_sim_market *market, tt_sim_order *order);
/** Takes a trade at the price of the order; returns the quantity that reaches the order. */
tt_qty tt_sim_queue_trade(tt_sim_order *order, const tt_trade *trade);
/** Lets the orders of an instrument follow data that is passed again (`trade` NULL: its book). */
void tt_sim_queue_rebuild(
    tt_sim *sim, tt_sim_market *market, const tt_trade *trade, uint64_t feed_seq);
/** Takes out of the books again what executions up to `feed_seq` took out of them. */
void tt_sim_book_rebuild(tt_sim *sim, uint64_t feed_seq);

/* ---- sim_reach.c ---- */

/** Notes that an order has seen data. */
void tt_sim_reach_rest(tt_sim_market *market, tt_sim_order *order);
/** Tells whether a trade at `price` can concern an open order. */
bool tt_sim_reach_price(const tt_sim *sim, tt_sim_market *market, tt_price price);
/** Tells whether the best prices, changed by a quote, can concern an open order. */
bool tt_sim_reach_touch(const tt_sim *sim, tt_sim_market *market);

/* ---- sim_book.c ---- */

void tt_sim_book_quote(tt_sim_market *market, const tt_quote *quote);
TUTTI_NODISCARD tutti_status tt_sim_book_depth(tt_sim_market *market, const tt_depth *depth);
/** Takes a quantity out of the best level of a side. */
void tt_sim_book_consume(tt_sim_market *market, tt_side side, tt_qty qty);
/** Best prices now, without laying a quote that waits. */
tt_sim_touch tt_sim_book_peek(tt_sim_market *market);
/** Best prices now; puts a quote that waits into the book. */
tt_sim_touch tt_sim_book_touch(tt_sim_market *market);

/* ---- sim_reason.c ---- */

/** Text of a reason that needs no numbers; NULL for the others. */
const char *tt_sim_reason_plain(tt_sim_reason reason);
/** Writes why an order was rejected or ended, with the numbers. */
void tt_sim_reason_text(const tt_sim *sim, const tt_sim_order *order, char text[96]);

/* ---- sim_say.c: from records to reports ---- */

/** Reports on an order; `request` gives cause and correlation, NULL = those of the order. */
void tt_sim_say_order(
    tt_sim *sim, uint32_t index, tt_report_kind kind, tt_time time, const tt_sim_request *request);
/** Answers an amend, with the values that are in force. */
void tt_sim_say_amend(
    tt_sim *sim, const tt_sim_request *request, tt_report_kind kind, const char *reason);
/** Answers what is held and which orders work, instrument by instrument. */
void tt_sim_say_positions(tt_sim *sim, const tt_sim_request *request, tt_time time);
/** Sends something that is not about an order of the client. */
void tt_sim_say(tt_sim *sim, tt_venue_output *output, tt_time time);
/** Says something that arrives at output->time. */
void tt_sim_say_at(tt_sim *sim, tt_venue_output *output);
/** Reports an execution not before `report_at`. */
void tt_sim_say_exec(tt_sim *sim, uint32_t index, tt_time report_at);
/** Answers a query: the executions, then the state; or that there is no such order. */
void tt_sim_say_status(tt_sim *sim, const tt_sim_request *request, tt_time time);
/** Answers a request that could not be sent, or that concerns no order. */
void tt_sim_say_failed(
    tt_sim *sim,
    const tt_sim_request *request,
    tt_report_kind kind,
    tt_time time,
    const char *reason);

/* ---- sim_log.c, sim_log_read.c ---- */

/** Opens or makes the log, and restores from it. */
TUTTI_NODISCARD tutti_status tt_sim_log_open(tt_sim *sim, const char *path, tt_error *error);
void tt_sim_log_close(tt_sim *sim);
/** Each writes one record, before anybody is told; does nothing without a log. */
tutti_status tt_sim_log_order(tt_sim *sim, uint32_t index);
tutti_status tt_sim_log_state(tt_sim *sim, uint32_t index);
tutti_status tt_sim_log_exec(tt_sim *sim, const tt_sim_exec *exec);
tutti_status tt_sim_log_cancel(tt_sim *sim, const tt_sim_request *request);
tutti_status tt_sim_log_amend(tt_sim *sim, const tt_sim_request *request);
tutti_status tt_sim_log_terms(tt_sim *sim, uint32_t index);
tutti_status tt_sim_log_funding(tt_sim *sim, tt_time moment);
/** A payment of that moment; the exchange's books know it after this. */
tutti_status tt_sim_log_payment(tt_sim *sim, uint32_t key, const tt_funding_payment *payment);
tutti_status tt_sim_log_transfer(tt_sim *sim, const tt_venue_transfer *transfer, bool is_told);

#endif
