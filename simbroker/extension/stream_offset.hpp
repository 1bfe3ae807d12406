// Where a consumer of a stream begins to read: the argument x-stream-offset of basic.consume.
#pragma once

#include <expected>
#include <optional>

#include "codec/amqp091/field_table.hpp"
#include "simbroker/model/stream_log.hpp"
#include "simbroker/profile/profile.hpp"

namespace simbroker::extension {

inline constexpr std::string_view x_stream_offset = "x-stream-offset";

struct StreamOffset {
    enum class Kind : std::uint8_t { first, last, next, number, ago, calendar };
    Kind kind = Kind::next;
    std::uint64_t number = 0;     // an offset, or a second of the calendar
    std::chrono::seconds ago{0};  // before now
};

// Refused in so many words, or the death of the connection.
enum class BadStreamOffset : std::uint8_t { refused, fails_inside };

// "first", "last", "next", an offset, a timestamp, or an interval: "1h". Without the argument it is "next".
std::expected<StreamOffset, BadStreamOffset> stream_offset(
    codec::amqp091::FieldTable arguments, const profile::StreamQueues& streams
);

struct Calendar {
    Instant now;
    std::chrono::seconds epoch;  // the calendar second of Instant zero
};

// The number of the first message to read.
std::uint64_t first_to_read(const StreamOffset& offset, const model::StreamLog& log, const Calendar& calendar);

// A number and a unit, of Y M D h m s: "7D". Nothing for anything else.
struct Interval {
    std::optional<std::chrono::seconds> length;
    bool begins_with_a_number = false;  // what RabbitMQ's parser needs to get as far as to refuse the rest
};
Interval parse_interval(std::string_view text);

}  // namespace simbroker::extension
