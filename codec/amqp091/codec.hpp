// Methods to octets and back, and everything else that is derived from THE TABLE at run time.
// Only codec.cpp instantiates the rows, so including this is cheap.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "codec/amqp091/frame.hpp"
#include "codec/amqp091/methods.hpp"
#include "codec/amqp091/properties.hpp"

namespace codec::amqp091 {

// The payload of a method frame. The method views `payload`. Every octet must be used: a method with octets
// left over is refused, as RabbitMQ refuses it. No allocation, whatever the octets.
std::expected<Method, DecodeError> decode_method(BytesView payload, Dialect dialect = Dialect::rabbitmq);

void encode(const Method& method, Bytes& out);

// A whole method frame.
void append_method(Bytes& out, ChannelNumber channel, const Method& method);
// Header and body frames of a content.
void append_content(
    Bytes& out, ChannelNumber channel, BytesView property_octets, BytesView body, std::size_t frame_max
);

// A method frame, its header frame and its body frames at once, which is what a publish, a delivery or a return is.
// `M` is a method that carries content, or `Method` if it is known only at run time; `Properties` is BasicProperties,
// or BytesView for property octets that are passed on as they came.
template <class M, class Properties>
void append_message(
    Bytes& out,
    ChannelNumber channel,
    const M& method,
    const Properties& properties,
    BytesView body,
    std::size_t frame_max
);

// The class-id and method-id at the start of a payload, if it has them.
std::optional<MethodId> peek_method_id(BytesView payload);

MethodId id_of(const Method&);
std::string_view name_of(const Method&);  // "basic.get-ok"
Peer sender_of(const Method&);
bool carries_content(const Method&);

std::string to_string(const Method&);  // basic.ack(delivery_tag=1, multiple=true)

// A row as data, for whoever needs names and types without the struct: JSON, dictionaries, the comparison with
// the official list.
enum class Domain : std::uint8_t { octet, short_, long_, longlong, shortstr, longstr, table, bit, timestamp };

std::string_view to_string(Domain);

struct FieldRow {
    std::string_view name;  // with underscores
    Domain domain{};
    bool reserved = false;
};

struct MethodRow {
    std::string_view name;
    MethodId id;
    Peer sender{};
    Carries carries{};
    std::span<const FieldRow> fields;
};

std::span<const MethodRow> method_rows();  // in the order of the table
const MethodRow* find_method(std::string_view name);
const MethodRow* find_method(MethodId id);

std::span<const FieldRow> property_rows();  // in wire order

// A field's value without its struct; the alternatives stand in the order of `Domain`.
using FieldContent = std::variant<Octet, Short, Long, LongLong, ShortString, LongString, FieldTable, Bit, Timestamp>;
using FieldVisitor = std::function<void(const FieldRow&, const FieldContent&)>;

void for_each_field(const Method&, const FieldVisitor&);           // in wire order, without the reserved ones
void for_each_field(const BasicProperties&, const FieldVisitor&);  // the properties that are present

}  // namespace codec::amqp091
