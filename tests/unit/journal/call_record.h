/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A record of every call that changes a file of a journal, and the directory as it may be found
 * after any prefix of it: all of it (a kill), or what was synced and any part of the rest, by
 * sectors, cuts and names (a power cut).
 */
#ifndef TT_TESTS_CALL_RECORD_H
#define TT_TESTS_CALL_RECORD_H

#include "journal/journal_file.h"
#include "journal_fixture.h"

#include <pthread.h>

enum {
    SECTOR = 512,
    SPACE_MAX = 64 * 1024,
    CALLS_MAX = 600,
    NONE = -1
};

typedef enum call_kind {
    CALL_WRITE,
    CALL_CUT,
    CALL_RENAME,
    CALL_SYNC,
    CALL_SYNC_NAMES,
    ACKNOWLEDGED
} call_kind;

typedef struct call {
    call_kind kind;
    int file; /* In the base image. */
    uint64_t offset;
    size_t size;
    unsigned char *bytes;
    char to[64];
    bool is_of_seals; /* By the thread that seals. */
    tt_journal_end end;
} call;

/* What a writer does to the files that were there when it began. */
typedef struct call_record {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t writer;
    fx_image base;
    ino_t inodes[64];
    bool is_direct;
    bool is_held; /* The thread that seals waits before its first call. */
    bool is_at_gate;
    bool is_on;
    int fails; /* That call of the sealing thread fails, from 0. */
    int seal_calls;
    size_t count;
    call calls[CALLS_MAX];
} call_record;

/* How much of what was not synced is there. */
typedef struct crash_loss {
    bool has_writes;
    bool has_cuts;
    bool has_names;
    uint64_t seed; /* Not 0: any part of each. */
} crash_loss;

extern call_record *cr_taken;  /* By the running test. */
extern const char *cr_watched; /* A sync of the names notes whether this one is there. */

int cr_set_up(void **state);
int cr_tear_down(void **state);
/* Calls that are written down in cr_taken. */
tt_journal_io cr_io(void);
/* Lets the thread that seals wait before its first call, or go on. */
void cr_hold(bool is_held);
void cr_wait_at_gate(void);
/* From now on all is written down; what is there now is there for good. */
void cr_begin(const char *dir);
/* Learns which files these are. */
void cr_note_inodes(const char *dir, const fx_image *image);
void cr_forget(void);
void cr_acknowledge(const tt_journal_end *end);
/* The directory as a crash before call `moment` may leave it. */
void cr_make_again(size_t moment, crash_loss loss, fx_image *image);
/* The last that was acknowledged before `moment`; nothing if that was before the record began. */
tt_journal_end cr_acknowledged(size_t moment);
/* How often a call of one kind was made by the thread that seals. */
int cr_count_seal_calls(call_kind kind);
/* Place of the n-th name that a file got. */
size_t cr_find_name(int n);

#endif
