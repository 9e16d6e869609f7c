/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Help for the tests of a change of segments: a writer at it, and what a crash leaves of that.
 */
#ifndef TT_TESTS_CHANGE_FIXTURE_H
#define TT_TESTS_CHANGE_FIXTURE_H

#include "call_record.h"
#include "journal/journal_writer.h"

enum {
    SEGMENT = 12000,
    STEPS = 60
};

extern tt_seq ch_small_seq; /* Of a step of one message. */

tt_journal_options ch_options(tt_journal_io *io);
/* A step without a sector that is nearly empty: of such a one a torn write is taken for damage. */
void ch_make_step(fx_step *step, tt_seq first_seq);
/* Appends steps, each with its commit. */
void ch_append(tt_journal_writer *writer, int count);
/* One step and its commit, which are acknowledged. */
void ch_append_one(tt_journal_writer *writer);
/* Appends until the next change of segments. */
void ch_append_to_change(tt_journal_writer *writer);
/* A durable journal whose record begins two steps before its first change. */
tt_journal_writer *ch_begin(tt_journal_io *io);
/* Reads what is there from the first step at or before `from`; returns the steps of the journal. */
uint64_t ch_read_all(const char *dir, tt_seq from, const char *what);
/* All segments but the last end in their seals, with the file. */
void ch_check_ended(const char *dir, const char *what);
/* What is found there is read, by each way; repaired; continued; ended. */
void ch_check_found(
    const char *dir, const fx_image *image, const tt_journal_end *acknowledged, const char *what);
/* Lets a crash come before each call from `first` on, in all ways. */
void ch_crash_everywhere(size_t first, const tt_journal_end *before);
/* The directory in the middle of a change: the new segment has commits, the old one no seal. */
void ch_make_unsealed(fx_image *image, tt_journal_end *ret_end);
/* Offset at which the last commit of a segment ends that has its space. */
size_t ch_end_of(const fx_file *file);
/* Lets a writer end behind the first name that it gives, and leaves what is found then. A kill: of
 * the record what it has done up to then. A power cut (`loss`): what is found is there for good.
 * `before` is all that was acknowledged. */
void ch_stop_behind_name(const crash_loss *loss, fx_image *found, tt_journal_end *ret_before);

#endif
