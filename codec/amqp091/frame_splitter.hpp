// Cuts a byte stream, segmented in any way, into frames. It keeps only what an unfinished frame needs: at
// most max_payload + 8 octets. A frame that lies whole inside one segment is seen in place, not copied.
//
//     splitter.feed(segment);
//     while (auto frame = splitter.next()) { if (!*frame) break; use(**frame); }
//
// A frame views the segment or the splitter; it is good until the next call of `next` or `feed`. The segment has to
// stay until `next` gave nothing, for only then what is left of it is kept.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "codec/amqp091/frame.hpp"
#include "codec/wire/put.hpp"

namespace codec::amqp091 {

struct FrameError {
    enum class Kind : std::uint8_t {
        too_large,      // the announced size exceeds what the splitter was told to take
        bad_frame_end,  // the octet after the payload is not 0xCE
    };

    Kind kind{};
    std::uint64_t offset{};  // octets from the start of the stream to the offending one
    Octet type{};
    ChannelNumber channel{};
    std::uint64_t announced{};  // the size field
    std::uint64_t limit{};      // the largest payload taken
    Octet end{};                // what stood in place of 0xCE
    BytesView payload{};        // of a frame with a bad end
};

std::string to_string(const FrameError&);

class FrameSplitter {
public:
    explicit FrameSplitter(std::size_t max_payload) : max_payload_(max_payload) {}

    // For frames whose header has not been read yet.
    void set_max_payload(std::size_t max_payload) { max_payload_ = max_payload; }

    void feed(BytesView segment) {
        if (!unread_.empty()) return feed_behind_unread(segment);
        unread_ = segment;
        in_kept_ = false;
    }

    // Octets that are no frame, such as a protocol header: all `count` of them or nothing yet.
    std::optional<BytesView> take(std::size_t count);

    // Nothing: more octets are needed. An error is final: the stream has no frame boundary any more.
    std::optional<std::expected<Frame, FrameError>> next() {
        if (!error_) {
            if (const auto size = whole_frame(unread_)) return frame_of(consume(*size + frame_overhead));
            if (unread_.empty()) return std::nullopt;
        }
        return next_unusual();
    }

    // For a reader that stops before `next` gave nothing: what is unread outlives the segment.
    void keep() { keep_unread(); }

    std::uint64_t consumed() const { return consumed_; }
    std::size_t unread() const { return unread_.size(); }

private:
    // The size of the payload, if a frame without fault lies at the front.
    std::optional<std::size_t> whole_frame(BytesView octets) const {
        if (octets.size() < frame_overhead) return std::nullopt;
        const std::size_t size = wire::get<std::uint32_t>(octets.data() + 3);
        if (size > max_payload_ || octets.size() - frame_overhead < size) return std::nullopt;
        if (octets[frame_header_size + size] != frame_end) return std::nullopt;
        return size;
    }

    static Frame frame_of(BytesView octets) {
        const ChannelNumber channel{wire::get<std::uint16_t>(octets.data() + 1)};
        return {octets[0], channel, octets.subspan(frame_header_size, octets.size() - frame_overhead)};
    }

    BytesView consume(std::size_t count) {
        const auto octets = unread_.first(count);
        unread_ = unread_.subspan(count);
        consumed_ += count;
        return octets;
    }

    void feed_behind_unread(BytesView segment);
    std::optional<std::expected<Frame, FrameError>> next_unusual();
    void keep_unread();

    std::size_t max_payload_;
    std::uint64_t consumed_ = 0;
    std::optional<FrameError> error_;
    Bytes kept_;
    BytesView unread_;  // in the segment fed last, or in kept_
    bool in_kept_ = false;
};

}  // namespace codec::amqp091
