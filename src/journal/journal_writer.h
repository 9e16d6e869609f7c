/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The inside of a writer. Private to the journal.
 *
 * Invariants:
 *  1. What was committed ends at `position` of the open segment; all bytes behind it are zero or
 * were never acknowledged.
 *  2. The batch holds the step records of the next commit, finished as if the first of them stood
 *     at `placed`. They are finished once more when the batch is written elsewhere, which is when
 *     it begins a segment.
 *  3. While a batch of `chain` is begun, the chain values of `end` and `committed` are those before
 *     it. That is only from tt_writer_commit_batch to tt_writer_finish_chain.
 *  4. Where writes go past the page cache, `block` is about the open segment and its `position`.
 *  5. While `left.fd` is not -1, the open segment is a spare that has its header, in `block` or in
 *     the file, and gets its name with its first commit. Nothing of that segment was acknowledged.
 *  6. After a failure nothing is written any more, by any call: what the disk holds is not known.
 */
#ifndef TT_JOURNAL_JOURNAL_WRITER_H
#define TT_JOURNAL_JOURNAL_WRITER_H

#include "journal/journal_chain.h"
#include "journal/journal_recover.h"
#include "journal/journal_segment.h"
#include "journal/journal_spare.h"

/** Memory of a batch: its records, the commit, and what is written with them at both ends. */
#define TT_WRITER_BUFFER_BYTES                                                                     \
    ((TT_JOURNAL_BATCH_MAX + sizeof(tt_commit_record)) / TT_JOURNAL_BLOCK * TT_JOURNAL_BLOCK +     \
     3 * TT_JOURNAL_BLOCK)

/** Step records that gather for one commit. */
typedef struct tt_batch {
    unsigned char *memory; /**< TT_WRITER_BUFFER_BYTES, aligned to TT_JOURNAL_BLOCK. */
    unsigned char *bytes;  /**< The records, as far behind the start of a block as in the file. */
    size_t used;
    uint64_t placed; /**< Where in its file the first record is to stand. */
    bool is_poor;    /**< tt_step_record_finish said so of one. */
} tt_batch;

/** Memory for a batch; the caller frees it with free(). NULL: there is none. `is_large`: in pages
 * of 2 MiB, where the system gives such: what is written from them past the page cache goes to the
 * disk in a few pieces, and not in one for each 4 KiB. Of such a page all is resident once any of
 * it was touched; the first is at once. @thread{setup} @alloc{yes} */
unsigned char *tt_batch_memory(bool is_large);
/** Where in the memory of a batch that is `placed` there its records stand. */
static inline unsigned char *tt_batch_start(unsigned char *memory, uint64_t placed)
{
    return memory + placed % TT_JOURNAL_BLOCK;
}

struct tt_journal_writer {
    tt_journal_dir dir;
    tt_journal_hash hash;
    tt_chain *chain; /**< Of who commits in batches of his own; NULL: hash before the sync. */
    int lock_fd;
    tt_journal_file file; /**< The open segment; fd -1 = none. */
    char name[TT_JOURNAL_NAME_MAX];
    tt_seq segment_first;
    uint32_t version; /**< Of the open segment. */
    uint64_t segment_bytes;
    uint64_t space; /**< Taken in advance for each: segment_bytes, or up to the end of a block. */
    uint64_t position;
    uint64_t fill_at;     /**< Up to here the open segment's space was written; `space`: all. */
    bool fills_later;     /**< The rest of it by tt_journal_fill. */
    bool prepares_ahead;  /**< Space is written in advance, and `spare` is at work. */
    uint64_t quiet_bytes; /**< To be committed before `spare` is asked for anything; 0 = it is. */
    tt_spare spare;
    tt_seal left; /**< The segment before the open one, until that has a name; else fd -1. */
    char spare_name[TT_JOURNAL_NAME_MAX]; /**< Until then, the name of the open one. */
    tt_block block;                       /**< Of the open segment. */
    tt_block left_block;                  /**< Of the segment before it, until that is sealed. */
    tt_batch batch;                       /**< Of tt_journal_append. */
    tt_journal_end end;       /**< After the last append; commit_count and chain as committed. */
    tt_journal_end committed; /**< After the last commit. */
    tt_error failure;
    char cut_reason[TT_CUT_REASON_MAX];
};

/** Opens the segment that has just got its name, cuts it behind `position` and takes its space in
 * advance. */
TUTTI_NODISCARD tutti_status tt_writer_open_segment(
    tt_journal_writer *writer, tt_seq first_seq, uint64_t position, tt_error *error);
/** Cuts the open segment behind `position`. */
tutti_status tt_writer_cut(tt_journal_writer *writer, tt_error *error);
/** Makes what was written to the open segment durable, if the journal is. */
tutti_status tt_writer_sync(tt_journal_writer *writer, tt_error *error);
/** Seals what the buffer holds, which may be nothing, by a commit with these flags. */
TUTTI_NODISCARD tutti_status
tt_writer_commit(tt_journal_writer *writer, uint32_t flags, tt_error *error);
/** Commits a batch that somebody else has gathered, after anything that the writer's own holds:
 * records as invariant 2 wants them, after which the journal stands at `end`. With a chain of its
 * own the writer keeps the batch until tt_writer_finish_chain, whatever the status. */
TUTTI_NODISCARD tutti_status tt_writer_commit_batch(
    tt_journal_writer *writer, const tt_batch *batch, const tt_journal_end *end, tt_error *error);
/** Makes the chain value that of the last commit. */
void tt_writer_finish_chain(tt_journal_writer *writer);
/** Asks for the next segments to be made ahead, unless it is too early for that. */
void tt_writer_ask_ahead(tt_journal_writer *writer);
/** Ends the open segment and begins the next one. */
TUTTI_NODISCARD tutti_status tt_writer_rotate(tt_journal_writer *writer, tt_error *error);

#endif
