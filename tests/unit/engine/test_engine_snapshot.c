/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Snapshots: save, continue, load, continue gives the same bytes; a snapshot that does not fit is
 * refused and changes nothing.
 */
#include "base/crc32c.h"
#include "base/random.h"
#include "engine/engine_priv.h"
#include "stub_modules.h"

/** Takes random steps and returns a checksum over all outboxes. */
static uint32_t run_steps(tt_engine *engine, uint64_t seed, int count)
{
    tt_random random;
    uint32_t crc = 0;
    tt_random_init(&random, seed, 0);
    for (int i = 0; i < count; i++) {
        int64_t time_ns =
            tt_engine_now(engine).ns + tt_random_between(&random, -5, 20) * TT_NS_PER_S;
        tt_input input = stub_bar_input(time_ns);
        input.key = (uint32_t)tt_random_below(&random, 4); // 0 and 3 are refused
        tutti_status status = tt_engine_step(engine, &input);
        assert_true(status == TUTTI_OK || status == TUTTI_INVALID);
        size_t size = 0;
        const void *outbox = tt_bus_outbox(tt_engine_bus(engine), &size);
        crc = tt_crc32c(crc, outbox, size);
    }
    return crc;
}

static tt_engine *running_engine(void)
{
    static const tt_session_event started = {.event = TT_session_event_type_STARTED};
    const tt_input input = {
        .time = {T0_NS},
        .topic = TT_TOPIC_SESSION_EVENTS,
        .source = TT_SOURCE_HOST,
        .payload = &started,
        .payload_size = sizeof started,
    };
    tt_engine *engine = stub_engine();
    stub_step(engine, &input);
    return engine;
}

static void *saved(const tt_engine *engine)
{
    void *buffer = malloc(tt_engine_snapshot_size(engine));
    assert_non_null(buffer);
    tt_engine_save(engine, buffer);
    return buffer;
}

static void a_loaded_engine_goes_on_as_if_nothing_had_been(void **state)
{
    (void)state;
    const uint64_t seed = 42;
    print_message("seed %llu\n", (unsigned long long)seed);
    tt_engine *engine = running_engine();
    (void)run_steps(engine, seed, 3000);
    size_t size = tt_engine_snapshot_size(engine);
    void *middle = saved(engine);
    tt_time now = tt_engine_now(engine);
    uint32_t crc = run_steps(engine, seed + 1, 3000);
    void *end = saved(engine);

    assert_int_equal(stub.risk_changed, 0);
    assert_int_equal(tt_engine_load(engine, middle, size, NULL), TUTTI_OK);
    assert_int_equal(stub.risk_changed, 1); // What it has ready is of another state.
    assert_int_equal(tt_engine_now(engine).ns, now.ns);
    assert_int_equal(run_steps(engine, seed + 1, 3000), crc);
    void *again = saved(engine);
    assert_memory_equal(again, end, size);
    free(again);
    tt_engine_free(engine);

    tt_engine *fresh = stub_engine();
    assert_int_equal(tt_engine_load(fresh, middle, size, NULL), TUTTI_OK);
    assert_int_equal(run_steps(fresh, seed + 1, 3000), crc);
    again = saved(fresh);
    assert_memory_equal(again, end, size);
    tt_engine_free(fresh);
    free(again);
    free(middle);
    free(end);
}

static void expect_refusal(
    tt_engine *engine, const void *buffer, size_t size, tutti_status status, const char *text)
{
    void *before = saved(engine);
    tt_error error = {0};
    assert_int_equal(tt_engine_load(engine, buffer, size, &error), status);
    assert_string_equal(error.message, text);
    void *after = saved(engine);
    assert_memory_equal(before, after, tt_engine_snapshot_size(engine));
    free(before);
    free(after);
}

static void a_damaged_snapshot_is_refused(void **state)
{
    (void)state;
    tt_engine *engine = running_engine();
    size_t size = tt_engine_snapshot_size(engine);
    unsigned char *buffer = saved(engine);
    expect_refusal(engine, buffer, 0, TUTTI_CORRUPT, "snapshot: 0 bytes are too few");
    expect_refusal(engine, buffer, 31, TUTTI_CORRUPT, "snapshot: 31 bytes are too few");
    expect_refusal(engine, buffer, size - 1, TUTTI_CORRUPT, "snapshot: the head is damaged");
    const size_t places[] = {8, 24, 28, 32, 1000, size / 2, size - 1};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        buffer[places[i]] ^= 1;
        expect_refusal(engine, buffer, size, TUTTI_CORRUPT, "snapshot: the checksum is wrong");
        buffer[places[i]] ^= 1;
    }
    buffer[0] ^= 1;
    expect_refusal(engine, buffer, size, TUTTI_CORRUPT, "snapshot: the head is damaged");
    buffer[0] ^= 1;
    assert_int_equal(tt_engine_load(engine, buffer, size, NULL), TUTTI_OK);
    free(buffer);
    tt_engine_free(engine);
}

/** Another build may have regions of the same sizes with another meaning. */
static void a_snapshot_with_another_layout_hash_is_refused(void **state)
{
    (void)state;
    tt_engine *engine = running_engine();
    size_t size = tt_engine_snapshot_size(engine);
    unsigned char *buffer = saved(engine);
    buffer[8] ^= 1;            // the hash of the layout
    memset(buffer + 28, 0, 4); // the checksum, made right again
    uint32_t crc = tt_crc32c(0, buffer, size);
    memcpy(buffer + 28, &crc, sizeof crc);
    expect_refusal(
        engine, buffer, size, TUTTI_VERSION, "snapshot: written with another layout of the state");
    free(buffer);
    tt_engine_free(engine);
}

/* The hash is of what the regions are called, how large they are, and in which order they lie; it
 * stands in the snapshot. */
static void the_hash_tells_layouts_apart(void **state)
{
    (void)state;
    tt_engine *engine = running_engine();
    const uint64_t hash = tt_engine_layout_hash(&engine->core);
    uint64_t told = 0;
    unsigned char *buffer = saved(engine);
    memcpy(&told, buffer + 8, sizeof told);
    assert_true(told == hash);
    free(buffer);
    tt_core other = engine->core;
    assert_true(tt_engine_layout_hash(&other) == hash);
    assert_true(other.region_count >= 2);
    other.regions[1].name = "renamed";
    assert_true(tt_engine_layout_hash(&other) != hash);
    other = engine->core;
    other.regions[1].size += 1;
    assert_true(tt_engine_layout_hash(&other) != hash);
    other = engine->core;
    other.regions[0] = engine->core.regions[1];
    other.regions[1] = engine->core.regions[0];
    assert_true(tt_engine_layout_hash(&other) != hash);
    other = engine->core;
    other.region_count--;
    assert_true(tt_engine_layout_hash(&other) != hash);
    tt_engine_free(engine);
}

/* The hash once more, step by step: FNV-1a over texts with their NUL and numbers of eight bytes. */
static uint64_t with_bytes(uint64_t hash, const void *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        hash ^= ((const unsigned char *)data)[i];
        hash *= UINT64_C(1099511628211);
    }
    return hash;
}

static uint64_t with_text(uint64_t hash, const char *text)
{
    do {
        hash = with_bytes(hash, text, 1);
    } while (*text++ != '\0');
    return hash;
}

static uint64_t with_number(uint64_t hash, uint64_t number)
{
    return with_bytes(hash, &number, 8);
}

static uint64_t with_layout(uint64_t hash, const tt_layout *layout)
{
    hash = with_text(hash, layout->name);
    for (const tt_field *field = layout->fields; field < layout->fields + layout->field_count;
         field++) {
        hash = with_text(hash, field->name);
        hash = with_number(with_number(hash, field->offset), field->size);
        hash = with_number(hash, field->kind);
        hash = field->enumeration ? with_text(hash, field->enumeration->name) : hash;
        hash = field->item ? with_layout(hash, field->item) : hash;
    }
    return hash;
}

/* Regions, every topic with every field, every source, every value of an enumeration: what is left
 * out would let a snapshot be read as something else. */
static void the_hash_is_of_all_that_gives_bytes_a_meaning(void **state)
{
    (void)state;
    tt_engine *engine = running_engine();
    uint64_t hash = with_number(UINT64_C(14695981039346656037), 3); // version of a snapshot
    for (uint32_t i = 0; i < engine->core.region_count; i++) {
        hash = with_text(hash, engine->core.regions[i].name);
        hash = with_number(hash, engine->core.regions[i].size);
    }
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        hash = with_text(hash, tt_topic_info_get(topic)->name);
        hash = with_layout(hash, tt_topic_info_get(topic)->layout);
    }
    for (uint16_t source = 0; source < TT_SOURCE_COUNT; source++) {
        hash = with_text(hash, tt_source_text(source));
    }
    for (size_t i = 0; tt_enum_all()[i]; i++) {
        hash = with_text(hash, tt_enum_all()[i]->name);
        for (uint8_t value = 0; value < tt_enum_all()[i]->count; value++) {
            hash = with_text(hash, tt_enum_text(tt_enum_all()[i], value));
        }
    }
    assert_true(tt_engine_layout_hash(&engine->core) == hash);
    tt_engine_free(engine);
}

static void a_snapshot_of_another_layout_is_refused(void **state)
{
    (void)state;
    tt_engine_config config = stub_config();
    config.bus.history_scale_pct = 50;
    tt_engine *other = NULL;
    stub = (stub_control){0};
    assert_int_equal(tt_engine_new(&config, &other, NULL), TUTTI_OK);
    size_t size = tt_engine_snapshot_size(other);
    void *buffer = saved(other);
    tt_engine_free(other);
    tt_engine *engine = running_engine();
    expect_refusal(
        engine, buffer, size, TUTTI_VERSION, "snapshot: written with another layout of the state");
    free(buffer);
    tt_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loaded_engine_goes_on_as_if_nothing_had_been),
        cmocka_unit_test(a_damaged_snapshot_is_refused),
        cmocka_unit_test(a_snapshot_with_another_layout_hash_is_refused),
        cmocka_unit_test(the_hash_tells_layouts_apart),
        cmocka_unit_test(the_hash_is_of_all_that_gives_bytes_a_meaning),
        cmocka_unit_test(a_snapshot_of_another_layout_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
