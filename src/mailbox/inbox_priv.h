/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the inbox.
 *
 * Invariants:
 * 1. A publisher is never taken back; `publishers` holds opened_count of them, each complete before
 *    the count says so. `members` of a lane are those with a ring of their own in it.
 * 2. A record begins 8 bytes behind a multiple of 16 in its ring (the ring's own header is in
 *    front, or, in a shared ring, TT_INBOX_PREFIX bytes), and takes a multiple of 16 with those: so
 *    its payload is aligned to 16.
 * 3. Once is_closed is set no claim succeeds any more: shared rings refuse by a bit in their tail,
 *    own rings by the gate of their publisher.
 */
#ifndef TT_MAILBOX_INBOX_PRIV_H
#define TT_MAILBOX_INBOX_PRIV_H

#include "base/ring.h"
#include "mailbox/inbox.h"
#include "mailbox/rate.h"

#define TT_INBOX_RING_MIN (UINT32_C(16) << 10)
/** What stands in front of a record in a shared ring. */
#define TT_INBOX_PREFIX 8u

/** Rare fields of a post, behind the payload when the head says so. */
struct post_extra {
    tt_seq cause;
    tt_uuid correlation;
    tt_uuid idempotency;
    uint32_t ttl_ms;
    uint32_t reserved;
};

/** Head of a record. */
struct post_head {
    uint32_t key;
    uint32_t attempts; /**< Of a dead report. */
    uint16_t topic;
    uint16_t source;
    uint16_t payload_size;
    uint16_t reason; /**< Of a dead report. */
    uint8_t priority;
    uint8_t flags;
    uint8_t kind; /**< tt_inbox_kind. */
    uint8_t has_extra;
    uint16_t target;
    uint8_t msg_kind; /**< As tt_bus_post has it. */
    uint8_t reserved;
};
_Static_assert(sizeof(struct post_head) == 24, "with the header of the ring: 32 bytes");
_Static_assert(sizeof(struct post_extra) == 48, "a multiple of 16");

/** Texts of a dead report; the message follows. */
struct dead_texts {
    char handler[32];
    char text[160];
};
_Static_assert(sizeof(struct dead_texts) % 16 == 0, "the message behind it is aligned");

/** What a publisher counts; written by it alone unless it is shared. */
struct publisher_counts {
    _Atomic uint64_t posted;
    _Atomic uint64_t refused;
    _Atomic uint64_t timed_out;
    _Atomic uint64_t waited;
    _Atomic uint64_t rate_limited;
    _Atomic uint64_t invalid;
    _Atomic uint64_t after_stop;
};

struct tt_publisher {
    _Alignas(TT_MAILBOX_PAD) tt_inbox *inbox;
    char name[TT_INBOX_NAME_MAX];
    uint16_t source;
    uint8_t ring_lane; /**< TT_priority_NONE: no ring of its own. */
    bool is_trusted;
    bool is_shared;
    tt_rate rate;
    _Alignas(TT_MAILBOX_PAD) struct publisher_counts counts;
    tt_section gate; /**< Around the use of the own ring. */
    tt_park room;    /**< Sleeps here when its own ring is full. */
    tt_ring ring;
};

struct lane {
    tt_mpsc ring;
    tt_park room; /**< Publishers sleep here when the shared ring is full. */
    /* The owner's. */
    _Alignas(TT_MAILBOX_PAD) uint32_t turn; /**< Ring that is asked first: 0 = the shared one. */
    uint32_t taken_in_turn;
    tt_publisher *own; /**< Whose ring that is; NULL: the shared one. */
    /* Read by the owner, written when a publisher opens. */
    _Alignas(TT_MAILBOX_PAD) _Atomic uint32_t member_count;
    _Atomic uint16_t *members; /**< Publishers with a ring of their own in this lane. */
};

/** What is known of a topic without asking the bus. */
struct inbox_topic {
    tt_rate rate;
    _Atomic uint8_t priority;
    bool is_built_in; /**< The rest is known. */
    bool is_input;    /**< It may come from outside. */
    uint16_t size;    /**< Of the payload; 0: it has a list. */
};

struct tt_inbox {
    tt_idle_options idle;
    bool is_unchecked;
    uint32_t publishers_max;
    uint32_t topics_max;
    struct inbox_topic *topics;
    tt_publisher *publishers;
    tt_arena rings; /**< What is left for rings of publishers; under `opening`. */
    _Atomic uint32_t opened_count;
    _Atomic uint32_t opening; /**< One thread at a time opens a publisher. */
    _Atomic uint32_t is_closed;
    /* The owner's: what was peeked. */
    _Alignas(TT_MAILBOX_PAD) struct lane *peeked_lane;
    tt_publisher *peeked_publisher; /**< NULL: the shared ring. */
    tt_park ready;                  /**< The owner sleeps here. */
    tt_park door;                   /**< Who waits to open a publisher sleeps here. */
    struct lane lanes[TT_priority_COUNT];
};

/** Opens a record out of the ring. */
void tt_inbox_decode(const void *bytes, tt_inbox_record *ret_record);

#endif
