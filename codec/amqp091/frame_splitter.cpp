#include "codec/amqp091/frame_splitter.hpp"

#include <fmt/format.h>

#include "codec/wire/reader.hpp"

namespace codec::amqp091 {

std::string to_string(const FrameError& error) {
    if (error.kind == FrameError::Kind::too_large) {
        return fmt::format(
            "at octet {} of the stream: expected a frame payload of at most {} octets, the frame announces {}",
            error.offset,
            error.limit,
            error.announced
        );
    }
    return fmt::format("at octet {} of the stream: expected frame-end 0xCE, got {:#04x}", error.offset, error.end);
}

void FrameSplitter::feed_behind_unread(BytesView segment) {
    keep_unread();
    kept_.insert(kept_.end(), segment.begin(), segment.end());
    unread_ = kept_;
}

// Moves what is not consumed to the front of kept_, whose capacity is reused.
void FrameSplitter::keep_unread() {
    if (!in_kept_) {
        kept_.assign(unread_.begin(), unread_.end());
    } else if (unread_.data() != kept_.data()) {
        kept_.erase(kept_.begin(), kept_.begin() + (unread_.data() - kept_.data()));
    }
    in_kept_ = true;
    unread_ = kept_;
}

std::optional<BytesView> FrameSplitter::take(std::size_t count) {
    if (unread_.size() < count) {
        keep_unread();
        return std::nullopt;
    }
    return consume(count);
}

// Whatever is not a whole frame without fault: a mistake, or the wait for more octets.
std::optional<std::expected<Frame, FrameError>> FrameSplitter::next_unusual() {
    if (error_) return std::unexpected(*error_);
    if (unread_.size() < frame_header_size) {
        keep_unread();
        return std::nullopt;
    }
    wire::Reader reader(unread_);
    const auto type = reader.u8();
    const ChannelNumber channel{reader.u16()};
    const std::size_t size = reader.u32();
    if (size > max_payload_) {
        error_ = FrameError{FrameError::Kind::too_large, consumed_ + 3, type, channel, size, max_payload_, 0, {}};
        return std::unexpected(*error_);
    }
    if (unread_.size() < size + frame_overhead) {
        keep_unread();
        return std::nullopt;
    }
    const auto at = consumed_ + frame_header_size + size;
    const auto octets = consume(size + frame_overhead);
    const auto payload = octets.subspan(frame_header_size, size);
    error_ = FrameError{FrameError::Kind::bad_frame_end, at, type, channel, size, max_payload_, octets.back(), payload};
    return std::unexpected(*error_);
}

}  // namespace codec::amqp091
