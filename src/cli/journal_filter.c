/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reads the filters of `tutti journal dump` and `tail`.
 */
#include "cli/journal_filter.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

bool tt_pattern_match(const char *pattern, const char *name)
{
    // Where the last * stands, and how much of the name it has taken: all the memory that is
    // needed.
    const char *star = NULL;
    const char *taken = NULL;
    while (*name != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            taken = name;
        } else if (*pattern == '?' || *pattern == *name) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star + 1;
            name = ++taken;
        } else {
            return false;
        }
    }
    while (*pattern == '*') {
        pattern++;
    }
    return *pattern == '\0';
}

/** Marks the built-in topics that a pattern takes; false if there is none. */
static bool mark_topics(const char *word, bool topics[TT_TOPIC_COUNT])
{
    bool has_any = false;
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        topics[topic] = tt_pattern_match(word, tt_topic_info_get(topic)->name);
        has_any = has_any || topics[topic];
    }
    return has_any;
}

/** A topic that nobody declared is known by its number. */
static bool takes_declared(const char *word, const tt_registry *registry, uint16_t topic)
{
    char number[TT_NUMBER_TEXT_MAX];
    return tt_pattern_match(word, tt_registry_topic_name(registry, topic, number));
}

static bool takes_any_declared(const char *word, const tt_registry *registry)
{
    for (uint32_t place = TT_TOPIC_COUNT; place < TT_TOPIC_PLACES; place++) {
        if (takes_declared(word, registry, tt_topic_at(place))) {
            return true;
        }
    }
    return false;
}

static tutti_status parse_topic(const char *word, tt_journal_filter *filter, tt_error *error)
{
    filter->topic = word;
    if (mark_topics(word, filter->topics) || takes_any_declared(word, filter->registry)) {
        return TUTTI_OK;
    }
    tt_error_set(error, TUTTI_NOT_FOUND, "--topic: there is no topic '%s'", word);
    tt_error_hint(
        error,
        "`tutti topics` lists them, the journal may declare more; a pattern such as "
        "'market_data.*' takes several");
    return TUTTI_NOT_FOUND;
}

static tutti_status parse_key(
    const char *word, const tt_instruments *instruments, tt_journal_filter *filter, tt_error *error)
{
    uint64_t number = 0;
    filter->has_key = true;
    for (uint32_t i = 0; i < instruments->count; i++) {
        if (strcmp(instruments->list[i].symbol, word) == 0) {
            filter->key = instruments->list[i].id.n;
            return TUTTI_OK;
        }
    }
    if (tt_text_parse_u64(word, strlen(word), &number) == TUTTI_OK && number <= UINT32_MAX) {
        filter->key = (uint32_t)number;
        return TUTTI_OK;
    }
    tt_error_set(error, TUTTI_NOT_FOUND, "--key: this journal has no symbol '%s'", word);
    if (instruments->count > 0) {
        tt_error_hint(
            error,
            "it has %s%s; 0 takes what belongs to no symbol",
            instruments->list[0].symbol,
            instruments->count > 1 ? " and others" : "");
    }
    return TUTTI_NOT_FOUND;
}

static tutti_status parse_correlation(const char *word, tt_journal_filter *filter, tt_error *error)
{
    filter->has_correlation = true;
    if (tt_uuid_parse(word, strlen(word), &filter->correlation) == TUTTI_OK) {
        return TUTTI_OK;
    }
    tt_error_set(error, TUTTI_PARSE, "--correlation: '%s' is not an id", word);
    tt_error_hint(error, "write it as `correlation` stands in --json, with 32 digits and 4 dashes");
    return TUTTI_PARSE;
}

static tutti_status parse_source(const char *word, tt_journal_filter *filter, tt_error *error)
{
    filter->has_source = true;
    if (tt_registry_find_source(filter->registry, word, strlen(word), &filter->source)) {
        return TUTTI_OK;
    }
    char names[200];
    tt_text_buf text;
    tt_text_init(&text, names, sizeof names);
    for (uint16_t source = 0; source < TT_SOURCE_COUNT; source++) {
        tt_text_appendf(&text, "%s%s", source == 0 ? "" : ", ", tt_source_text(source));
    }
    tt_error_set(error, TUTTI_NOT_FOUND, "--source: there is no source '%s'", word);
    tt_error_hint(error, "sources: %s", names);
    return TUTTI_NOT_FOUND;
}

/** Units of a relative time. */
static const struct {
    const char *name;
    int64_t ns;
} units[] = {
    {"ms", TT_NS_PER_MS},
    {"s", TT_NS_PER_S},
    {"m", 60 * TT_NS_PER_S},
    {"h", 3600 * TT_NS_PER_S},
    {"d", TT_NS_PER_DAY},
};

/** Reads digits and a unit. */
static bool parse_span(const char *word, int64_t *ret_ns)
{
    size_t digits = strspn(word, "0123456789");
    uint64_t count = 0;
    if (digits == 0 || tt_text_parse_u64(word, digits, &count) != TUTTI_OK) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(word + digits, units[i].name) == 0 &&
            count <= (uint64_t)(INT64_MAX / units[i].ns)) {
            *ret_ns = (int64_t)count * units[i].ns;
            return true;
        }
    }
    return false;
}

bool tt_filter_needs_names(const tt_filter_words *words)
{
    bool ignored[TT_TOPIC_COUNT];
    uint16_t source;
    return (words->topic != NULL && !mark_topics(words->topic, ignored)) ||
           (words->source != NULL &&
            !tt_source_find(words->source, strlen(words->source), &source));
}

bool tt_filter_needs_end(const tt_filter_words *words)
{
    int64_t ignored = 0;
    return (words->since != NULL && parse_span(words->since, &ignored)) ||
           (words->until != NULL && parse_span(words->until, &ignored));
}

static tutti_status
parse_time(const char *option, const char *word, tt_time end, tt_time *ret_time, tt_error *error)
{
    int64_t span = 0;
    if (word == NULL || tt_time_parse(word, strlen(word), ret_time) == TUTTI_OK) {
        return TUTTI_OK;
    }
    if (parse_span(word, &span)) {
        ret_time->ns = end.ns < INT64_MIN + span ? INT64_MIN : end.ns - span;
        return TUTTI_OK;
    }
    tt_error_set(error, TUTTI_PARSE, "%s: '%s' is not a time", option, word);
    tt_error_hint(
        error,
        "write 2022-01-03T10:00:00Z (UTC), a date, or a span before the end of the journal: "
        "500ms, 30s, 10m, 2h, 1d");
    return TUTTI_PARSE;
}

static tutti_status parse_number(
    const char *option, const char *word, uint64_t least, uint64_t *ret_number, tt_error *error)
{
    if (word == NULL) {
        return TUTTI_OK;
    }
    tutti_status status = tt_text_parse_u64(word, strlen(word), ret_number);
    if (status == TUTTI_OK && *ret_number >= least) {
        return TUTTI_OK;
    }
    status = status == TUTTI_OK ? TUTTI_RANGE : status;
    tt_error_set(
        error, status, "%s: '%s' is not a number of at least %" PRIu64, option, word, least);
    tt_error_hint(error, "write digits alone, such as %s 100", option);
    return status;
}

static tutti_status
parse_range(const tt_filter_words *words, tt_time end, tt_journal_filter *filter, tt_error *error)
{
    TUTTI_TRY(parse_time("--since", words->since, end, &filter->since, error));
    TUTTI_TRY(parse_time("--until", words->until, end, &filter->until, error));
    TUTTI_TRY(parse_number("--from-seq", words->from_seq, 0, &filter->from_seq, error));
    TUTTI_TRY(parse_number("--to-seq", words->to_seq, 0, &filter->to_seq, error));
    TUTTI_TRY(parse_number("--limit", words->limit, 1, &filter->limit, error));
    TUTTI_TRY(parse_number("--last", words->last, 1, &filter->last, error));
    if (filter->since.ns > filter->until.ns) {
        return tt_error_set(error, TUTTI_INVALID, "--since is later than --until");
    }
    if (filter->from_seq > filter->to_seq) {
        return tt_error_set(error, TUTTI_INVALID, "--from-seq is larger than --to-seq");
    }
    if (filter->limit != 0 && filter->last != 0) {
        tt_error_set(error, TUTTI_INVALID, "--limit and --last exclude each other");
        tt_error_hint(error, "--limit N gives the first N, --last N the last N");
        return TUTTI_INVALID;
    }
    return TUTTI_OK;
}

tutti_status tt_filter_parse(
    const tt_filter_words *words,
    const tt_instruments *instruments,
    const tt_registry *registry,
    tt_time end,
    tt_journal_filter *ret_filter,
    tt_error *error)
{
    *ret_filter = (tt_journal_filter){
        .registry = registry, .since = {INT64_MIN}, .until = TT_TIME_NEVER, .to_seq = UINT64_MAX};
    if (words->topic != NULL) {
        TUTTI_TRY(parse_topic(words->topic, ret_filter, error));
    }
    if (words->key != NULL) {
        TUTTI_TRY(parse_key(words->key, instruments, ret_filter, error));
    }
    if (words->correlation != NULL) {
        TUTTI_TRY(parse_correlation(words->correlation, ret_filter, error));
    }
    if (words->source != NULL) {
        TUTTI_TRY(parse_source(words->source, ret_filter, error));
    }
    return parse_range(words, end, ret_filter, error);
}

static bool takes_topic(const tt_journal_filter *filter, uint16_t topic)
{
    return topic < TT_TOPIC_COUNT ? filter->topics[topic]
                                  : takes_declared(filter->topic, filter->registry, topic);
}

bool tt_filter_match(const tt_journal_filter *filter, const tt_msg *msg)
{
    if (msg->seq < filter->from_seq || msg->seq > filter->to_seq) {
        return false;
    }
    if (msg->time.ns < filter->since.ns || msg->time.ns > filter->until.ns) {
        return false;
    }
    if (filter->topic != NULL && !takes_topic(filter, msg->topic)) {
        return false;
    }
    if (filter->has_key && msg->key != filter->key) {
        return false;
    }
    if (filter->has_source && msg->source != filter->source) {
        return false;
    }
    return !filter->has_correlation || tt_uuid_eq(msg->correlation, filter->correlation);
}

bool tt_filter_is_past(const tt_journal_filter *filter, const tt_msg *msg)
{
    // Numbers and times never fall from message to message.
    return msg->seq >= filter->to_seq || msg->time.ns > filter->until.ns;
}
