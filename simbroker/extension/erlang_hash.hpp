// erlang:phash2/1, which the hashing exchanges of RabbitMQ choose by: the same number for the same Erlang term on every
// release of Erlang. Terms are fed in the order Erlang walks them; the outermost is fed first.
//
// The mixing is Bob Jenkins' hash of 1996 (lookup2, public domain); what is fed to it, and with which constants, was
// compared with the answers of Erlang/OTP 25 (erlang_hash_test.cpp).
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/amqp091/field_table.hpp"

namespace simbroker::extension {

class ErlangHash {
public:
    ErlangHash& atom(std::string_view name);
    ErlangHash& integer(std::int64_t value);
    ErlangHash& big_integer(std::uint64_t magnitude);  // from 2^63 on
    ErlangHash& real(double value);
    ErlangHash& binary(std::string_view octets);
    ErlangHash& tuple(std::uint32_t arity);  // then its elements
    // A list is its elements, then nil(). Elements that are integers of one octet would need another form; no list of
    // RabbitMQ's that is hashed holds any.
    ErlangHash& nil();

    // 27 bits, as phash2/1 gives.
    std::uint32_t value() const { return hash_ & 0x7ffffff; }

private:
    void mix(std::uint32_t a, std::uint32_t b, std::uint32_t multiple);

    std::uint32_t hash_ = 0;
};

// As RabbitMQ decodes a value of a field table: {longstr, <<"x">>} for an element, and the bare value within it.
void feed_tagged(ErlangHash& hash, const codec::amqp091::FieldValue& value);
void feed_value(ErlangHash& hash, const codec::amqp091::FieldValue& value);

}  // namespace simbroker::extension
