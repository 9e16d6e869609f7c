/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Help for the tests of the journal: steps made from a number, directories in memory and on disk.
 */
#ifndef TT_TESTS_JOURNAL_FIXTURE_H
#define TT_TESTS_JOURNAL_FIXTURE_H

#include "../../lib/test.h"
#include "journal/journal.h"

#define FX_META      "run:\n  seed: 1\n"
#define FX_META_SIZE (sizeof FX_META - 1)
/** Room for any step of fx_step. */
#define FX_STEP_MAX 16384
#define FX_PATH_MAX 256

/** A step, with memory aligned as the bus aligns it. */
typedef struct fx_step {
    _Alignas(64) unsigned char bytes[FX_STEP_MAX];
    size_t size;
    tt_seq last_seq;
} fx_step;

/** One file kept in memory. */
typedef struct fx_file {
    char name[64];
    unsigned char *bytes;
    size_t size;
} fx_file;

/** All files of a directory kept in memory, sorted by name; without the lock. */
typedef struct fx_image {
    fx_file files[64];
    size_t count;
} fx_image;

/** Of the running test: a directory of its own, and the one of its journal, which is not there at
 * first. Made by fx_set_up, removed by fx_tear_down. */
extern char fx_root[FX_PATH_MAX];
extern char fx_journal[FX_PATH_MAX + 16];
int fx_set_up(void **state);
int fx_tear_down(void **state);

/** Numbers for a seed; the same on every machine. */
uint64_t fx_random(uint64_t *state);
/** The seed of a random test: TT_TEST_SEED, or `fallback`. Prints it. */
uint64_t fx_seed(uint64_t fallback);

/** Makes the step whose first message is `first_seq`: one to four messages of several topics. */
void fx_step_make(fx_step *step, tt_seq first_seq, uint64_t seed);
/** Puts a message with a zeroed payload at the end of a step and returns the payload. */
void *fx_step_add(fx_step *step, tt_topic topic, tt_seq seq, size_t payload_size);

/** Makes an empty temporary directory. */
void fx_dir_make(char path[FX_PATH_MAX]);
/** Removes a directory with its files and one level of directories below. */
void fx_dir_remove(const char *path);
/** Options with this durability and segment size. */
tt_journal_options fx_options(tt_durability durability, uint64_t segment_bytes);
/** Creates a journal that must not fail. */
tt_journal_writer *fx_create(const char *dir, const tt_journal_options *options);
/** Opens a journal again, which must not fail. */
tt_journal_writer *
fx_resume(const char *dir, const tt_journal_options *options, tt_journal_end *ret_end);
/** Appends `count` steps made from `seed`, with a commit after each `per_commit`. */
void fx_append(tt_journal_writer *writer, size_t count, size_t per_commit, uint64_t seed);
/** Reads all; returns the status that ended it. `ret_end`, `error` may be NULL. */
tutti_status fx_read(const char *dir, tt_journal_end *ret_end, tt_error *error);

/** Marks an open file, and for as long as it is open: stands for what a system would note of it.
 * Returns 0. (A flag that means nothing for files.) */
int fx_mark(int fd, bool is_marked);
bool fx_is_marked(int fd);

/** Steps of a journal of points. */
#define FX_POINTS 40
/** Makes a closed journal of several segments with FX_POINTS steps in fx_journal; a snapshot after
 * `snapshot_steps` (0 = none). `points`, FX_POINTS + 1: where it stands after each step. */
void fx_make_points(tt_journal_end *points, size_t snapshot_steps);
/** Reads it all; the steps must be those that it was made with, from `first` on. */
void fx_check_points(const tt_journal_end *points, size_t first);
/** Step after which it begins, from the number of its first message. */
size_t fx_step_before(const tt_journal_end *points, tt_seq first_seq);
/** Retains by these rules, which must not fail. */
tt_journal_retained fx_retain(const tt_journal_retention *rules);

/** Loads all files of a directory. */
void fx_image_load(const char *dir, fx_image *image);
/** Makes a closed journal of several segments in fx_journal, and loads it. */
void fx_make_closed(fx_image *image);
/** Makes the directory hold exactly these files. */
void fx_image_store(const char *dir, const fx_image *image);
/** Writes one file of an image. */
void fx_file_store(const char *dir, const fx_file *file);
void fx_image_free(fx_image *image);
/** Finds a file whose name ends so; the last one of them. */
fx_file *fx_image_last(fx_image *image, const char *suffix);

#endif
