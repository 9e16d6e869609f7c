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

size_t tt_journal_hash_lots(size_t size)
{
    TT_ASSERT(size <= TT_JOURNAL_BATCH_MAX);
    return (size + TT_JOURNAL_LOT - 1) / TT_JOURNAL_LOT;
}

void tt_journal_hash_lot(tt_journal_hash *hash, const void *bytes, size_t size, size_t lot)
{
    const unsigned char *at = (const unsigned char *)bytes + lot * TT_JOURNAL_LOT;
    size_t left = size - lot * TT_JOURNAL_LOT;
    uint8_t(*to)[TT_DIGEST_SIZE] = &hash->digests[1 + 2 * lot]; // The first is the chain value.
    if (hash->has_pairs && left >= TT_JOURNAL_LOT) {
        tt_sha256_pair(at, at + TT_JOURNAL_PIECE, TT_JOURNAL_PIECE, to[0], to[1]);
        return;
    }
    SHA256_CTX state; // Not the one of `hash`: others are at other lots.
    for (size_t i = 0; i < 2 && left > 0; i++) {
        size_t piece = left < TT_JOURNAL_PIECE ? left : TT_JOURNAL_PIECE;
        TT_ASSERT(SHA256_Init(&state) == 1);
        TT_ASSERT(SHA256_Update(&state, at, piece) == 1);
        TT_ASSERT(SHA256_Final(to[i], &state) == 1);
        at += piece;
        left -= piece;
    }
}

void tt_journal_hash_join(tt_journal_hash *hash, uint8_t chain[TT_DIGEST_SIZE], size_t size)
{
    size_t pieces = (size + TT_JOURNAL_PIECE - 1) / TT_JOURNAL_PIECE;
    if (pieces > 0) {
        memcpy(hash->digests[0], chain, TT_DIGEST_SIZE);
        tt_journal_hash_two(hash, hash->digests, (1 + pieces) * TT_DIGEST_SIZE, "", 0, chain);
    }
}

void tt_journal_hash_batch(
    tt_journal_hash *hash, uint8_t chain[TT_DIGEST_SIZE], const void *bytes, size_t size)
{
    size_t lots = tt_journal_hash_lots(size);
    for (size_t lot = 0; lot < lots; lot++) {
        tt_journal_hash_lot(hash, bytes, size, lot);
    }
    tt_journal_hash_join(hash, chain, size);
}
