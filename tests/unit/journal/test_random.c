/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Random operations on a journal beside a model of it: a list of steps, of which a first part is
 * committed. After each operation a reader must see the committed part and nothing else.
 */
#include "journal_fixture.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 600

/* Where the journal stands after some number of steps. */
typedef struct run_point {
    tt_seq last_seq;
    uint8_t chain[32];
} run_point;

typedef struct run_model {
    uint64_t random;
    uint64_t seed; /* Of the steps; changes when steps are lost, so that others take their place. */
    run_point points[STEPS_MAX + 1];
    uint64_t seeds[STEPS_MAX + 1];
    size_t appended;
    size_t committed;
    bool is_chain_known; /* After the last commit. */
    tt_durability durability;
    tt_journal_writer *writer;
    tt_journal_reader *follower;
    size_t followed;
} run_model;

static void append(run_model *model)
{
    static fx_step step;
    const run_point *last = &model->points[model->appended];
    fx_step_make(&step, last->last_seq + 1, model->seed);
    assert_int_equal(tt_journal_append(model->writer, step.bytes, step.size, NULL), TUTTI_OK);
    model->appended++;
    model->seeds[model->appended] = model->seed;
    run_point *next = &model->points[model->appended];
    memcpy(next->chain, last->chain, 32); // Moves with the commit.
    next->last_seq = step.last_seq;
}

/* All that was appended has been committed; the chain moves, if there was anything. Its value is
 * taken from the writer: readers must compute the same. */
static void note_commit(run_model *model, const uint8_t chain[32])
{
    run_point *point = &model->points[model->appended];
    if (model->committed < model->appended) {
        assert_memory_not_equal(point->chain, chain, 32);
    }
    memcpy(point->chain, chain, 32);
    model->committed = model->appended;
}

static void commit(run_model *model)
{
    tt_journal_end end;
    assert_int_equal(tt_journal_commit(model->writer, NULL), TUTTI_OK);
    tt_journal_state(model->writer, &end);
    note_commit(model, end.chain);
}

static tt_journal_options options_of(const run_model *model)
{
    return fx_options(model->durability, 3000);
}

/* What a close committed, or a commit that nobody saw to its end, has a chain value that was not
 * seen either. */
static void note_commit_at_close(run_model *model, const uint8_t chain[32])
{
    run_point *point = &model->points[model->committed];
    if (!model->is_chain_known) {
        memcpy(point->chain, chain, 32);
    }
    assert_memory_equal(point->chain, chain, 32);
    model->is_chain_known = true;
}

/* Opens the journal again; what was not committed is gone. */
static void resume(run_model *model)
{
    tt_journal_options options = options_of(model);
    tt_journal_end end;
    model->writer = fx_resume(fx_journal, &options, &end);
    assert_int_equal(end.step_count, model->committed);
    note_commit_at_close(model, end.chain);
    model->appended = model->committed;
    model->seed++;
}

static void close_and_resume(run_model *model)
{
    tt_journal_close(model->writer);
    model->is_chain_known = model->committed == model->appended;
    model->committed = model->appended; // Closing commits.
    resume(model);
}

static void drop_follower(run_model *model)
{
    tt_journal_reader_close(model->follower);
    model->follower = NULL;
    model->followed = 0;
}

/* The process dies: the files stay as they are, and what the buffer held is lost. */
static void crash(run_model *model)
{
    fx_image image;
    drop_follower(model);
    fx_image_load(fx_journal, &image);
    tt_journal_close(model->writer);
    fx_image_store(fx_journal, &image);
    fx_image_free(&image);
    resume(model);
}

static fx_file *last_segment(fx_image *image)
{
    return fx_image_last(image, ".ttj");
}

/* The process dies in the middle of a commit: a part of it stands in the file. */
static void crash_in_commit(run_model *model)
{
    fx_image before;
    fx_image after;
    append(model);
    drop_follower(model);
    fx_image_load(fx_journal, &before);
    assert_int_equal(tt_journal_commit(model->writer, NULL), TUTTI_OK);
    fx_image_load(fx_journal, &after);
    tt_journal_close(model->writer);
    fx_file *old = last_segment(&before);
    fx_file *new = last_segment(&after);
    if (strcmp(old->name, new->name) == 0 && new->size >= old->size) {
        size_t from = 0;
        while (from < old->size && old->bytes[from] == new->bytes[from]) {
            from++;
        }
        size_t to = new->size;
        while (new->bytes[to - 1] == 0) {
            to--;
        }
        size_t cut = from + fx_random(&model->random) % (to - from - 1);
        memset(new->bytes + cut, 0, new->size - cut);
        if (model->durability == TT_durability_NONE) {
            new->size = cut;
        }
    } else {
        model->is_chain_known = false;
        model->committed = model->appended; // The change of segments went through as a whole.
    }
    fx_image_store(fx_journal, &after);
    fx_image_free(&before);
    fx_image_free(&after);
    resume(model);
}

/* Reads a step and compares it with the model. */
static void check_step(const run_model *model, tt_journal_reader *reader, size_t index)
{
    static fx_step step;
    const void *bytes = NULL;
    size_t size = 0;
    tt_error error = {0};
    tutti_status status = tt_journal_reader_next(reader, &bytes, &size, &error);
    if (status != TUTTI_OK) {
        fail_msg("step %zu: %s %s", index, tutti_status_name(status), error.message);
    }
    fx_step_make(&step, model->points[index - 1].last_seq + 1, model->seeds[index]);
    assert_int_equal(size, step.size);
    assert_memory_equal(bytes, step.bytes, size);
    tt_journal_end end;
    tt_journal_reader_end(reader, &end);
    assert_int_equal(end.step_count, index);
    assert_memory_equal(end.chain, model->points[index].chain, 32);
}

static void check_at_end(tt_journal_reader *reader)
{
    const void *bytes;
    size_t size;
    assert_int_equal(tt_journal_reader_next(reader, &bytes, &size, NULL), TUTTI_END);
}

static void follow(run_model *model)
{
    if (!model->follower) {
        assert_int_equal(tt_journal_reader_open(fx_journal, &model->follower, NULL), TUTTI_OK);
    }
    while (model->followed < model->committed) {
        check_step(model, model->follower, ++model->followed);
    }
    check_at_end(model->follower);
}

/* A fresh reader from a random point. */
static void read_from_point(run_model *model)
{
    tt_journal_reader *reader = NULL;
    size_t at = fx_random(&model->random) % (model->committed + 1);
    tt_journal_end end = {.last_seq = model->points[at].last_seq, .step_count = at};
    memcpy(end.chain, model->points[at].chain, 32);
    assert_int_equal(tt_journal_reader_open(fx_journal, &reader, NULL), TUTTI_OK);
    assert_int_equal(tt_journal_reader_seek(reader, &end, NULL), TUTTI_OK);
    while (at < model->committed) {
        check_step(model, reader, ++at);
    }
    check_at_end(reader);
    tt_journal_reader_close(reader);
}

static void operate(run_model *model)
{
    switch (fx_random(&model->random) % 16) {
    case 0:
        close_and_resume(model);
        break;
    case 1:
        crash(model);
        break;
    case 2:
        crash_in_commit(model);
        break;
    case 3:
        read_from_point(model);
        break;
    case 4:
    case 5:
    case 6:
        commit(model);
        break;
    case 7:
    case 8:
        follow(model);
        break;
    default:
        append(model);
        break;
    }
}

static void run(uint64_t seed, tt_durability durability)
{
    static run_model model;
    memset(&model, 0, sizeof model);
    model.random = seed;
    model.seed = seed;
    model.durability = durability;
    model.is_chain_known = true;
    SHA256((const unsigned char *)FX_META, FX_META_SIZE, model.points[0].chain);
    tt_journal_options options = options_of(&model);
    model.writer = fx_create(fx_journal, &options);
    for (int i = 0; i < 400 && model.appended < STEPS_MAX; i++) {
        operate(&model);
    }
    commit(&model);
    follow(&model);
    drop_follower(&model);
    tt_journal_close(model.writer);
    assert_int_equal(fx_read(fx_journal, NULL, NULL), TUTTI_END);
    fx_dir_remove(fx_journal);
}

static void test_random_operations(void **state)
{
    (void)state;
    uint64_t seed = fx_seed(2024);
    for (uint64_t i = 0; i < 8; i++) {
        print_message("run %llu\n", (unsigned long long)seed + i);
        run(seed + i, i % 2 ? TT_durability_NONE : TT_durability_BATCH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_random_operations, fx_set_up, fx_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
