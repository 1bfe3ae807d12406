// The 14 properties of the basic class (1.8) and the content header that carries them (4.2.6.1).
//
//   content header payload = short(class-id) short(weight, 0) longlong(body-size) flags *property
//   flags                  = short: bit 15 is the first property, bit 0 says that another flags word follows
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "codec/amqp091/field_table.hpp"
#include "codec/amqp091/row.hpp"
#include "codec/amqp091/values.hpp"
#include "codec/wire/put.hpp"

namespace codec::amqp091 {

// An absent property, made in a way that compilers do not take for a constant: of a constant they make 300 octets of
// zeros for each message, where 14 flags do.
template <class T>
std::optional<T> absent(std::nullopt_t none = std::nullopt) {
    return std::optional<T>(none);
}

struct BasicProperties {
    std::optional<ShortString> content_type = absent<ShortString>(), content_encoding = absent<ShortString>();
    std::optional<FieldTable> headers = absent<FieldTable>();
    std::optional<Octet> delivery_mode = absent<Octet>(), priority = absent<Octet>();
    std::optional<ShortString> correlation_id = absent<ShortString>(), reply_to = absent<ShortString>(),
                               expiration = absent<ShortString>(), message_id = absent<ShortString>();
    std::optional<Timestamp> timestamp = absent<Timestamp>();
    std::optional<ShortString> type = absent<ShortString>(), user_id = absent<ShortString>(),
                               app_id = absent<ShortString>(), cluster_id = absent<ShortString>();

    // In wire order: the first has flag bit 15.
    static constexpr auto fields =
        row(field("content_type", &BasicProperties::content_type),
            field("content_encoding", &BasicProperties::content_encoding),
            field("headers", &BasicProperties::headers),
            field("delivery_mode", &BasicProperties::delivery_mode),
            field("priority", &BasicProperties::priority),
            field("correlation_id", &BasicProperties::correlation_id),
            field("reply_to", &BasicProperties::reply_to),
            field("expiration", &BasicProperties::expiration),
            field("message_id", &BasicProperties::message_id),
            field("timestamp", &BasicProperties::timestamp),
            field("type", &BasicProperties::type),
            field("user_id", &BasicProperties::user_id),
            field("app_id", &BasicProperties::app_id),
            field("cluster_id", &BasicProperties::cluster_id));

    friend bool operator==(const BasicProperties&, const BasicProperties&) = default;
};

// 1.8 basic: delivery-mode.
inline constexpr Octet transient_delivery = 1;
inline constexpr Octet persistent_delivery = 2;

inline constexpr std::uint16_t basic_class_id = 60;

struct ContentHeader {
    std::uint16_t class_id = basic_class_id;
    std::uint16_t weight = 0;
    std::uint64_t body_size = 0;
    BytesView property_octets{};  // flags and list, not yet looked into: a broker passes them on as they are

    friend bool operator==(const ContentHeader& a, const ContentHeader& b) {
        return a.class_id == b.class_id && a.weight == b.weight && a.body_size == b.body_size &&
               wire::as_text(a.property_octets) == wire::as_text(b.property_octets);
    }
};

inline constexpr std::size_t content_header_size = 12;  // before the property flags

// What is wrong with a payload of fewer octets than that.
DecodeError content_header_mistake(BytesView payload);

inline std::expected<ContentHeader, DecodeError> decode_content_header(BytesView payload) {
    if (payload.size() < content_header_size) [[unlikely]]
        return std::unexpected(content_header_mistake(payload));
    const auto* at = payload.data();
    return ContentHeader{
        .class_id = wire::get<std::uint16_t>(at),
        .weight = wire::get<std::uint16_t>(at + 2),
        .body_size = wire::get<std::uint64_t>(at + 4),
        .property_octets = payload.subspan(content_header_size),
    };
}
void encode(const ContentHeader&, Bytes& out);

// All octets must be used; undefined flag bits are ignored, as RabbitMQ ignores them.
std::expected<BasicProperties, DecodeError> decode_properties(
    BytesView property_octets, Dialect dialect = Dialect::rabbitmq
);
void encode(const BasicProperties&, Bytes& out);

std::string to_string(const BasicProperties&);

}  // namespace codec::amqp091
