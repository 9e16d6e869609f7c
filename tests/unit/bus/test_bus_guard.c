/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The guard and the blocked correlations; the set against a simple model.
 */
#include "base/random.h"
#include "bus_fixture.h"

static tutti_status note(void *ctx, tt_bus *bus, const tt_msg *msg)
{
    (void)bus;
    fixture_note(ctx, 'n', msg);
    return TUTTI_OK;
}

static tt_uuid uuid_of(uint64_t number)
{
    return tt_uuid_make(1, 0, number);
}

static bool keeps_key_2_from_two(void *ctx, const tt_msg *msg, const char *subscriber)
{
    ++*(int *)ctx;
    return msg->key == 2 && strcmp(subscriber, "two") == 0;
}

static void a_guard_skips_and_is_counted(void **state)
{
    fixture *fix = *state;
    int asked = 0;
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "one", note, fix), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "two", note, fix), TUTTI_OK);
    tt_bus_set_guard(fix->bus, keeps_key_2_from_two, &asked);
    fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_FEED, 1);
    fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_FEED, 2);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "n1 n1 n2 ");
    assert_int_equal(asked, 4);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).guarded, 1);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).delivered, 3);
    assert_int_equal(fixture_stats(fix, TT_TOPIC_DEAD_LETTERS).published, 0);
    tt_bus_set_guard(fix->bus, NULL, NULL);
    fixture_publish_keyed(fix, TT_TOPIC_CLOCK, TT_SOURCE_FEED, 2);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "n1 n1 n2 n3 n3 ");
}

static void publish_of(fixture *fix, uint64_t correlation)
{
    tt_bus_post post = fixture_post(TT_TOPIC_CLOCK);
    post.correlation = uuid_of(correlation);
    assert_int_equal(tt_bus_publish(fix->bus, &post, NULL), TUTTI_OK);
}

static void a_failed_workflow_is_kept_from_all_handlers(void **state)
{
    fixture *fix = *state;
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "one", note, fix), TUTTI_OK);
    assert_int_equal(tt_bus_subscribe(fix->bus, TT_TOPIC_CLOCK, "two", note, fix), TUTTI_OK);
    assert_int_equal(tt_bus_block(fix->bus, uuid_of(7)), TUTTI_OK);
    assert_int_equal(tt_bus_block(fix->bus, uuid_of(7)), TUTTI_OK);
    assert_int_equal(tt_bus_blocked_count(fix->bus), 1);
    publish_of(fix, 7);
    publish_of(fix, 8);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "n2 n2 ");
    assert_int_equal(fixture_stats(fix, TT_TOPIC_CLOCK).guarded, 2);
    assert_true(tt_bus_unblock(fix->bus, uuid_of(7)));
    assert_false(tt_bus_unblock(fix->bus, uuid_of(7)));
    publish_of(fix, 7);
    tt_bus_run(fix->bus);
    assert_string_equal(fix->log, "n2 n2 n3 n3 ");
}

static void blocks_outlive_a_restart(void **state)
{
    fixture *fix = *state;
    fixture restarted;
    assert_int_equal(tt_bus_block(fix->bus, uuid_of(7)), TUTTI_OK);
    fixture_open(&restarted, &(tt_bus_options){0});
    for (uint32_t i = 0; i < fix->core.region_count; i++) {
        const tt_region *region = &fix->core.regions[i];
        memcpy(restarted.core.regions[i].data, region->data, region->size);
    }
    assert_int_equal(tt_bus_restore(restarted.bus, NULL), TUTTI_OK);
    assert_int_equal(
        tt_bus_subscribe(restarted.bus, TT_TOPIC_CLOCK, "one", note, &restarted), TUTTI_OK);
    publish_of(&restarted, 7);
    publish_of(&restarted, 8);
    tt_bus_run(restarted.bus);
    assert_string_equal(restarted.log, "n2 ");
    tt_arena_fini(&restarted.arena);
}

static void blocked_correlations_are_bounded_and_checked(void **state)
{
    (void)state;
    fixture small;
    fixture_open(&small, &(tt_bus_options){.blocked_max = 3});
    for (uint64_t i = 1; i <= 3; i++) {
        assert_int_equal(tt_bus_block(small.bus, uuid_of(i)), TUTTI_OK);
    }
    assert_int_equal(tt_bus_block(small.bus, uuid_of(4)), TUTTI_LIMIT);
    assert_int_equal(tt_bus_block(small.bus, uuid_of(3)), TUTTI_OK);
    assert_int_equal(tt_bus_block(small.bus, (tt_uuid){0}), TUTTI_INVALID);
    assert_false(tt_bus_unblock(small.bus, (tt_uuid){0}));
    assert_false(tt_bus_is_blocked(small.bus, (tt_uuid){0}));
    assert_true(tt_bus_unblock(small.bus, uuid_of(2)));
    assert_int_equal(tt_bus_block(small.bus, uuid_of(4)), TUTTI_OK);
    assert_true(tt_bus_is_blocked(small.bus, uuid_of(4)));
    assert_false(tt_bus_is_blocked(small.bus, uuid_of(2)));
    tt_arena_fini(&small.arena);
}

#define MODEL_MAX 40

static void the_set_matches_a_model(void **state)
{
    (void)state;
    fixture small;
    bool model[MODEL_MAX] = {false};
    uint32_t count = 0;
    tt_random random;
    tt_random_init(&random, 3, 0);
    fixture_open(&small, &(tt_bus_options){.blocked_max = 16});
    for (int i = 0; i < 20000; i++) {
        uint64_t number = tt_random_below(&random, MODEL_MAX);
        if (tt_random_below(&random, 2) == 0) {
            bool fits = model[number] || count < 16;
            assert_int_equal(
                tt_bus_block(small.bus, uuid_of(number)), fits ? TUTTI_OK : TUTTI_LIMIT);
            count += fits && !model[number];
            model[number] = model[number] || fits;
        } else {
            assert_int_equal(tt_bus_unblock(small.bus, uuid_of(number)), model[number]);
            count -= model[number];
            model[number] = false;
        }
        assert_int_equal(tt_bus_blocked_count(small.bus), count);
        for (uint64_t n = 0; n < MODEL_MAX; n++) {
            assert_int_equal(tt_bus_is_blocked(small.bus, uuid_of(n)), model[n]);
        }
    }
    tt_arena_fini(&small.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_guard_skips_and_is_counted),
        FIXTURE_TEST(a_failed_workflow_is_kept_from_all_handlers),
        FIXTURE_TEST(blocks_outlive_a_restart),
        cmocka_unit_test(blocked_correlations_are_bounded_and_checked),
        cmocka_unit_test(the_set_matches_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
