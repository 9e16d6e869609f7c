/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A message: 64 bytes of head, then the payload. Its bytes in memory are its bytes in the journal.
 */
#ifndef TT_MODEL_MESSAGE_H
#define TT_MODEL_MESSAGE_H

#include "base/error.h"
#include "model/text.h"
#include "model/topics.h"

/** Largest payload of any topic. */
#define TT_PAYLOAD_MAX 4032
/** The message came from outside (an input); everything else was published by the core. */
#define TT_MSG_INPUT 1u

/** Head of a message. No padding; little-endian hosts only (asserted in the build). */
typedef struct tt_msg {
    tt_seq seq;          /**< Place in the total order. */
    tt_time time;        /**< Engine time. */
    tt_seq cause;        /**< Message whose handling published this one; 0 for an input without. */
    tt_uuid correlation; /**< Groups all messages of one decision, call or trade. */
    uint32_t key;        /**< Instrument or other subject; 0 = none. */
    uint32_t ttl_ms;     /**< Strictly older is expired; 0 = never. */
    uint16_t topic;
    uint16_t source; /**< Who published; see tt_source. */
    uint16_t size;   /**< Payload bytes; a multiple of 16. */
    uint8_t kind;
    uint8_t priority;
    uint8_t flags;
    uint8_t reserved_byte; /**< Zero. */
    uint16_t target;       /**< Only for subscriptions with this address; 0 = for all. */
    uint8_t reserved[4];   /**< Zero. */
} tt_msg;

/** Returns the payload that follows the head. Items past the used ones of a list are not there. */
static inline const void *tt_msg_payload(const tt_msg *msg)
{
    return msg + 1;
}
/** Bytes of the longest message. */
#define TT_MSG_BYTES_MAX (sizeof(tt_msg) + TT_PAYLOAD_MAX)
/** Head and payload together. */
static inline size_t tt_msg_bytes(const tt_msg *msg)
{
    return sizeof *msg + msg->size;
}
/** Payload with its type; asserts the topic. Used as TT_PAYLOAD(msg, FILLS, fill). */
#define TT_PAYLOAD(msg, TOPIC, type)                                                               \
    (TT_ASSERT((msg)->topic == TT_TOPIC_##TOPIC), (const tt_##type *)tt_msg_payload(msg))

/** Who may publish. Stored in the journal: append only. */
// clang-format off
#define TT_SOURCE_LIST(S)                                                                          \
    S(NONE, "none") S(FEED, "feed") S(VENUE, "venue") S(HOST, "host") S(OPERATOR, "operator")      \
    S(ENGINE, "engine") S(BUS, "bus") S(MARKET, "market") S(STRATEGY, "strategy")                  \
    S(COORDINATOR, "coordinator") S(RISK, "risk") S(TRADE, "trade")                                \
    S(AGENT_TA, "technical_analysis") S(AGENT_REGIME, "regime_detection")                          \
    S(AGENT_SENTIMENT, "sentiment_analysis") S(AGENT_DECISION, "trading_decision")                 \
    S(AGENT_PORTFOLIO, "portfolio_rebalance") S(AGENT_ARBITER, "arbiter")                          \
    S(PORTFOLIO, "portfolio")
// clang-format on
typedef enum tt_source {
#define TT_SOURCE_ID_(id, text) TT_SOURCE_##id,
    TT_SOURCE_LIST(TT_SOURCE_ID_)
#undef TT_SOURCE_ID_
    TT_SOURCE_COUNT
} tt_source;
/** Returns the name of a source, "?" if there is none of that number. */
const char *tt_source_text(uint16_t source);
/** Finds a source by name; false if there is none. */
bool tt_source_find(const char *name, size_t length, uint16_t *source);

/**
 * Checks a payload that came from outside the core: size fits the layout, enums in range, flags
 * 0 or 1, texts NUL-terminated and zero after the end, valid UTF-8, reserved bytes zero, count
 * within capacity, decimals, times and spans within the bounds of limits.h. Items behind the used
 * ones are not looked at: they never become part of a message.
 * @retval TUTTI_INVALID with the field named in `error`. @thread{any} @alloc{never}
 */
TUTTI_NODISCARD tutti_status
tt_payload_check(const tt_layout *layout, const void *payload, size_t size, tt_error *error);

#endif
