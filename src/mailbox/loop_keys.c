/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Idempotency keys of posts: the last ones in memory, each recorded with its post. Those of what
 * handlers publish are the bus's own; a loop whose steps nobody replays records them, too, and
 * takes both back after a restart.
 */
#include "base/uuid.h"
#include "mailbox/loop_priv.h"

tt_seq tt_bus_loop_find_repeat(tt_bus_loop *loop, tt_topic topic, const tt_uuid *key)
{
    tt_seq seq = tt_bus_seen_find(loop->seen, key);
    if (seq != 0) {
        tt_mailbox_add(&loop->counts.duplicates, 1);
        if ((uint32_t)topic < TT_LOOP_TOPICS) {
            atomic_fetch_add_explicit(&loop->topics[topic].duplicates, 1, memory_order_relaxed);
        }
    }
    return seq;
}

static void record(tt_bus_loop *loop, const tt_uuid *key, tt_seq seq, uint8_t flags)
{
    const tt_post_key payload = {.idempotency = *key, .post_seq = seq};
    const tt_bus_post post = {
        .topic = TT_TOPIC_POST_KEYS,
        .source = TT_SOURCE_HOST,
        .payload = &payload,
        .flags = flags,
        .cause = seq,
    };
    (void)tt_bus_publish(loop->options.bus, &post, NULL); // a refusal is dead-lettered
}

void tt_bus_loop_keep_key(tt_bus_loop *loop, const tt_uuid *key, tt_seq seq)
{
    tt_bus_seen_add(loop->seen, key, seq);
    record(loop, key, seq, TT_MSG_INPUT);
}

void tt_bus_loop_record_key(tt_bus_loop *loop, const tt_uuid *key, tt_seq seq)
{
    record(loop, key, seq, 0);
}

void tt_bus_loop_recall(tt_bus_loop *loop, const tt_msg *msg)
{
    if (msg->topic != TT_TOPIC_POST_KEYS) {
        return;
    }
    const tt_post_key *key = TT_PAYLOAD(msg, POST_KEYS, post_key);
    if ((msg->flags & TT_MSG_INPUT) == 0) {
        tt_bus_recall_key(loop->options.bus, &key->idempotency, key->post_seq);
    } else if (tt_bus_seen_find(loop->seen, &key->idempotency) == 0) {
        tt_bus_seen_add(loop->seen, &key->idempotency, key->post_seq);
    } else {
        return;
    }
    tt_mailbox_add(&loop->counts.recalled, 1);
}

uint64_t tt_bus_loop_duplicates(const tt_bus_loop *loop, tt_topic topic)
{
    return (uint32_t)topic < TT_LOOP_TOPICS
               ? atomic_load_explicit(&loop->topics[topic].duplicates, memory_order_relaxed)
               : 0;
}
