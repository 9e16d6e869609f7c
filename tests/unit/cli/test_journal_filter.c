/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Filters: every word right and wrong, the bounds of ranges, patterns against a simple model.
 */
#include "../../lib/test.h"
#include "base/random.h"
#include "base/text.h"
#include "cli/journal_filter.h"

static tt_instruments instruments;
static const tt_registry *registry; /* NULL: nothing is declared */
static const tt_time end = {INT64_C(1704067200) * TT_NS_PER_S};

static int clear(void **state)
{
    (void)state;
    instruments = (tt_instruments){.count = 2};
    strcpy(instruments.list[0].symbol, "BTC/USDT");
    instruments.list[0].id.n = 1;
    strcpy(instruments.list[1].symbol, "ETH/USDT");
    instruments.list[1].id.n = 2;
    return 0;
}

static tt_journal_filter parse(tt_filter_words words)
{
    tt_journal_filter filter;
    tt_error error = {0};
    assert_int_equal(
        tt_filter_parse(&words, &instruments, registry, end, &filter, &error), TUTTI_OK);
    return filter;
}

/** Requires that the words are refused, with `said` in the message and a hint if there is one. */
static void refuse(tt_filter_words words, tutti_status status, const char *said, const char *hint)
{
    tt_journal_filter filter;
    tt_error error = {0};
    assert_int_equal(tt_filter_parse(&words, &instruments, registry, end, &filter, &error), status);
    if (strstr(error.message, said) == NULL || strstr(error.hint, hint) == NULL) {
        fail_msg("said '%s', hint '%s'", error.message, error.hint);
    }
}

static tt_msg message(tt_seq seq, tt_topic topic, uint32_t key)
{
    return (tt_msg){
        .seq = seq, .time = end, .topic = (uint16_t)topic, .key = key, .source = TT_SOURCE_TRADE};
}

static void nothing_asked_takes_all(void **state)
{
    (void)state;
    tt_journal_filter filter = parse((tt_filter_words){0});
    tt_msg msg = message(1, TT_TOPIC_FILLS, 0);
    assert_true(tt_filter_match(&filter, &msg));
    assert_false(tt_filter_is_past(&filter, &msg));
    msg.time.ns = INT64_MIN;
    assert_true(tt_filter_match(&filter, &msg));
    msg.time.ns = INT64_MAX;
    msg.seq = UINT64_MAX - 1;
    assert_true(tt_filter_match(&filter, &msg));
}

static void topics_by_name_and_pattern(void **state)
{
    (void)state;
    tt_journal_filter filter = parse((tt_filter_words){.topic = "market_data.*"});
    tt_msg bar = message(1, TT_TOPIC_MARKET_BAR, 1);
    tt_msg quote = message(1, TT_TOPIC_MARKET_QUOTE, 1);
    tt_msg fill = message(1, TT_TOPIC_FILLS, 1);
    tt_msg foreign = message(1, (tt_topic)1024, 1);
    assert_true(tt_filter_match(&filter, &bar) && tt_filter_match(&filter, &quote));
    assert_false(tt_filter_match(&filter, &fill));
    assert_false(tt_filter_match(&filter, &foreign));
    filter = parse((tt_filter_words){.topic = "fill?"});
    assert_true(tt_filter_match(&filter, &fill));
    assert_false(tt_filter_match(&filter, &bar));
    refuse((tt_filter_words){.topic = "fill"}, TUTTI_NOT_FOUND, "no topic 'fill'", "tutti topics");
    refuse((tt_filter_words){.topic = ""}, TUTTI_NOT_FOUND, "no topic ''", "tutti topics");
}

static void declared_topics_and_sources_by_name(void **state)
{
    (void)state;
    tt_arena arena = {0};
    tt_registry *declared = NULL;
    tt_topic_declaration topic = {
        .topic_id = 1024, .name = "news.wire", .schema = "n:u64", .priority = TT_priority_NORMAL};
    tt_source_declaration source = {.source_id = 256, .name = "robot"};
    assert_int_equal(tt_arena_init(&arena, tt_registry_memory(2, 1)), TUTTI_OK);
    assert_int_equal(tt_registry_new(2, 1, &arena, &declared), TUTTI_OK);
    assert_true(tt_filter_needs_names(&(tt_filter_words){.topic = "news.*"}));
    assert_true(tt_filter_needs_names(&(tt_filter_words){.source = "robot"}));
    assert_false(tt_filter_needs_names(&(tt_filter_words){.topic = "market*", .source = "feed"}));
    assert_false(tt_filter_needs_names(&(tt_filter_words){0}));
    registry = declared;
    refuse((tt_filter_words){.topic = "news.*"}, TUTTI_NOT_FOUND, "no topic", "may declare more");
    refuse((tt_filter_words){.source = "robot"}, TUTTI_NOT_FOUND, "no source 'robot'", "feed");
    assert_int_equal(tt_registry_add_topic(declared, &topic, NULL), TUTTI_OK);
    assert_int_equal(tt_registry_add_source(declared, &source, NULL), TUTTI_OK);
    tt_msg news = message(1, (tt_topic)1024, 1);
    tt_msg unknown = message(2, (tt_topic)1025, 1);
    tt_msg fill = message(3, TT_TOPIC_FILLS, 1);
    tt_journal_filter filter = parse((tt_filter_words){.topic = "news.*"});
    assert_true(tt_filter_match(&filter, &news));
    assert_false(tt_filter_match(&filter, &unknown) || tt_filter_match(&filter, &fill));
    filter = parse((tt_filter_words){.topic = "1025"}); // one without a name, by its number
    assert_true(tt_filter_match(&filter, &unknown));
    assert_false(tt_filter_match(&filter, &news));
    filter = parse((tt_filter_words){.topic = "*"});
    assert_true(tt_filter_match(&filter, &news) && tt_filter_match(&filter, &fill));
    filter = parse((tt_filter_words){.source = "robot"});
    assert_false(tt_filter_match(&filter, &news));
    news.source = 256;
    assert_true(tt_filter_match(&filter, &news));
    registry = NULL;
    tt_arena_fini(&arena);
}

static void keys_by_symbol_and_number(void **state)
{
    (void)state;
    tt_journal_filter filter = parse((tt_filter_words){.key = "ETH/USDT"});
    tt_msg one = message(1, TT_TOPIC_FILLS, 1);
    tt_msg two = message(1, TT_TOPIC_FILLS, 2);
    assert_true(!tt_filter_match(&filter, &one) && tt_filter_match(&filter, &two));
    filter = parse((tt_filter_words){.key = "1"});
    assert_true(tt_filter_match(&filter, &one) && !tt_filter_match(&filter, &two));
    refuse(
        (tt_filter_words){.key = "BTC"}, TUTTI_NOT_FOUND, "no symbol 'BTC'", "BTC/USDT and others");
    refuse((tt_filter_words){.key = "4294967296"}, TUTTI_NOT_FOUND, "--key", "BTC/USDT");
}

static void correlation_and_source(void **state)
{
    (void)state;
    const char *id = "01234567-89ab-7cde-8f01-23456789abcd";
    tt_journal_filter filter = parse((tt_filter_words){.correlation = id, .source = "trade"});
    tt_msg msg = message(1, TT_TOPIC_FILLS, 1);
    assert_false(tt_filter_match(&filter, &msg));
    assert_int_equal(tt_uuid_parse(id, strlen(id), &msg.correlation), TUTTI_OK);
    assert_true(tt_filter_match(&filter, &msg));
    msg.source = TT_SOURCE_RISK;
    assert_false(tt_filter_match(&filter, &msg));
    refuse(
        (tt_filter_words){.correlation = "0123"}, TUTTI_PARSE, "'0123' is not an id", "32 digits");
    refuse((tt_filter_words){.source = "trad"}, TUTTI_NOT_FOUND, "no source 'trad'", "trade");
}

static void bounds_belong_to_the_range(void **state)
{
    (void)state;
    tt_journal_filter filter = parse((tt_filter_words){.from_seq = "5", .to_seq = "7"});
    for (tt_seq seq = 4; seq <= 8; seq++) {
        tt_msg msg = message(seq, TT_TOPIC_FILLS, 1);
        assert_int_equal(tt_filter_match(&filter, &msg), seq >= 5 && seq <= 7);
        assert_int_equal(tt_filter_is_past(&filter, &msg), seq >= 7);
    }
    filter =
        parse((tt_filter_words){.since = "2023-12-31T23:59:59Z", .until = "2024-01-01T00:00:00Z"});
    for (int64_t offset = -2; offset <= 1; offset++) {
        tt_msg msg = message(1, TT_TOPIC_FILLS, 1);
        msg.time.ns += offset * TT_NS_PER_S;
        assert_int_equal(tt_filter_match(&filter, &msg), offset >= -1 && offset <= 0);
        assert_int_equal(tt_filter_is_past(&filter, &msg), offset > 0);
    }
    refuse((tt_filter_words){.from_seq = "8", .to_seq = "7"}, TUTTI_INVALID, "--from-seq", "");
    refuse(
        (tt_filter_words){.since = "2024-01-02", .until = "2024-01-01"},
        TUTTI_INVALID,
        "--since",
        "");
}

static void spans_count_back_from_the_end(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int64_t ns;
    } rows[] = {
        {"500ms", 500 * TT_NS_PER_MS},
        {"30s", 30 * TT_NS_PER_S},
        {"10m", 600 * TT_NS_PER_S},
        {"2h", 7200 * TT_NS_PER_S},
        {"1d", 86400 * TT_NS_PER_S},
        {"0s", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tt_filter_words words = {.since = rows[i].word};
        assert_true(tt_filter_needs_end(&words));
        assert_int_equal(parse(words).since.ns, end.ns - rows[i].ns);
    }
    const tt_filter_words absolute = {.since = "2024-01-01", .until = "2024-01-02"};
    assert_false(tt_filter_needs_end(&absolute));
    const char *wrong[] = {
        "10", "m", "10 m", "-10m", "10min", "1e3s", "9223372036854775807d", "", "soon"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        refuse((tt_filter_words){.until = wrong[i]}, TUTTI_PARSE, "--until: '", "10m");
    }
}

static void counts(void **state)
{
    (void)state;
    assert_int_equal(parse((tt_filter_words){.limit = "3"}).limit, 3);
    assert_int_equal(parse((tt_filter_words){.last = "18446744073709551615"}).last, UINT64_MAX);
    refuse((tt_filter_words){.limit = "0"}, TUTTI_RANGE, "--limit: '0'", "digits");
    refuse((tt_filter_words){.last = "-1"}, TUTTI_PARSE, "--last: '-1'", "digits");
    refuse((tt_filter_words){.to_seq = "18446744073709551616"}, TUTTI_RANGE, "--to-seq", "digits");
    refuse(
        (tt_filter_words){.limit = "1", .last = "1"},
        TUTTI_INVALID,
        "exclude each other",
        "first N");
}

/** The meaning of a pattern, as short as it can be said. */
static bool model(const char *pattern, const char *name)
{
    if (*pattern == '\0') {
        return *name == '\0';
    }
    if (*pattern == '*') {
        return model(pattern + 1, name) || (*name != '\0' && model(pattern, name + 1));
    }
    return *name != '\0' && (*pattern == '?' || *pattern == *name) && model(pattern + 1, name + 1);
}

static void patterns_follow_the_model(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 11, 0);
    unsigned matches = 0;
    for (int round = 0; round < 200000; round++) {
        char pattern[8] = {0};
        char name[8] = {0};
        for (uint64_t i = tt_random_below(&random, 7); i > 0; i--) {
            pattern[strlen(pattern)] = "ab*?"[tt_random_below(&random, 4)];
        }
        for (uint64_t i = tt_random_below(&random, 7); i > 0; i--) {
            name[strlen(name)] = "ab"[tt_random_below(&random, 2)];
        }
        bool wanted = model(pattern, name);
        matches += wanted;
        if (tt_pattern_match(pattern, name) != wanted) {
            fail_msg("pattern '%s' name '%s'", pattern, name);
        }
    }
    assert_true(matches > 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_asked_takes_all, clear),
        cmocka_unit_test_setup(topics_by_name_and_pattern, clear),
        cmocka_unit_test_setup(declared_topics_and_sources_by_name, clear),
        cmocka_unit_test_setup(keys_by_symbol_and_number, clear),
        cmocka_unit_test_setup(correlation_and_source, clear),
        cmocka_unit_test_setup(bounds_belong_to_the_range, clear),
        cmocka_unit_test_setup(spans_count_back_from_the_end, clear),
        cmocka_unit_test_setup(counts, clear),
        cmocka_unit_test(patterns_follow_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
