#include "simbroker/extension/stream_offset.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace simbroker::extension {

using codec::amqp091::FieldTable;
using codec::amqp091::LongString;
using codec::amqp091::Timestamp;
using Kind = StreamOffset::Kind;

namespace {

constexpr std::int64_t day = 86400;
constexpr std::array units{
    std::pair{'Y', 365 * day},
    std::pair{'M', 30 * day},
    std::pair{'D', day},
    std::pair{'h', std::int64_t{3600}},
    std::pair{'m', std::int64_t{60}},
    std::pair{'s', std::int64_t{1}},
};

constexpr std::array words{
    std::pair{std::string_view("first"), Kind::first},
    std::pair{std::string_view("last"), Kind::last},
    std::pair{std::string_view("next"), Kind::next},
};

std::expected<StreamOffset, BadStreamOffset> from_text(std::string_view text, const profile::StreamQueues& streams) {
    const auto word = std::ranges::find(words, text, [](const auto& row) { return row.first; });
    if (word != words.end()) return StreamOffset{.kind = word->second};
    const auto interval = parse_interval(text);
    if (interval.length) return StreamOffset{.kind = Kind::ago, .ago = *interval.length};
    const bool refused =
        interval.begins_with_a_number || streams.unreadable_interval == profile::UnreadableInterval::refused;
    return std::unexpected(refused ? BadStreamOffset::refused : BadStreamOffset::fails_inside);
}

}  // namespace

Interval parse_interval(std::string_view text) {
    constexpr std::int64_t century = 100 * 365 * day;  // no broker is older, and nanoseconds of it still fit
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    Interval interval{.length = std::nullopt, .begins_with_a_number = error == std::errc() && !text.starts_with('-')};
    if (!interval.begins_with_a_number) return interval;
    const std::string_view rest(end, text.data() + text.size());
    if (rest.size() != 1) return interval;
    const auto unit = std::ranges::find(units, rest.front(), [](const auto& row) { return row.first; });
    if (unit == units.end()) return interval;
    interval.length = std::chrono::seconds(std::min(number, century / unit->second) * unit->second);
    return interval;
}

std::expected<StreamOffset, BadStreamOffset> stream_offset(FieldTable arguments, const profile::StreamQueues& streams) {
    const auto value = arguments.find(x_stream_offset);
    if (!value) return StreamOffset{};
    if (const auto* text = value->as<LongString>()) return from_text(text->text, streams);
    if (const auto* at = value->as<Timestamp>()) return StreamOffset{.kind = Kind::calendar, .number = at->seconds};
    if (const auto number = value->as_integer()) {
        return StreamOffset{
            .kind = Kind::number, .number = static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0))
        };
    }
    return std::unexpected(BadStreamOffset::fails_inside);
}

namespace {

// RabbitMQ seeks by the time of a chunk; here each message is a chunk of its own.
std::uint64_t first_since(Instant since, const model::StreamLog& log) {
    const auto found = std::ranges::lower_bound(log.entries(), since, {}, &model::StreamEntry::at);
    return found == log.entries().end() ? log.next_offset() : found->offset;
}

}  // namespace

std::uint64_t first_to_read(const StreamOffset& offset, const model::StreamLog& log, const Calendar& calendar) {
    switch (offset.kind) {
        case Kind::first: return log.first_offset();
        case Kind::last: return log.count() == 0 ? log.next_offset() : log.next_offset() - 1;
        case Kind::next: return log.next_offset();
        case Kind::number: return std::max(offset.number, log.first_offset());
        case Kind::ago: return first_since(calendar.now - offset.ago, log);
        case Kind::calendar: {
            const auto start = static_cast<std::uint64_t>(calendar.epoch.count());
            if (offset.number <= start) return log.first_offset();
            const auto later = std::min<std::uint64_t>(offset.number - start, 1'000'000'000);
            return first_since(Instant{} + std::chrono::seconds(static_cast<std::int64_t>(later)), log);
        }
    }
    return log.next_offset();
}

}  // namespace simbroker::extension
