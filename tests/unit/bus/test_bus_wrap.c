/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Interceptors: their order, what they may do, later subscribers and topics, bounds, and changes
 * from inside a delivery.
 */
#include "bus_fixture.h"

static int setup(void **state)
{
    static fixture fix;
    fixture_open(&fix, &(tt_bus_options){.topics_max = 4});
    *state = &fix;
    return 0;
}

static void append(fixture *fix, const char *text)
{
    size_t used = strlen(fix->log);
    (void)snprintf(fix->log + used, sizeof fix->log - used, "%s ", text);
}

static tutti_status note(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'n', msg);
    return TUTTI_OK;
}

static tutti_status refuse(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'f', msg);
    return TUTTI_BUSY;
}

/** What an interceptor does; it notes its name before and behind. */
struct around {
    fixture *fix;
    const char *name;
    bool stops;
    bool forgives;
};

static tutti_status go_around(void *ctx, tt_bus *bus, const tt_msg *msg, const tt_bus_next *next)
{
    const struct around *self = ctx;
    append(self->fix, self->name);
    if (self->stops) {
        return TUTTI_STATE;
    }
    tutti_status status = tt_bus_proceed(next, bus, msg);
    append(self->fix, self->name);
    return self->forgives ? TUTTI_OK : status;
}

static void subscribe(fixture *fix, tt_topic topic, const char *name, tt_bus_handler_fn handler)
{
    assert_int_equal(tt_bus_subscribe(fix->bus, topic, name, handler, fix), TUTTI_OK);
}

static void wrap(fixture *fix, const char *pattern, struct around *around)
{
    around->fix = fix;
    assert_int_equal(tt_bus_wrap(fix->bus, pattern, around->name, go_around, around), TUTTI_OK);
}

static void run(fixture *fix, tt_topic topic)
{
    fixture_publish(fix, topic);
    fix->log[0] = '\0';
    tt_bus_run(fix->bus);
}

static void the_first_is_the_outermost(void **state)
{
    fixture *fix = *state;
    struct around a = {.name = "a"};
    struct around b = {.name = "b"};
    wrap(fix, "clock", &a);
    wrap(fix, "*", &b);
    subscribe(fix, TT_TOPIC_CLOCK, "one", note); // later than both
    subscribe(fix, TT_TOPIC_CLOCK, "two", note);
    run(fix, TT_TOPIC_CLOCK);
    assert_string_equal(fix->log, "a b n1 b a a b n1 b a ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).delivered, 2);
    subscribe(fix, TT_TOPIC_FILLS, "three", note);
    run(fix, TT_TOPIC_FILLS);
    assert_string_equal(fix->log, "b n2 b ");
}

/** Of all topics that there are, the first and the last too. */
static void every_topic_is_wrapped(void **state)
{
    fixture *fix = *state;
    struct around a = {.name = "a"};
    wrap(fix, "*", &a);
    subscribe(fix, (tt_topic)1, "one", note);
    subscribe(fix, (tt_topic)(TT_TOPIC_COUNT - 1), "two", note);
    run(fix, (tt_topic)1);
    assert_string_equal(fix->log, "a n1 a ");
    run(fix, (tt_topic)(TT_TOPIC_COUNT - 1));
    assert_string_equal(fix->log, "a n2 a ");
}

static void nothing_is_wrapped_twice_and_all_can_be_unwrapped(void **state)
{
    fixture *fix = *state;
    struct around a = {.name = "a"};
    struct around b = {.name = "b"};
    subscribe(fix, TT_TOPIC_CLOCK, "one", note);
    wrap(fix, "*", &a);
    wrap(fix, "*", &b);
    assert_int_equal(tt_bus_wrap(fix->bus, "*", "a", go_around, &a), TUTTI_EXISTS);
    assert_true(tt_bus_unwrap(fix->bus, "a"));
    assert_false(tt_bus_unwrap(fix->bus, "a"));
    run(fix, TT_TOPIC_CLOCK);
    assert_string_equal(fix->log, "b n1 b ");
    wrap(fix, "*", &a); // now the inner one
    run(fix, TT_TOPIC_CLOCK);
    assert_string_equal(fix->log, "b a n2 a b ");
    assert_true(tt_bus_unwrap(fix->bus, "b"));
    assert_true(tt_bus_unwrap(fix->bus, "a"));
    run(fix, TT_TOPIC_CLOCK);
    assert_string_equal(fix->log, "n3 ");
}

static void what_it_returns_is_how_the_delivery_ended(void **state)
{
    fixture *fix = *state;
    struct around stop = {.name = "stop", .stops = true};
    struct around forgive = {.name = "forgive", .forgives = true};
    wrap(fix, "clock", &stop);
    wrap(fix, "fills", &forgive);
    subscribe(fix, TT_TOPIC_CLOCK, "one", note);
    subscribe(fix, TT_TOPIC_FILLS, "two", refuse);
    run(fix, TT_TOPIC_CLOCK);
    assert_string_equal(fix->log, "stop ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).failed, 1);
    assert_string_equal(fixture_dead(fix).handler, "one");
    run(fix, TT_TOPIC_FILLS);
    assert_string_equal(fix->log, "forgive f3 forgive ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_FILLS).failed, 0);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_FILLS).delivered, 1);
}

static void later_topics_are_wrapped_too(void **state)
{
    fixture *fix = *state;
    struct around a = {.name = "a"};
    tt_topic topic = TT_TOPIC_NONE;
    const tt_bus_topic_decl decl = {.name = "news.rss", .schema = "x:u8"};
    wrap(fix, "news.*", &a);
    assert_int_equal(tt_bus_declare(fix->bus, &decl, &topic, NULL), TUTTI_OK);
    subscribe(fix, topic, "one", note);
    run(fix, topic);
    assert_string_equal(fix->log, "a n2 a ");
}

static tutti_status tell_name(void *ctx, tt_bus *bus, const tt_msg *msg, const tt_bus_next *next)
{
    append(ctx, tt_bus_next_name(next));
    return tt_bus_proceed(next, bus, msg);
}

static void it_knows_whom_it_serves(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_CLOCK, "one", note);
    subscribe(fix, TT_TOPIC_CLOCK, "two", note);
    assert_int_equal(tt_bus_wrap(fix->bus, "*", "tell", tell_name, fix), TUTTI_OK);
    run(fix, TT_TOPIC_CLOCK);
    assert_string_equal(fix->log, "one n1 two n1 ");
}

static void interceptors_are_bounded_and_checked(void **state)
{
    fixture *fix = *state;
    static char names[TT_BUS_WRAPS_MAX + 1][16];
    struct around a = {.fix = fix, .name = "a"};
    tt_topic topic = TT_TOPIC_NONE;
    const tt_bus_topic_decl decl = {.name = "news", .schema = "x:u8"};
    assert_int_equal(tt_bus_wrap(fix->bus, NULL, "x", go_around, &a), TUTTI_INVALID);
    assert_int_equal(tt_bus_wrap(fix->bus, "a b", "x", go_around, &a), TUTTI_INVALID);
    assert_int_equal(tt_bus_wrap(fix->bus, "*", NULL, go_around, &a), TUTTI_INVALID);
    assert_int_equal(tt_bus_wrap(fix->bus, "*", "x", NULL, &a), TUTTI_INVALID);
    for (int i = 0; i <= TT_BUS_WRAPS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "w%d", i);
    }
    for (int i = 0; i < TT_BUS_TOPIC_WRAPS_MAX; i++) {
        assert_int_equal(tt_bus_wrap(fix->bus, "clock", names[i], go_around, &a), TUTTI_OK);
    }
    assert_int_equal(tt_bus_wrap(fix->bus, "c*", names[8], go_around, &a), TUTTI_LIMIT);
    for (int i = TT_BUS_TOPIC_WRAPS_MAX; i < TT_BUS_WRAPS_MAX; i++) { // for nobody yet
        assert_int_equal(tt_bus_wrap(fix->bus, "news", names[i], go_around, &a), TUTTI_OK);
    }
    assert_int_equal(
        tt_bus_wrap(fix->bus, "x", names[TT_BUS_WRAPS_MAX], go_around, &a), TUTTI_LIMIT);
    assert_int_equal(tt_bus_declare(fix->bus, &decl, &topic, NULL), TUTTI_LIMIT);
    assert_true(tt_bus_unwrap(fix->bus, names[0]));
    assert_int_equal(tt_bus_wrap(fix->bus, "c*", names[0], go_around, &a), TUTTI_OK);
}

/** A new topic takes as many as a topic can have, and is refused with one more. */
static void a_new_topic_has_room_for_eight_interceptors(void **state)
{
    fixture *fix = *state;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    static struct around around = {.name = "around"};
    const tt_bus_topic_decl first = {.name = "news.one", .schema = "x:u8"};
    const tt_bus_topic_decl second = {.name = "news.two", .schema = "x:u8"};
    tt_topic topic = TT_TOPIC_NONE;
    around.fix = fix;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(tt_bus_wrap(fix->bus, "news.*", names[i], go_around, &around), TUTTI_OK);
    }
    assert_int_equal(tt_bus_declare(fix->bus, &first, &topic, NULL), TUTTI_OK);
    assert_int_equal(tt_bus_wrap(fix->bus, "news.two", names[8], go_around, &around), TUTTI_OK);
    assert_int_equal(tt_bus_declare(fix->bus, &second, &topic, NULL), TUTTI_LIMIT);
    assert_true(tt_bus_unwrap(fix->bus, names[8]));
    assert_int_equal(tt_bus_declare(fix->bus, &second, &topic, NULL), TUTTI_OK);
}

static struct around inner = {.name = "inner"};

static tutti_status change(void *ctx, tt_bus *bus, const tt_msg *msg, const tt_bus_next *next)
{
    fixture *fix = ctx;
    append(fix, "change");
    assert_true(tt_bus_unwrap(bus, "change"));
    assert_true(tt_bus_unwrap(bus, "old"));
    inner.fix = fix;
    assert_int_equal(tt_bus_wrap(bus, "*", "inner", go_around, &inner), TUTTI_OK);
    return tt_bus_proceed(next, bus, msg);
}

static void changes_hold_from_the_next_message_on(void **state)
{
    fixture *fix = *state;
    struct around old = {.name = "old"};
    subscribe(fix, TT_TOPIC_CLOCK, "one", note);
    assert_int_equal(tt_bus_wrap(fix->bus, "*", "change", change, fix), TUTTI_OK);
    wrap(fix, "*", &old);
    run(fix, TT_TOPIC_CLOCK);
    assert_string_equal(fix->log, "change old n1 old ");
    run(fix, TT_TOPIC_CLOCK);
    assert_string_equal(fix->log, "inner n2 inner ");
}

static tutti_status
unwrap_itself(void *ctx, tt_bus *bus, const tt_msg *msg, const tt_bus_next *next)
{
    (void)ctx;
    return tt_bus_unwrap(bus, "once") ? tt_bus_proceed(next, bus, msg) : TUTTI_STATE;
}

static void the_slot_of_what_was_taken_away_is_free_after_the_delivery(void **state)
{
    fixture *fix = *state;
    subscribe(fix, TT_TOPIC_CLOCK, "one", note);
    for (uint32_t i = 0; i < TT_BUS_WRAPS_MAX + 2; i++) {
        assert_int_equal(tt_bus_wrap(fix->bus, "clock", "once", unwrap_itself, fix), TUTTI_OK);
        run(fix, TT_TOPIC_CLOCK);
        run(fix, TT_TOPIC_CLOCK); // with nothing around
    }
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).delivered, 2 * (TT_BUS_WRAPS_MAX + 2));
}

#define WRAP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WRAP_TEST(the_first_is_the_outermost),
        WRAP_TEST(every_topic_is_wrapped),
        WRAP_TEST(nothing_is_wrapped_twice_and_all_can_be_unwrapped),
        WRAP_TEST(what_it_returns_is_how_the_delivery_ended),
        WRAP_TEST(later_topics_are_wrapped_too),
        WRAP_TEST(it_knows_whom_it_serves),
        WRAP_TEST(interceptors_are_bounded_and_checked),
        WRAP_TEST(a_new_topic_has_room_for_eight_interceptors),
        WRAP_TEST(changes_hold_from_the_next_message_on),
        WRAP_TEST(the_slot_of_what_was_taken_away_is_free_after_the_delivery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
