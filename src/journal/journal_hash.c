/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * SHA-256 through libcrypto.
 */
#include "journal/journal_hash.h"

#include <stdlib.h>
#include <string.h>

tutti_status tt_journal_hash_init(tt_journal_hash *hash, tt_error *error)
{
    *hash = (tt_journal_hash){
        .md = EVP_MD_fetch(NULL, "SHA256", NULL),
        .ctx = EVP_MD_CTX_new(),
        .digests = malloc((TT_JOURNAL_PIECES_MAX + 1) * TT_DIGEST_SIZE)};
    if (!hash->md || !hash->ctx || !hash->digests ||
        EVP_DigestInit_ex2(hash->ctx, hash->md, NULL) != 1) {
        tt_journal_hash_fini(hash);
        return tt_error_set(error, TUTTI_NO_MEMORY, "libcrypto gave no SHA-256");
    }
    return TUTTI_OK;
}

void tt_journal_hash_fini(tt_journal_hash *hash)
{
    EVP_MD_CTX_free(hash->ctx);
    EVP_MD_free(hash->md);
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
    // Starting again with the digest that is set up already spares its look-up: a third of the cost
    // of a small step.
    TT_ASSERT(EVP_DigestInit_ex2(hash->ctx, NULL, NULL) == 1);
    TT_ASSERT(EVP_DigestUpdate(hash->ctx, first, first_size) == 1);
    TT_ASSERT(EVP_DigestUpdate(hash->ctx, second, second_size) == 1);
    TT_ASSERT(EVP_DigestFinal_ex(hash->ctx, digest, NULL) == 1);
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
    TT_ASSERT(size <= TT_JOURNAL_BATCH_MAX);
    for (size_t left = size; left > 0; count++) {
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
