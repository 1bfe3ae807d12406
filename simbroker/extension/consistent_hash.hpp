// The two ways a hashing exchange comes from a number to a place; for x-consistent-hash and its tests.
#pragma once

#include <cstdint>

namespace simbroker::extension {

// Lamping and Veach's jump consistent hash (2014) as RabbitMQ has it: its generator is Erlang's exs1024 (Vigna's
// xorshift1024*) seeded with the key, and the arithmetic is that of doubles.
std::uint64_t jump_consistent_hash(std::int64_t key, std::uint64_t buckets);

}  // namespace simbroker::extension
