/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Opening mailboxes and publishers of the library: what is refused, with its words, and how many
 * there can be.
 */
#include "fixture.h"

#include <tutti/mailbox.h>

static tutti_status open_of(struct plant *plant, const tutti_mailbox_options *options, char *text)
{
    tutti_error error = {0};
    tutti_mailbox *mailbox = NULL;
    tutti_status status = tutti_mailbox_open(plant->bus, options, &mailbox, &error);
    assert_true((status == TUTTI_OK) == (mailbox != NULL));
    (void)snprintf(text, sizeof error.message, "%s", error.message);
    return status;
}

static void a_number_beyond_its_bound_is_told(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    const tutti_retry many = {.count = TUTTI_RETRIES_MAX + 1};
    const struct {
        tutti_mailbox_options options;
        const char *what;
    } beyond[] = {
        {{.count_max = (1u << 20) + 1}, "count_max is not between 0 and 1048576"},
        {{.count_max = UINT32_MAX}, "count_max is not between 0 and 1048576"},
        {{.policy = TUTTI_MAILBOX_DROP_OLDEST, .count_max = 65537},
         "count_max is not between 0 and 65536"},
        {{.policy = TUTTI_MAILBOX_CONFLATE, .count_max = 65537},
         "count_max is not between 0 and 65536"},
        {{.policy = TUTTI_MAILBOX_CONFLATE, .count_max = UINT32_MAX},
         "count_max is not between 0 and 65536"},
        {{.policy = (tutti_mailbox_policy)6}, "policy is not between 0 and 5"},
        {{.bytes_max = 4095}, "bytes_max is not between 4096 and 268435456"},
        {{.bytes_max = (1u << 28) + 1}, "bytes_max is not between 4096 and 268435456"},
        {{.block_ns = -1}, "block_ns is not between 0 and 9223372036854775807"},
        {{.retry = &many}, "retry->count is not between 0 and 8"},
    };
    char text[sizeof(tutti_error)];
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        char expected[128];
        tutti_mailbox_options options = beyond[i].options;
        (void)snprintf(
            expected, sizeof expected, "the mailbox \"inn\" cannot open: %s", beyond[i].what);
        options.name = "inn";
        options.topic = plant.readings;
        assert_int_equal(open_of(&plant, &options, text), TUTTI_INVALID);
        assert_string_equal(text, expected);
    }
    plant_close(&plant);
}

static void a_mailbox_without_name_or_topic_is_told(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    char text[sizeof(tutti_error)];
    char longest[64];
    memset(longest, 'a', sizeof longest - 1);
    longest[63] = '\0';
    const tutti_mailbox_options unnamed = {.topic = plant.readings};
    assert_int_equal(open_of(&plant, &unnamed, text), TUTTI_INVALID);
    assert_string_equal(text, "a mailbox needs a name of at most 31 bytes");
    const tutti_mailbox_options named = {
        .name = "a name of no more than 31 bytes.", .topic = plant.readings};
    assert_int_equal(open_of(&plant, &named, text), TUTTI_INVALID);
    assert_string_equal(text, "a mailbox needs a name of at most 31 bytes");
    const tutti_mailbox_options fits = {
        .name = "a name of no more than 31 bytes", .pattern = longest};
    assert_int_equal(open_of(&plant, &fits, text), TUTTI_OK);
    const tutti_mailbox_options blank = {.name = "", .topic = plant.readings};
    assert_int_equal(open_of(&plant, &blank, text), TUTTI_INVALID);
    assert_string_equal(text, "a mailbox needs a name of at most 31 bytes");
    const tutti_mailbox_options both = {.name = "inn", .topic = plant.readings, .pattern = "*"};
    assert_int_equal(open_of(&plant, &both, text), TUTTI_INVALID);
    assert_string_equal(
        text, "subscription 1 of the mailbox \"inn\" has a topic and a pattern: give one of them");
    const tutti_mailbox_options never = {.name = "inn", .topic = plant.readings, .priority_min = 5};
    assert_int_equal(open_of(&plant, &never, text), TUTTI_INVALID);
    assert_string_equal(
        text, "subscription 1 of the mailbox \"inn\": no message has a priority of 5");
    const tutti_mailbox_options nothing = {.name = "inn"};
    assert_int_equal(open_of(&plant, &nothing, text), TUTTI_INVALID);
    assert_string_equal(
        text,
        "subscription 1 of the mailbox \"inn\" needs a topic, or a pattern that a name can fit");
    char longer[65];
    memset(longer, 'a', sizeof longer - 1);
    longer[64] = '\0';
    const tutti_mailbox_options wide = {.name = "inn", .pattern = longer};
    assert_int_equal(open_of(&plant, &wide, text), TUTTI_INVALID);
    assert_string_equal(text, "the pattern of mailbox \"inn\" has more than 63 bytes");
    plant_close(&plant);
}

static tutti_status publisher_of(struct plant *plant, uint32_t ring_bytes)
{
    tutti_error error = {0};
    tutti_publisher *publisher = NULL;
    const tutti_publisher_options options = {.name = "out", .ring_bytes = ring_bytes};
    tutti_status status = tutti_publisher_open(plant->bus, &options, &publisher, &error);
    if (status != TUTTI_OK) {
        char text[sizeof error.message];
        (void)snprintf(text, sizeof text, "cannot open a publisher: %s", tutti_status_text(status));
        assert_string_equal(error.message, text);
    }
    return status;
}

/** Opens all publishers that are left; tells how many they were. */
static uint32_t count_publishers(struct plant *plant)
{
    uint32_t count = 0;
    while (publisher_of(plant, 0) == TUTTI_OK) {
        count++;
    }
    return count;
}

/** There are 64, and nothing that is refused takes a place or one of the 256 publishers. */
static void refused_mailboxes_take_nothing(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    char text[sizeof(tutti_error)];
    const tutti_mailbox_want second = {.pattern = "a b"};
    const tutti_mailbox_options wrong[] = {
        {.name = "inn", .topic = plant.readings, .count_max = UINT32_MAX},
        {.name = "inn", .pattern = "a b"},
        {.name = "inn", .topic = plant.readings, .more = &second, .more_count = 1},
        {.name = "inn"},
        {.name = "", .topic = plant.readings},
    };
    for (uint32_t i = 0; i < 1000; i++) {
        const tutti_mailbox_options *options = &wrong[i % (sizeof wrong / sizeof wrong[0])];
        assert_int_equal(open_of(&plant, options, text), TUTTI_INVALID);
    }
    tutti_mailbox_options right = {.topic = plant.readings, .count_max = 2, .bytes_max = 4096};
    for (uint32_t i = 0; i < 64; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "inn %u", i);
        right.name = name;
        assert_int_equal(open_of(&plant, &right, text), TUTTI_OK);
    }
    right.name = "inn";
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(open_of(&plant, &right, text), TUTTI_LIMIT);
    }
    assert_string_equal(text, "the mailbox \"inn\" cannot open: a declared bound was reached");
    assert_int_equal(count_publishers(&plant), 256 - 64);
    plant_close(&plant);
}

/** Each mailbox has one of them, for its dead letters. */
static void a_bus_has_256_publishers(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    char text[sizeof(tutti_error)];
    const tutti_mailbox_options box = {.name = "inn", .topic = plant.readings};
    assert_int_equal(open_of(&plant, &box, text), TUTTI_OK);
    for (int i = 1; i < 256; i++) {
        assert_int_equal(publisher_of(&plant, 0), TUTTI_OK);
    }
    assert_int_equal(publisher_of(&plant, 0), TUTTI_LIMIT);
    const tutti_mailbox_options another = {.name = "another", .topic = plant.readings};
    assert_int_equal(open_of(&plant, &another, text), TUTTI_LIMIT);
    plant_close(&plant);
}

/** Dead letters go back by the name of their mailbox: of one name one is open. */
static void a_name_is_that_of_one_open_mailbox(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    tutti_error error = {0};
    tutti_mailbox *first = NULL;
    tutti_mailbox *second = NULL;
    const tutti_mailbox_options wrong = {
        .name = "inn", .topic = plant.readings, .count_max = UINT32_MAX};
    const tutti_mailbox_options of_readings = {.name = "inn", .topic = plant.readings};
    const tutti_mailbox_options of_notes = {.name = "inn", .topic = plant.notes};
    assert_int_equal(tutti_mailbox_open(plant.bus, &wrong, &first, &error), TUTTI_INVALID);
    assert_int_equal(tutti_mailbox_open(plant.bus, &of_readings, &first, &error), TUTTI_OK);
    assert_int_equal(tutti_mailbox_open(plant.bus, &of_notes, &second, &error), TUTTI_EXISTS);
    assert_string_equal(error.message, "there is a mailbox \"inn\" already");
    tutti_mailbox_close(first);
    assert_int_equal(tutti_mailbox_open(plant.bus, &of_notes, &second, &error), TUTTI_OK);
    plant_close(&plant);
}

/** What is wrong with a publisher is told by the hint. */
static void what_a_publisher_lacks_is_told(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    const struct {
        tutti_publisher_options options;
        const char *hint;
    } wrong[] = {
        {{.name = ""}, "it needs a name of at most 31 bytes"},
        {{.name = "p", .ring_bytes = 5}, "a ring is a power of two from 16 KiB"},
        {{.name = "p", .ring_bytes = 16384, .is_shared = true},
         "one that is shared has no ring of its own: leave ring_bytes 0"},
        {{.name = "p", .rate_per_s = UINT32_MAX},
         "rate_per_s goes to 1,000,000,000, burst to 1,000,000; the source is declared"},
        {{.name = "p", .ring_bytes = 1 << 25},
         "a bus has 256 publishers in its life, and 16 MiB for their own rings"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        tutti_error error = {0};
        tutti_publisher *publisher = NULL;
        assert_int_not_equal(
            tutti_publisher_open(plant.bus, &wrong[i].options, &publisher, &error), TUTTI_OK);
        assert_string_equal(error.hint, wrong[i].hint);
    }
    plant_close(&plant);
}

/** What is wrong with a subscription is told by the hint. */
static void what_a_subscription_lacks_is_told(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    const tutti_topic topic = plant.readings;
    const tutti_retry many = {.count = TUTTI_RETRIES_MAX + 1};
    const struct {
        tutti_subscription request;
        const char *hint;
    } wrong[] = {
        {{.topic = 0}, "give a topic or a pattern, one of them"},
        {{.topic = topic, .pattern = "*"}, "give a topic or a pattern, one of them"},
        {{.topic = 5000}, "no such topic was declared"},
        {{.pattern = "a b"}, "a pattern has letters, digits and _ . - / : of names, * and ?"},
        {{.topic = topic, .priority_min = 5}, "priority_min goes to TUTTI_PRIORITY_URGENT"},
        {{.topic = topic, .source = 300}, "no such source was declared"},
        {{.topic = topic, .address = 300}, "no such address was declared: it is that of a source"},
        {{.topic = topic, .retry = &many},
         "of a retry, the count goes to 8, and no delay is below 0; nor is probe_ns"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        tutti_error error = {0};
        tutti_subscription request = wrong[i].request;
        uint64_t id = 7;
        request.name = "n";
        request.handler = see;
        assert_int_equal(tutti_bus_subscribe(plant.bus, &request, &id, &error), TUTTI_INVALID);
        assert_string_equal(
            error.message, "\"n\" cannot subscribe: an argument or a value is not valid");
        assert_string_equal(error.hint, wrong[i].hint);
        assert_int_equal(id, 7);
    }
    struct seen seen = {0};
    for (int i = 0; i < 100; i++) {
        (void)plant_watch(&plant, "plant.readings", &seen);
    }
    tutti_error error = {0};
    uint64_t id = 0;
    const tutti_subscription last = {.name = "n", .topic = topic, .handler = see};
    assert_int_equal(tutti_bus_subscribe(plant.bus, &last, &id, &error), TUTTI_LIMIT);
    assert_string_equal(
        error.hint, "a topic has 100 subscriptions, those by pattern included, the bus 1024");
    plant_close(&plant);
}

static void their_rings_have_16_mebibytes(void **state)
{
    (void)state;
    struct plant plant;
    plant_open(&plant, NULL);
    assert_int_equal(publisher_of(&plant, 3 << 20), TUTTI_INVALID); // no power of two
    assert_int_equal(publisher_of(&plant, 8 << 10), TUTTI_INVALID);
    for (int i = 0; i < 16; i++) {
        assert_int_equal(publisher_of(&plant, 1 << 20), TUTTI_OK);
    }
    assert_int_equal(publisher_of(&plant, 1 << 20), TUTTI_LIMIT);
    assert_int_equal(publisher_of(&plant, 0), TUTTI_OK);
    plant_close(&plant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_beyond_its_bound_is_told),
        cmocka_unit_test(a_mailbox_without_name_or_topic_is_told),
        cmocka_unit_test(refused_mailboxes_take_nothing),
        cmocka_unit_test(a_bus_has_256_publishers),
        cmocka_unit_test(a_name_is_that_of_one_open_mailbox),
        cmocka_unit_test(what_a_publisher_lacks_is_told),
        cmocka_unit_test(what_a_subscription_lacks_is_told),
        cmocka_unit_test(their_rings_have_16_mebibytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
