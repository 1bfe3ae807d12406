#include "simbroker/model/stream_log.hpp"

#include <algorithm>

namespace simbroker::model {
namespace {

// What RabbitMQ writes around a message: its chunk's header, and exchange and routing key as annotations. A round
// figure that makes segments hold about as many messages as they were seen to hold.
constexpr std::uint64_t written_around_a_message = 200;

constexpr std::string_view filter_value = "x-stream-filter-value";

}  // namespace

bool StreamFilter::wants(const Message& message) const {
    if (values.empty()) return true;
    const auto value = message.headers.find(filter_value);
    const auto* text = value ? value->as<codec::amqp091::LongString>() : nullptr;
    return text ? values.contains(text->text) : unfiltered_too;
}

void StreamLog::append(MessagePtr message, Instant now, const StreamLimits& limits) {
    if (segments_.empty() || segments_.back().bytes >= limits.segment_bytes) {
        segment_was_filled_ = !segments_.empty();
        segments_.emplace_back();
    }
    ++segments_.back().count;
    segments_.back().bytes += message->size() + written_around_a_message;
    entries_.push_back({next_offset_++, now, std::move(message)});
}

// From the youngest back, segments stay as long as they fit; of the rest, and of those whose last message is too old,
// none.
std::size_t StreamLog::surplus_segments(Instant now, const StreamLimits& limits) const {
    std::size_t surplus = 0;
    if (limits.bytes) {
        std::uint64_t kept = 0;
        auto oldest_kept = segments_.rbegin();
        for (; oldest_kept != segments_.rend(); ++oldest_kept) {
            kept += oldest_kept->bytes;
            if (kept > *limits.bytes) break;
        }
        surplus = static_cast<std::size_t>(segments_.rend() - oldest_kept);
    }
    if (limits.age) {
        std::size_t passed = 0;
        for (std::size_t i = 0; i < segments_.size(); ++i) {
            passed += segments_[i].count;
            if (now - entries_[passed - 1].at > *limits.age) surplus = std::max(surplus, i + 1);
        }
    }
    return std::min(surplus, segments_.size() - 1);
}

std::vector<MessagePtr> StreamLog::drop_surplus(Instant now, const StreamLimits& limits) {
    std::vector<MessagePtr> dropped;
    if (!segment_was_filled_) return dropped;
    segment_was_filled_ = false;
    for (auto left = surplus_segments(now, limits); left > 0; --left) {
        for (auto count = segments_.front().count; count > 0; --count) {
            dropped.push_back(std::move(entries_.front().message));
            entries_.pop_front();
        }
        segments_.pop_front();
    }
    return dropped;
}

void StreamLog::attach(const Subscriber& reader, std::uint64_t from, StreamFilter filter) {
    readers_.push_back({&reader, from, std::move(filter)});
}

void StreamLog::detach(const Subscriber& reader) {
    std::erase_if(readers_, [&](const Reader& other) { return other.subscriber == &reader; });
}

const StreamEntry* StreamLog::read(const Subscriber& subscriber) {
    const auto reader = std::ranges::find(readers_, &subscriber, &Reader::subscriber);
    if (reader == readers_.end()) return nullptr;
    for (reader->next = std::max(reader->next, first_offset()); reader->next < next_offset_;) {
        const auto& entry = entries_[reader->next - first_offset()];
        ++reader->next;
        if (reader->filter.wants(*entry.message)) return &entry;
    }
    return nullptr;
}

}  // namespace simbroker::model
