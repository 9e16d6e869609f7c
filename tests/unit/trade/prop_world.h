/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A hostile world for the trade module: a venue that loses, repeats and reorders its reports, fills
 * too much, and sometimes lies; and reference books that are kept in whole numbers from the
 * published messages alone.
 *
 * Quantities are thousandths, prices hundredths, money hundred-thousandths: exact in 64 bits.
 */
#ifndef TESTS_UNIT_TRADE_PROP_WORLD_H
#define TESTS_UNIT_TRADE_PROP_WORLD_H

#include "base/random.h"
#include "fixture.h"

#define MODEL_ORDERS 4096u
#define MODEL_EXECS  24u
#define MODEL_MAILS  8192u
#define INSTRUMENTS  2u

/** One execution at the venue; its id is its index + 1. */
typedef struct model_exec {
    int64_t qty;
    int64_t cumulative;
    int64_t price;
    int64_t fee;
    bool is_booked;
} model_exec;

/** One order: what the venue knows, and what the module said of it. */
typedef struct model_order {
    uint64_t id; /**< 0 = free. */
    uint32_t instrument;
    int sign;
    uint8_t role;
    bool reduce_only;
    int64_t qty;
    int64_t worst_price;
    /* The amend on its way, by the messages; 0 = none. */
    uint64_t amend_id;
    int64_t amend_qty;
    int64_t amend_price;
    /* The venue. */
    tt_amend_terms terms; /**< In force there. */
    int64_t venue_qty;
    uint64_t venue_amend;
    bool is_known;
    bool works;
    uint8_t venue_state;
    int64_t executed;
    uint32_t exec_count;
    model_exec execs[MODEL_EXECS];
    /* The module, by its messages. */
    uint8_t state;
    int64_t filled;
    uint64_t ended_at; /**< Number of the order's end. */
} model_order;

/** A report under way. */
typedef struct model_mail {
    uint64_t order_id;
    tt_seq cause;
    int64_t cumulative;
    uint32_t slot;
    uint32_t exec;        /**< Index + 1 of the execution; 0 = none. */
    tt_amend_terms terms; /**< Of the order, when it was written; qty 0 = not told. */
    uint64_t amend_id;
    uint8_t kind;
    uint8_t venue_state;
    bool is_query_reply;
} model_mail;

/** The world. */
typedef struct world world;
struct world {
    fixture f;
    tt_random random;
    tt_map *slots; /**< Order id to index + 1 in `orders`. */
    uint64_t seed;
    uint64_t step;
    model_order orders[MODEL_ORDERS];
    model_mail mails[MODEL_MAILS];
    uint32_t mail_count;
    bool is_calm; /**< The venue makes no mistakes. */
    /** Asks for an entry in another way than by a verdict; NULL = by a verdict. */
    void (*ask)(struct world *w);
    uint32_t order_cursor;
    int64_t net[INSTRUMENTS]; /**< Position at the venue. */
    /* Reference books. */
    int64_t held[INSTRUMENTS];
    tt_dec mark[INSTRUMENTS];
    int64_t cash_flow;
    int64_t fees;
    tt_dec realized;
    uint64_t ended;
    uint64_t fill_rows;
    uint64_t dead_letters; /**< Of this step. */
    int64_t step_filled;   /**< Quantity in the fill rows of this step. */
    uint64_t refused_fills;
    const model_mail *mail;   /**< Being delivered; NULL = something else happens. */
    uint64_t amend_events[4]; /**< Sent, in force, rejected, lost. */
    uint64_t lost_orders;     /**< Fills of orders that the module has forgotten. */
};

/** Fails with seed and step, so that the run can be had again. */
#define CHECK(w, condition)                                                                        \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error(                                                                           \
                "seed %llu step %llu: %s\n",                                                       \
                (unsigned long long)(w)->seed,                                                     \
                (unsigned long long)(w)->step,                                                     \
                #condition);                                                                       \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/** What may still be filled of a live entry at its worst. */
static inline int64_t model_pending(const model_order *order)
{
    int64_t open = order->qty > order->filled ? order->qty - order->filled : 0;
    int64_t worst = open * order->worst_price;
    if (order->amend_id != 0 && order->amend_qty > order->filled) {
        int64_t amended = (order->amend_qty - order->filled) * order->amend_price;
        worst = amended > worst ? amended : worst;
    }
    return worst;
}
/** True with a chance of `per_mille` / 1000. */
static inline bool chance(world *w, uint32_t per_mille)
{
    return tt_random_below(&w->random, 1000) < per_mille;
}
/** Something goes wrong; never while the venue is calm. */
static inline bool mishap(world *w, uint32_t per_mille)
{
    return chance(w, per_mille) && !w->is_calm;
}
static inline int64_t between(world *w, int64_t low, int64_t high)
{
    return tt_random_between(&w->random, low, high);
}

/** Does one random thing and checks all that the module publishes. */
void world_step(world *w);
/** The venue becomes honest and everything is to be closed: fails unless books and venue agree in
 * the end, flat, with no order left. */
void world_settle(world *w);
/** One step of the bus with an input. */
void world_input(world *w, tt_topic topic, uint32_t key, const void *payload, tt_seq cause);
/** Reads the messages of a step into the reference books (prop_books.c). */
void world_read(world *w);
/** The order of an id, or NULL if it is no longer kept. */
model_order *world_order(world *w, uint64_t order_id);
/* --- prop_venue.c --- */

/** Takes in an order that the module sent; its first state is NONE. */
void world_receive(world *w, const tt_msg *msg);
/** The venue gets a cancel, or a query. */
void world_cancel(world *w, const tt_msg *msg);
void world_query(world *w, const tt_msg *msg);
/** The venue gets an amend. */
void world_amend(world *w, const tt_msg *msg);

/** One of the newest orders, more often one of the very newest. */
model_order *world_recent_order(world *w);
/** The venue does something with an order that works. */
void world_act(world *w);
/** What was lost of an order that the module has ended is sent again in the end: nobody asks any
 * more. */
void world_remind(world *w, const model_order *order);

#endif
