/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of a mailbox.
 *
 * Invariants:
 * 1. The core writes `core`, the consumer writes `user`; each reads the other's counters only
 *    through atomics. What both sides of a queue share is inside tt_ring or struct cells.
 * 2. accepted == settled + waiting + in hand + retrying, where accepted = messages put and neither
 *    dropped, conflated nor refused, and settled = done + expired + given up.
 * 3. Every call of the consumer runs inside `gate`. Once the loop has closed it and found it empty,
 *    the loop alone touches hand, retries and queue.
 * 4. Bounds count what waits: the message in hand has left the queue.
 */
#ifndef TT_MAILBOX_MAILBOX_PRIV_H
#define TT_MAILBOX_MAILBOX_PRIV_H

#include "base/map.h"
#include "base/ring.h"
#include "bus/pattern.h"
#include "mailbox/mailbox.h"

#define MSG_BYTES_MAX (sizeof(tt_msg) + TT_PAYLOAD_MAX)

/** What stands in front of a message in the ring, so that the message is aligned to 16. */
#define FIFO_PREFIX 8u

/** A queue whose core side may take messages back: array of atomic cells over a pool of slots.
 * A cell is its position in the upper 40 bits and below the slot plus one, 0 = taken. Whoever
 * exchanges a slot out of its cell owns the slot; positions make sure that nobody takes from a
 * cell that was used again meanwhile. */
struct cells {
    unsigned char *slots;
    _Atomic uint64_t *cells;
    _Atomic uint32_t *returned; /**< Slots on their way back to the core, a ring of its own. */
    uint64_t mask;              /**< Of cells and returned. */
    /* The core's. */
    uint32_t *spare;
    uint32_t spare_count;
    tt_map *waiting;  /**< Conflate: (topic, key) -> low half of its position. */
    uint64_t *key_of; /**< Conflate: what each cell was used for. */
    uint64_t return_head;
    _Alignas(TT_MAILBOX_PAD) _Atomic uint64_t tail; /**< Positions put. */
    _Alignas(TT_MAILBOX_PAD) _Atomic uint64_t head; /**< Positions gone; moved by both sides. */
    _Alignas(TT_MAILBOX_PAD) _Atomic uint64_t return_tail;
};

/** A failed message that waits for its next try, or, dead, for room in the inbox. */
struct retry {
    int64_t due_ns;
    uint32_t attempts;
    bool is_used;
    bool is_dead;
    tt_dead_reason reason;
    char text[160];
    _Alignas(16) unsigned char msg[MSG_BYTES_MAX];
};

enum hand_kind {
    HAND_EMPTY,
    HAND_QUEUED,
    HAND_RETRIED
};

/** What the consumer holds. */
struct hand {
    const tt_msg *msg;
    struct retry *retry; /**< HAND_RETRIED. */
    uint32_t slot;       /**< HAND_QUEUED in cells. */
    uint32_t attempt;
    enum hand_kind kind;
    bool is_expired; /**< Not shown to the consumer: to be handed back as soon as there is room. */
};

/** The core's side. */
struct core_side {
    _Alignas(TT_MAILBOX_PAD) _Atomic uint64_t put;
    _Atomic uint64_t accepted; /**< Neither dropped, conflated nor refused. */
    _Atomic uint64_t dropped_oldest;
    _Atomic uint64_t dropped_newest;
    _Atomic uint64_t conflated;
    _Atomic uint64_t overflowed;
    _Atomic uint64_t alerts; /**< Of accepted messages, those on bus_alerts. */
    _Atomic uint64_t
        lost_to_alerts; /**< Of what was dropped or refused: by what is about alerts. */
    _Atomic uint64_t filter_failed;
    _Atomic uint64_t blocked;
    _Atomic uint64_t count_max;
    _Atomic uint64_t bytes_max;
    _Atomic uint64_t bytes; /**< Of accepted messages. */
    uint64_t gone_seen;     /**< Last known of the consumer's. */
    uint64_t gone_bytes_seen;
    bool is_stuck; /**< A wait under `block` was in vain, and nothing has been taken since. */
};

/** The consumer's side. */
struct user_side {
    _Alignas(TT_MAILBOX_PAD) _Atomic uint64_t gone; /**< Taken out of the queue. */
    _Atomic uint64_t gone_bytes;
    _Alignas(TT_MAILBOX_PAD) _Atomic uint64_t taken;
    _Atomic uint64_t done;
    _Atomic uint64_t failed;
    _Atomic uint64_t retried;
    _Atomic uint64_t expired;
    _Atomic uint64_t dead_lettered;
    _Atomic uint64_t retrying;
    struct hand hand;
    int64_t next_due_ns; /**< Of the retries, dead ones at once; INT64_MAX = none. */
};

struct subscription {
    tt_mailbox_subscription rule;
    tt_pattern pattern; /**< When the rule names no topic. */
    _Atomic uint32_t is_ended;
};

struct tt_mailbox {
    char name[TT_MAILBOX_NAME_MAX];
    tt_mailbox_policy policy;
    uint32_t count_max;
    uint64_t bytes_max;
    int64_t block_ns;
    tt_mailbox_retry rule;
    uint32_t retries_max;
    struct retry *retries;
    tt_publisher *dead_letters;
    tt_idle_options idle;
    bool has_cells;
    uint32_t subscription_count;
    struct subscription subscriptions[TT_MAILBOX_SUBSCRIPTIONS_MAX];
    _Atomic uint32_t is_attached;
    _Atomic uint32_t is_draining;
    _Atomic uint32_t is_closed; /**< By the consumer. */
    tt_mailbox *next;           /**< In the list of those to be attached. */
    struct core_side core;
    struct user_side user;
    _Alignas(TT_MAILBOX_PAD) tt_section gate;
    tt_park ready; /**< The consumer sleeps here. */
    tt_park room;  /**< The core sleeps here under `block`. */
    union {
        tt_ring fifo;
        struct cells cells;
    };
};

/** Adds to a counter that only the calling thread writes. */
static inline void tt_mailbox_add(_Atomic uint64_t *counter, uint64_t more)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + more, memory_order_relaxed);
}
static inline uint64_t tt_mailbox_read(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* mailbox_cells.c. The core's: */
size_t tt_cells_memory(uint32_t count_max, bool conflates);
TUTTI_NODISCARD tutti_status
tt_cells_init(struct cells *cells, uint32_t count_max, bool conflates, tt_arena *arena);
/** Copies a message behind the others; there must be room. */
void tt_cells_put(struct cells *cells, const tt_msg *msg);
/** Puts a message in the place of the one of its topic and key that waits; returns the bytes of
 * that one, 0 when none waits. */
uint64_t tt_cells_replace(struct cells *cells, const tt_msg *msg);
/** Takes the oldest back; returns its bytes, 0 when nothing waits. */
uint64_t tt_cells_drop_oldest(struct cells *cells);
/* The consumer's: */
const tt_msg *tt_cells_take(struct cells *cells, uint32_t *ret_slot);
void tt_cells_return(struct cells *cells, uint32_t slot);

/* mailbox_retry.c, the consumer's: */
/** Keeps the message in hand for its next try, or hands it back; false when there is room for
 * neither. */
bool tt_mailbox_keep(tt_mailbox *box, const tt_msg *msg, tt_dead_reason reason, const char *text);
/** Hands back what waits for that; finds when something is due. */
void tt_mailbox_flush_dead(tt_mailbox *box);
/** The retry that is due, or NULL. */
struct retry *tt_mailbox_due(const tt_mailbox *box, int64_t now_ns);
/** Forgets a retry. */
void tt_mailbox_forget(tt_mailbox *box, struct retry *retry);

#endif
