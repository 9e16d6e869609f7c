/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * SHA-256 for the chain, with one context for all uses. Private to the journal.
 */
#ifndef TT_JOURNAL_JOURNAL_HASH_H
#define TT_JOURNAL_JOURNAL_HASH_H

#include "journal/journal_format.h"

#include <openssl/sha.h>

/** Digests of the pieces of the largest batch. */
#define TT_JOURNAL_PIECES_MAX ((TT_JOURNAL_BATCH_MAX + TT_JOURNAL_PIECE - 1) / TT_JOURNAL_PIECE)
/** Bytes that are hashed side by side: two pieces. The last lot of a batch may have fewer. */
#define TT_JOURNAL_LOT (2 * TT_JOURNAL_PIECE)

/** A hasher. */
typedef struct tt_journal_hash {
    SHA256_CTX state;
    uint8_t (*digests)[TT_DIGEST_SIZE]; /**< The chain value, then one a piece. */
    bool has_pairs;                     /**< Pieces are hashed two at a time; tests turn it off. */
} tt_journal_hash;

/** @retval TUTTI_NO_MEMORY. @thread{setup} @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_journal_hash_init(tt_journal_hash *hash, tt_error *error);
/** A zeroed one is fine. */
void tt_journal_hash_fini(tt_journal_hash *hash);
/** digest = SHA-256(first || second); `second` may be empty. `first` may be `digest`.
 * @thread{owner} @alloc{never} */
void tt_journal_hash_two(
    tt_journal_hash *hash,
    const void *first,
    size_t first_size,
    const void *second,
    size_t second_size,
    uint8_t digest[TT_DIGEST_SIZE]);
/** Version 1: chain = SHA-256(chain || bytes). @thread{owner} @alloc{never} */
void tt_journal_hash_step(
    tt_journal_hash *hash, uint8_t chain[TT_DIGEST_SIZE], const void *bytes, size_t size);
/** chain = SHA-256(chain || digests of the pieces of the step records that a commit seals). Without
 * any the chain stays. `size` is at most TT_JOURNAL_BATCH_MAX. @thread{owner} @alloc{never} */
void tt_journal_hash_batch(
    tt_journal_hash *hash, uint8_t chain[TT_DIGEST_SIZE], const void *bytes, size_t size);

/** The same in parts. How many lots a batch of `size` bytes has: none only if it is empty. */
size_t tt_journal_hash_lots(size_t size);
/** Hashes the pieces of one lot, from 0, of a batch. Each lot once, in any order, also several at
 * the same time. @thread{any} @alloc{never} */
void tt_journal_hash_lot(tt_journal_hash *hash, const void *bytes, size_t size, size_t lot);
/** The chain value from the digests of all lots. @thread{owner} @alloc{never} */
void tt_journal_hash_join(tt_journal_hash *hash, uint8_t chain[TT_DIGEST_SIZE], size_t size);

#endif
