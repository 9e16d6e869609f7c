/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How the bytes of a message are written: head and payload, word by word, to the outbox and to the
 * history in one pass. Inline, for the hot path in bus.c alone.
 */
#ifndef TT_BUS_BUS_WRITE_H
#define TT_BUS_BUS_WRITE_H

#include "bus/bus_priv.h"

#include <string.h>

_Static_assert(
    offsetof(tt_msg, key) == 40 && offsetof(tt_msg, ttl_ms) == 44 &&
        offsetof(tt_msg, topic) == 48 && offsetof(tt_msg, source) == 50 &&
        offsetof(tt_msg, size) == 52 && offsetof(tt_msg, kind) == 54 &&
        offsetof(tt_msg, priority) == 55 && offsetof(tt_msg, flags) == 56 &&
        offsetof(tt_msg, target) == 58 && sizeof(tt_msg) == 64,
    "words and fields are the same bytes");

/** Words of a head, as they lie in memory. Whole words go from registers into the outbox: fields of
 * a few bytes would be read back, as words, before they have left the store buffer, which costs
 * more than all the rest of a publish. */
enum head_word {
    HEAD_SEQ,
    HEAD_TIME,
    HEAD_CAUSE,
    HEAD_CORRELATION,
    HEAD_KEY_TTL = 5,
    HEAD_TOPIC_TO_PRIORITY,
    HEAD_FLAGS_TARGET
};

/** Reads a word into a register of its own. A publisher has often just written what is read field
 * by field: a load that is wider than these stores has to wait until they have reached the cache.
 * Left alone, the compiler would join two of them. */
static inline uint64_t load_word(const void *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    __asm__("" : "+r"(word));
    return word;
}

/** What becomes of a message in the history. */
enum keeping {
    KEEP_NONE,
    KEEP_NEAR,
    KEEP_FAR, /**< Its slot has left the cache: it is written without fetching it first. */
};

/** Two words, which leave for the cache as one store. */
typedef uint64_t word_pair __attribute__((vector_size(16), aligned(1), may_alias));

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/** Two words, each read by itself: see load_word. */
HOT_INLINE word_pair load_halves(const void *low, const void *high)
{
    word_pair pair;
    __asm__("movq %1, %0\n\tmovhps %2, %0"
            : "=x"(pair)
            : "m"(*(const uint64_t *)low), "m"(*(const uint64_t *)high));
    return pair;
}

/** The two words that lie a constant number of bytes behind `from`. What is read is not told to the
 * compiler: see put_payload. */
#define LOAD_PAIR_AT(from_, more_)                                                                 \
    __extension__({                                                                                \
        word_pair pair_;                                                                           \
        __asm__("movq %c2(%1), %0\n\tmovhps %c3(%1), %0"                                           \
                : "=x"(pair_)                                                                      \
                : "r"(from_), "i"(more_), "i"((more_) + 8));                                       \
        pair_;                                                                                     \
    })

/* Stores past the cache. Their thread sees them in order; whoever hands the history to another one
 * copies it. */

HOT_INLINE void stream_word(uint64_t *to, uint64_t word)
{
    __asm__("movnti %1, %0" : "=m"(*to) : "r"(word));
}

HOT_INLINE void stream_pair(uint64_t *to, word_pair pair)
{
    __asm__("movntps %1, %0" : "=m"(*(word_pair *)(void *)to) : "x"(pair));
}
#else
HOT_INLINE word_pair load_halves(const void *low, const void *high)
{
    return (word_pair){load_word(low), load_word(high)};
}

#define LOAD_PAIR_AT(from_, more_) load_halves((from_) + (more_), (from_) + (more_) + 8)

HOT_INLINE void stream_word(uint64_t *to, uint64_t word)
{
    *to = word;
}

HOT_INLINE void stream_pair(uint64_t *to, word_pair pair)
{
    *(word_pair *)(void *)to = pair;
}
#endif

HOT_INLINE word_pair load_pair(const unsigned char *from)
{
    return load_halves(from, from + sizeof(uint64_t));
}

/** Where a message is written: into the outbox, and into the history if it is kept. */
struct places {
    uint64_t *sent; // the build has no strict aliasing
    uint64_t *kept;
    enum keeping keeping;
};

HOT_INLINE void put_word(struct places to, uint32_t at, uint64_t word)
{
    to.sent[at] = word;
    if (to.keeping == KEEP_FAR) {
        stream_word(&to.kept[at], word);
    } else if (to.keeping == KEEP_NEAR) {
        to.kept[at] = word;
    }
}

/** Both places lie at multiples of 16 bytes. */
HOT_INLINE void put_pair(struct places to, uint32_t at, word_pair pair)
{
    *(word_pair *)(void *)&to.sent[at] = pair;
    if (to.keeping == KEEP_FAR) {
        stream_pair(&to.kept[at], pair);
    } else if (to.keeping == KEEP_NEAR) {
        *(word_pair *)(void *)&to.kept[at] = pair;
    }
}

HOT_INLINE struct places places_from(struct places to, int64_t bytes)
{
    to.sent = (uint64_t *)(void *)((unsigned char *)to.sent + bytes);
    if (to.keeping != KEEP_NONE) {
        to.kept = (uint64_t *)(void *)((unsigned char *)to.kept + bytes);
    }
    return to;
}

HOT_INLINE void put_words(struct places to, const unsigned char *from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 2) {
        put_pair(to, i, load_pair(from + sizeof(uint64_t) * i));
    }
}

/** Copies 64 bytes, to `at` bytes and a constant more behind the start of a message. */
#define PUT_LINE(to_, at_, from_)                                                                  \
    do {                                                                                           \
        put_pair(places_from(to_, at_), 0, LOAD_PAIR_AT(from_, 0));                                \
        put_pair(places_from(to_, at_), 2, LOAD_PAIR_AT(from_, 16));                               \
        put_pair(places_from(to_, at_), 4, LOAD_PAIR_AT(from_, 32));                               \
        put_pair(places_from(to_, at_), 6, LOAD_PAIR_AT(from_, 48));                               \
    } while (0)

/** Copies `size` bytes, a multiple of 16 and not 0, to behind the head: 64 at a time, what is left
 * over first. */
HOT_INLINE void put_payload(struct places to, const unsigned char *from, uint64_t size)
{
    // What was written before is in memory, and the size in one register, not in two widths of it.
    __asm__ volatile("" : "+r"(size) : : "memory");
    if (LIKELY(size == 64)) {
        PUT_LINE(to, 64, from);
        return;
    }
    const unsigned char *end = from + size;
    to = places_from(to, (int64_t)sizeof(tt_msg));
    for (; (size & 63) != 0; size -= 16, from += 16) {
        put_pair(to, 0, LOAD_PAIR_AT(from, 0));
        to = places_from(to, 16);
    }
    while (from != end) {
        PUT_LINE(to, 0, from);
        to = places_from(to, 64);
        from += 64;
        __asm__ volatile("" : "+r"(from) : : "memory");
    }
}

#endif
