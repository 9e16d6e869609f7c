/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A change of segments, and what a crash leaves of it.
 */
#include "change_fixture.h"

#include "journal/journal_layouts.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SEEDS = 3 /* Power cuts that are drawn, a moment. */
};

tt_seq ch_small_seq;

tt_journal_options ch_options(tt_journal_io *io)
{
    tt_journal_options options = fx_options(TT_durability_ALWAYS, SEGMENT);
    options.prepares_ahead = true;
    options.spares = 3;
    options.io = io;
    return options;
}

/* A step without a sector that is nearly empty: of such a one a torn write is cr_taken for damage.
 */
void ch_make_step(fx_step *step, tt_seq first_seq)
{
    step->size = 0;
    tt_seq count = first_seq == ch_small_seq ? 1 : 5 + first_seq % 4;
    for (tt_seq seq = first_seq; seq < first_seq + count; seq++) {
        ((tt_clock *)fx_step_add(step, TT_TOPIC_CLOCK, seq, sizeof(tt_clock)))->tick = seq * 77;
    }
}

/* Appends steps, each with its commit. */
void ch_append(tt_journal_writer *writer, int count)
{
    static fx_step step;
    tt_error error = {0};
    for (int i = 0; i < count; i++) {
        tt_journal_end end;
        tt_journal_state(writer, &end);
        ch_make_step(&step, end.last_seq + 1);
        if (tt_journal_append(writer, step.bytes, step.size, &error) != TUTTI_OK ||
            tt_journal_commit(writer, &error) != TUTTI_OK) {
            fail_msg("append: %s", error.message);
        }
    }
}

/* One step and its commit, which are acknowledged. */
void ch_append_one(tt_journal_writer *writer)
{
    ch_append(writer, 1);
    tt_journal_end end;
    tt_journal_state(writer, &end);
    cr_acknowledge(&end);
}

/* Appends until the next change of segments. */
void ch_append_to_change(tt_journal_writer *writer)
{
    for (tt_seq first = writer->segment_first; writer->segment_first == first;) {
        ch_append_one(writer);
    }
}

/* A durable journal whose record begins two steps before its first change. */
tt_journal_writer *ch_begin(tt_journal_io *io)
{
    tt_journal_options options = ch_options(io);
    tt_journal_writer *writer = fx_create(fx_journal, &options);
    while (writer->position < SEGMENT / 2) {
        ch_append_one(writer);
    }
    tt_spare_settle(&writer->spare);
    cr_begin(fx_journal);
    return writer;
}

/* Reads what is there from the first step at or before `from`; returns the steps of the journal. */
uint64_t ch_read_all(const char *dir, tt_seq from, const char *what)
{
    static fx_step step;
    tt_journal_reader *reader = NULL;
    tt_error error = {0};
    tt_journal_end end = {0};
    const void *bytes;
    size_t size;
    assert_int_equal(tt_journal_reader_open(dir, &reader, &error), TUTTI_OK);
    tutti_status status =
        from > 0 ? tt_journal_reader_skip(reader, from, (tt_time){INT64_MIN}, &error) : TUTTI_OK;
    while (status == TUTTI_OK) {
        tt_journal_reader_end(reader, &end);
        status = tt_journal_reader_next(reader, &bytes, &size, &error);
        if (status == TUTTI_OK) {
            ch_make_step(&step, end.last_seq + 1);
            assert_int_equal(size, step.size);
            assert_memory_equal(bytes, step.bytes, size);
        }
    }
    if (status != TUTTI_END) {
        fail_msg("%s: %s", what, error.message);
    }
    tt_journal_reader_end(reader, &end);
    tt_journal_reader_close(reader);
    return end.step_count;
}

/* All segments but the last end in their seals, with the file. */
void ch_check_ended(const char *dir, const char *what)
{
    fx_image image;
    fx_image_load(dir, &image);
    const fx_file *last = fx_image_last(&image, ".ttj");
    assert_non_null(last);
    for (const fx_file *file = image.files; file < last; file++) {
        if (strstr(file->name, ".ttj")) {
            _Alignas(16) tt_commit_record record;
            uint64_t at = file->size - sizeof record;
            memcpy(&record, file->bytes + at, sizeof record);
            if (!tt_commit_check(&record, sizeof record, at, TT_JOURNAL_VERSION) ||
                (record.body.flags & TT_COMMIT_SEALED) == 0) {
                fail_msg("%s: %s does not end in its seal", what, file->name);
            }
        }
        assert_null(strstr(file->name, ".new"));
    }
    fx_image_free(&image);
}

/* What is found there is read, by each way; repaired; continued; ended. */
void ch_check_found(
    const char *dir, const fx_image *image, const tt_journal_end *acknowledged, const char *what)
{
    fx_image_store(dir, image);
    uint64_t steps = ch_read_all(dir, 0, what);
    assert_in_range(steps, acknowledged->step_count, acknowledged->step_count + 1);
    assert_int_equal(ch_read_all(dir, acknowledged->last_seq, what), steps);

    tt_journal_repair_report report;
    tt_error error = {0};
    if (tt_journal_repair(dir, &report, &error) != TUTTI_OK) {
        fail_msg("%s: repair: %s", what, error.message);
    }
    assert_int_equal(report.end.step_count, steps);
    assert_int_equal(ch_read_all(dir, 0, what), steps);

    fx_image_store(dir, image);
    for (int is_verified = 0; is_verified < 2; is_verified++) {
        tt_journal_options options = fx_options(TT_durability_NONE, SEGMENT);
        tt_journal_end end;
        options.verify_from = acknowledged->step_count > 0 && is_verified ? acknowledged : NULL;
        tt_journal_writer *writer = NULL;
        fx_image_store(dir, image);
        if (tt_journal_resume(dir, &options, &writer, &end, &error) != TUTTI_OK) {
            fail_msg("%s: resume: %s", what, error.message);
        }
        assert_int_equal(end.step_count, steps);
        ch_append(writer, 4);
        tt_journal_close(writer);
        assert_int_equal(ch_read_all(dir, 0, what), steps + 4);
        ch_check_ended(dir, what);
    }
}

/* Lets a crash come before each call from `first` on, in all ways. */
void ch_crash_everywhere(size_t first, const tt_journal_end *before)
{
    static const crash_loss losses[] = {
        {.has_writes = true, .has_cuts = true, .has_names = true}, // A kill.
        {.has_writes = false},
        {.has_names = true},
        {.has_names = true, .has_cuts = true},
        {.has_writes = true},
        {.has_writes = true, .has_cuts = true},
        {.has_writes = true, .has_names = true}};
    const size_t ways = sizeof losses / sizeof *losses;
    char dir[FX_PATH_MAX + 16];
    (void)snprintf(dir, sizeof dir, "%s/found", fx_root);
    cr_taken->is_on = false;
    for (size_t moment = first; moment <= cr_taken->count; moment++) {
        for (size_t way = 0; way < ways + SEEDS; way++) {
            crash_loss loss =
                way < ways ? losses[way] : (crash_loss){.seed = 1 + way + moment * 31};
            tt_journal_end acknowledged = cr_acknowledged(moment);
            acknowledged = acknowledged.step_count > 0 ? acknowledged : *before;
            char what[80];
            fx_image image;
            (void)snprintf(what, sizeof what, "before call %zu, way %zu", moment, way);
            cr_make_again(moment, loss, &image);
            ch_check_found(dir, &image, &acknowledged, what);
            fx_image_free(&image);
        }
    }
    fx_dir_remove(dir);
}

/* The directory in the middle of a change: the new segment has commits, the old one no seal. */
void ch_make_unsealed(fx_image *image, tt_journal_end *ret_end)
{
    tt_journal_io io = cr_io();
    tt_journal_writer *writer = ch_begin(&io);
    cr_hold(true);
    ch_append_to_change(writer);
    ch_append_one(writer);
    cr_wait_at_gate();
    cr_taken->is_on = false;
    tt_journal_state(writer, ret_end);
    fx_image_load(fx_journal, image);
    cr_hold(false);
    tt_journal_close(writer);
    cr_forget();
}

/* Offset at which the last commit of a segment ends that has its space. */
size_t ch_end_of(const fx_file *file)
{
    size_t end = file->size;
    while (file->bytes[end - 1] == 0) {
        end--;
    }
    return end;
}

/* Lets a writer end behind the first name that it gives, and leaves what is found then. A kill: of
 * the record what it has done up to then. A power cut (`loss`): what is found is there for good.
 * `before` is all that was acknowledged. */
void ch_stop_behind_name(const crash_loss *loss, fx_image *found, tt_journal_end *ret_before)
{
    static const crash_loss kill = {.has_writes = true, .has_cuts = true, .has_names = true};
    tt_journal_io io = cr_io();
    tt_journal_writer *writer = ch_begin(&io);
    tt_journal_state(writer, ret_before);
    ch_append_to_change(writer);
    cr_taken->is_on = false;
    tt_journal_close(writer);
    const size_t moment = cr_find_name(0) + 1;
    tt_journal_end acknowledged = cr_acknowledged(moment);
    *ret_before = acknowledged.step_count > 0 ? acknowledged : *ret_before;
    cr_make_again(moment, loss ? *loss : kill, found);
    while (cr_taken->count > moment) {
        free(cr_taken->calls[--cr_taken->count].bytes);
    }
    fx_image_store(fx_journal, found);
    tt_journal_dir dir; // Images are without the layouts, which a journal has.
    assert_int_equal(tt_journal_dir_open(&dir, fx_journal, NULL), TUTTI_OK);
    assert_int_equal(tt_layouts_write(&dir, NULL), TUTTI_OK);
    tt_journal_dir_close(&dir);
    if (loss) {
        cr_forget();
        cr_begin(fx_journal);
    } else {
        cr_note_inodes(fx_journal, found);
    }
    cr_taken->is_on = true;
}
