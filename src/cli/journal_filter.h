/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Which messages of a journal are wanted.
 */
#ifndef TT_CLI_JOURNAL_FILTER_H
#define TT_CLI_JOURNAL_FILTER_H

#include "base/error.h"
#include "model/instrument.h"
#include "model/registry.h"

#include <stdbool.h>

/** The words of the options; NULL = not given. */
typedef struct tt_filter_words {
    const char *topic; /**< Name, or a pattern with * and ?. */
    const char *key;   /**< Symbol, or a number. */
    const char *correlation;
    const char *source;
    const char *since; /**< ISO 8601, or a span before the end of the journal, such as 10m. */
    const char *until;
    const char *from_seq;
    const char *to_seq;
    const char *limit;
    const char *last;
} tt_filter_words;

/** A message must meet all that is asked. Bounds belong to the range. */
typedef struct tt_journal_filter {
    const tt_registry *registry; /**< Names of declared topics; may grow. */
    const char *topic;           /**< Pattern for declared topics; NULL = all topics. */
    bool topics[TT_TOPIC_COUNT]; /**< Built-in topics, when `topic`. */
    bool has_key;
    bool has_correlation;
    bool has_source;
    uint16_t source;
    uint32_t key;
    tt_uuid correlation;
    tt_time since;
    tt_time until;
    tt_seq from_seq;
    tt_seq to_seq;
    uint64_t limit; /**< Messages at most; 0 = all. */
    uint64_t last;  /**< Only the last so many; 0 = all. */
} tt_journal_filter;

/** Tells whether topic and source can only be found among those that the journal declares. */
bool tt_filter_needs_names(const tt_filter_words *words);
/** Tells whether `since` or `until` counts back from the end of the journal. */
bool tt_filter_needs_end(const tt_filter_words *words);
/** Reads the words. `registry` knows what the journal declares, and is lent, as the words are, as
 * long as the filter. `end` is the time of the last message of the journal.
 * @retval TUTTI_PARSE, TUTTI_RANGE, TUTTI_NOT_FOUND, TUTTI_INVALID a word is not right; `error`
 * names the option and what would be right. @thread{any} @alloc{never} */
TUTTI_NODISCARD tutti_status tt_filter_parse(
    const tt_filter_words *words,
    const tt_instruments *instruments,
    const tt_registry *registry,
    tt_time end,
    tt_journal_filter *ret_filter,
    tt_error *error);
/** Tells whether a message is wanted; limit and last are the caller's. */
bool tt_filter_match(const tt_journal_filter *filter, const tt_msg *msg);
/** Tells whether nothing that follows this message can be wanted. */
bool tt_filter_is_past(const tt_journal_filter *filter, const tt_msg *msg);
/** Matches a whole name against a pattern: * stands for any text, ? for one character. */
bool tt_pattern_match(const char *pattern, const char *name);

#endif
