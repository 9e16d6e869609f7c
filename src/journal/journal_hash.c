/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * SHA-256 through libcrypto. Through its plain functions, which libcrypto 3 calls deprecated:
 * the general ones take memory from the heap for every digest, and a commit takes none.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "journal/journal_hash.h"

#include "journal/sha256_pair.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(TT_DIGEST_SIZE == SHA256_DIGEST_LENGTH, "the chain is SHA-256");

tutti_status tt_journal_hash_init(tt_journal_hash *hash, tt_error *error)
{
    *hash = (tt_journal_hash){
        .digests = malloc((TT_JOURNAL_PIECES_MAX + 1) * TT_DIGEST_SIZE),
        .has_pairs = tt_sha256_pair_is_offered()};
    if (!hash->digests) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the chain of a journal");
    }
    return TUTTI_OK;
}

void tt_journal_hash_fini(tt_journal_hash *hash)
{
    free(hash->digests);
    *hash = (tt_journal_hash){0};
}

void tt_journal_hash_two(
    tt_journal_hash *hash,
    const void *first,
    size_t first_size,
    const void *second,
    size_t second_size,
    uint8_t digest[TT_DIGEST_SIZE])
{
    TT_ASSERT(SHA256_Init(&hash->state) == 1);
    TT_ASSERT(SHA256_Update(&hash->state, first, first_size) == 1);
    TT_ASSERT(SHA256_Update(&hash->state, second, second_size) == 1);
    TT_ASSERT(SHA256_Final(digest, &hash->state) == 1);
}

void tt_journal_hash_step(
    tt_journal_hash *hash, uint8_t chain[TT_DIGEST_SIZE], const void *bytes, size_t size)
{
    tt_journal_hash_two(hash, chain, TT_DIGEST_SIZE, bytes, size, chain);
}

void tt_journal_hash_batch(
    tt_journal_hash *hash, uint8_t chain[TT_DIGEST_SIZE], const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    size_t count = 1; // The first digest is the chain value.
    size_t left = size;
    TT_ASSERT(size <= TT_JOURNAL_BATCH_MAX);
    for (; hash->has_pairs && left >= 2 * TT_JOURNAL_PIECE; count += 2) {
        uint8_t(*to)[TT_DIGEST_SIZE] = &hash->digests[count];
        tt_sha256_pair(at, at + TT_JOURNAL_PIECE, TT_JOURNAL_PIECE, to[0], to[1]);
        at += 2 * TT_JOURNAL_PIECE;
        left -= 2 * TT_JOURNAL_PIECE;
    }
    for (; left > 0; count++) {
        size_t piece = left < TT_JOURNAL_PIECE ? left : TT_JOURNAL_PIECE;
        tt_journal_hash_two(hash, at, piece, "", 0, hash->digests[count]);
        at += piece;
        left -= piece;
    }
    if (count > 1) {
        memcpy(hash->digests[0], chain, TT_DIGEST_SIZE);
        tt_journal_hash_two(hash, hash->digests, count * TT_DIGEST_SIZE, "", 0, chain);
    }
}
