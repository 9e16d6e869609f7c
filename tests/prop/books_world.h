/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The world of prop_books: a venue that loses, repeats, reorders and delays what it says, is away
 * for a while, fills too much, funds, liquidates and trades by hand; sources that ask for entries
 * and closes; restarts from a copy of the state. It never lies: prop_orders does.
 *
 * In hedging half of the worlds have a venue that is honest: it never takes more of a position than
 * is held there. Whatever is told before the entry that it closes must then find that entry:
 * nothing is released, and in the end both legs are those of the venue. In the others an excess at
 * the venue may be told after a later entry; then only the sums of the legs agree, until the books
 * are compared with the venue (test_sync.c).
 */
#ifndef TESTS_PROP_BOOKS_WORLD_H
#define TESTS_PROP_BOOKS_WORLD_H

#include "../unit/trade/fixture.h"
#include "base/random.h"
#include "books_model.h"
#include "journal/books_check.h"

#define BW_ORDERS    2048u
#define BW_ACTIVE    1024u
#define BW_EXECS     8u     /**< So that never too many are ahead of a missing one. */
#define BW_MAILS     16384u /**< A restart asks about all live orders at once. */
#define BW_EXTERNAL  64u
#define BW_FUNDED    8u  /**< Moments of funding that are remembered, by the specification. */
#define BW_TRANSFERS 32u /**< Transfers that are remembered, by the specification. */
#define BW_SOURCES   9u  /**< Two more than there are sub-accounts. */
#define BW_VERDICTS  65536u
#define BW_LOG       24u
#define BW_LIMIT     INT64_C(20000) /**< Exposure that entries are asked for within. */

typedef struct bw_exec {
    int64_t qty;
    int64_t cumulative;
    int64_t price;
    bm_money fee;
    bool is_booked;
} bw_exec;

typedef struct bw_order {
    uint64_t id; /**< 0 = free. */
    uint32_t instrument;
    uint32_t leg; /**< Index; that it acts on. */
    int sign;
    int leverage;
    uint32_t sub;
    bool is_entry;
    int64_t qty;
    int64_t worst_price;
    /* The venue. */
    bool is_known;
    bool works;
    uint8_t venue_state;
    int64_t executed;
    uint32_t exec_count;
    bw_exec execs[BW_EXECS];
    /* The module, by its messages. */
    uint8_t state;
    int64_t booked;
    int64_t named; /**< Largest cumulative quantity that it was told. */
    uint64_t ended_at;
} bw_order;

/** A trade of the venue without an order. */
typedef struct bw_external {
    uint32_t leg;
    int sign;
    int64_t qty;
    int64_t price;
    bm_money fee;
    uint64_t exec_id;
    uint64_t booked_as; /**< Number among those of the leg; 0 = not booked. */
    uint8_t kind;
} bw_external;

typedef enum bw_mail_kind {
    BW_REPORT,
    BW_TRADE,
    BW_FUNDING,
    BW_TRANSFER
} bw_mail_kind;

typedef struct bw_mail {
    uint64_t id; /**< Order, execution of the external trade, or transfer. */
    uint64_t cause;
    int64_t cumulative;
    int64_t moment;
    bm_money amount;
    uint32_t place; /**< In its list; of funding: the leg. */
    uint32_t exec;  /**< Index + 1; 0 = none. */
    uint8_t what;
    uint8_t kind;
    uint8_t venue_state;
    bool is_reply;
} bw_mail;

typedef struct bw_verdict {
    uint64_t seq;
    uint32_t source; /**< 0 = none. */
} bw_verdict;

typedef struct bw_world {
    fixture lives[2]; /**< A restart goes from one to the other. */
    fixture *f;
    tt_map *slots; /**< Order id to index + 1 in `orders`. */
    tt_arena arena;
    tt_random random;
    uint64_t seed;
    uint64_t step;
    bool is_hedging;
    bool is_spot;
    bool is_honest; /**< Hedging: no order takes more than is held, or fills more than it asked. */
    bool is_calm;
    bool is_down;
    bm_model model;
    bool has_trades[BM_INSTRUMENTS];
    bw_order orders[BW_ORDERS];
    uint32_t cursor;
    uint32_t active[BW_ACTIVE]; /**< Orders of which something may still come. */
    uint32_t active_count;
    bw_mail mails[BW_MAILS];
    uint32_t mail_count;
    bw_external external[BW_EXTERNAL];
    uint64_t external_count;
    uint64_t external_booked[BM_LEGS];
    int64_t funded[BM_LEGS][BW_FUNDED]; /**< Newest moments, sorted, newest first. */
    uint32_t funded_count[BM_LEGS];
    uint64_t transfer_ids[BW_TRANSFERS]; /**< The last that were booked; a ring. */
    int64_t transfer_moments[BW_TRANSFERS];
    uint64_t transfer_count;
    int64_t transfers_before; /**< Newest moment of those that left. */
    uint64_t last_transfer;
    bw_verdict verdicts[BW_VERDICTS];
    uint64_t verdict_count;
    uint32_t source_of[BM_SUBS];
    uint64_t part_orders;        /**< That a source asked for, of its part; */
    uint64_t part_orders_beside; /**< of them, those that leave others what they hold. */
    uint64_t ended;
    /* The venue's own ledger, at the moment of each event. */
    int64_t net[BM_LEGS];
    bm_money cash;
    tt_books_check *auditor;
    /* What the step must show. */
    bm_part expected[BM_PARTS_MAX];
    uint32_t expected_count;
    uint64_t expected_order;
    bool is_funded;
    bool is_transferred;
    /* Counted. */
    uint64_t fills;
    uint64_t repeats;
    uint64_t fundings;
    uint64_t transfers;
    uint64_t externals;
    uint64_t liquidations;
    uint64_t restarts;
    uint64_t outages;
    uint64_t flips;
    uint64_t unknown;
    uint64_t overfills;
    uint64_t waits;
    uint64_t releases;
    char log[BW_LOG][96];
} bw_world;

/** Prints the seed, the event, and what happened before. */
void bw_tell(const bw_world *w, const char *what);
/** The same, and fails. */
void bw_fail(const bw_world *w, const char *what);
#define BW_CHECK(w, condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            bw_fail((w), #condition);                                                              \
        }                                                                                          \
    } while (0)

static inline bool bw_chance(bw_world *w, uint32_t per_mille)
{
    return tt_random_below(&w->random, 1000) < per_mille;
}
static inline bool bw_mishap(bw_world *w, uint32_t per_mille)
{
    return bw_chance(w, per_mille) && !w->is_calm;
}
static inline int64_t bw_between(bw_world *w, int64_t low, int64_t high)
{
    return tt_random_between(&w->random, low, high);
}
/** Number of a leg in the module. */
static inline uint32_t bw_leg_number(uint32_t leg)
{
    return leg < BM_INSTRUMENTS ? leg + 1 : leg - BM_INSTRUMENTS + 1 + TT_INSTRUMENTS_MAX;
}

/* --- books_world.c --- */
void bw_init(bw_world *w, uint64_t seed);
/** One random event; all that follows from it is compared. */
void bw_step(bw_world *w);
/** Everything that is still under way arrives; books and ledger of the venue must then agree, and
 * but for hedging with a venue that is not honest all is closed. */
void bw_settle(bw_world *w);
tt_seq bw_input(bw_world *w, tt_topic topic, uint32_t key, const void *payload, uint64_t cause);
void bw_note(bw_world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- books_venue.c --- */
bw_order *bw_find(bw_world *w, uint64_t order_id);
void bw_receive(bw_world *w, const tt_msg *msg);
void bw_cancel(bw_world *w, const tt_msg *msg);
void bw_query(bw_world *w, const tt_msg *msg);
/** The venue does something with an order that works. */
void bw_act(bw_world *w);
/** Trades without an order, or funds. */
void bw_trade_without_order(bw_world *w);
void bw_fund(bw_world *w);
/** Takes a deposit or a withdrawal; in spot no withdrawal, for all of the cash may be bound. */
void bw_transfer(bw_world *w);
/** Sends again what was lost of orders that ended here: nobody asks for it any more. */
void bw_remind(bw_world *w);

/* --- books_arrive.c --- */
/** Brings something that is under way. */
void bw_deliver(bw_world *w);

/* --- books_compare.c --- */
/** Expects the parts that the model has booked last, behind those that are expected already. */
void bw_expect(bw_world *w);
/** Reads the messages of a step: intents go to the venue, fills must be those of the model. */
void bw_read(bw_world *w);
/** Compares all state with the model, and the laws. */
void bw_compare(bw_world *w);

#endif
