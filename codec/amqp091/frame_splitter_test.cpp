#include "codec/amqp091/frame_splitter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/wire/hex.hpp"

namespace codec::amqp091 {
namespace {

using wire::as_bytes;
using wire::as_text;

constexpr std::size_t max_payload = 100;

struct Seen {
    Octet type{};
    std::uint16_t channel{};
    std::string payload;

    friend bool operator==(const Seen&, const Seen&) = default;
};

// Frames of 0, 1, 100 and 5 octets: shortest, one, largest, and one that holds an octet like a frame-end.
Bytes stream() {
    Bytes out;
    append_heartbeat(out);
    append_frame(out, {frame_type::body, {7}, as_bytes("x")});
    append_frame(out, {frame_type::method, {65535}, as_bytes(std::string_view(std::string(max_payload, 'm')))});
    append_frame(out, {frame_type::header, {1}, as_bytes(std::string_view("\xce\x01\x00\xce\xce", 5))});
    return out;
}

// Each segment lies in memory of its own that is gone before the next, as a network buffer may be.
std::vector<Seen> frames_of(const std::vector<Bytes>& segments) {
    FrameSplitter splitter(max_payload);
    std::vector<Seen> seen;
    for (const auto& segment : segments) {
        const auto buffer = std::make_unique<Bytes>(segment);
        splitter.feed(*buffer);
        while (const auto frame = splitter.next()) {
            if (!*frame) {
                ADD_FAILURE() << to_string(frame->error());
                return seen;
            }
            seen.push_back({(*frame)->type, (*frame)->channel.value, std::string(as_text((*frame)->payload))});
        }
    }
    return seen;
}

TEST(FrameSplitter, sees_every_frame_of_a_stream_in_one_piece) {
    const auto seen = frames_of({stream()});
    ASSERT_EQ(seen.size(), 4u);
    EXPECT_EQ(seen[0], (Seen{frame_type::heartbeat, 0, ""}));
    EXPECT_EQ(seen[1], (Seen{frame_type::body, 7, "x"}));
    EXPECT_EQ(seen[2], (Seen{frame_type::method, 65535, std::string(max_payload, 'm')}));
    EXPECT_EQ(seen[3], (Seen{frame_type::header, 1, std::string("\xce\x01\x00\xce\xce", 5)}));
}

TEST(FrameSplitter, sees_the_same_frames_octet_by_octet) {
    std::vector<Bytes> segments;
    for (const auto octet : stream()) segments.push_back({octet});
    EXPECT_EQ(frames_of(segments), frames_of({stream()}));
}

TEST(FrameSplitter, sees_the_same_frames_cut_in_two_anywhere) {
    const auto octets = stream();
    const auto whole = frames_of({octets});
    for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
        const auto middle = octets.begin() + static_cast<std::ptrdiff_t>(cut);
        EXPECT_EQ(frames_of({{octets.begin(), middle}, {middle, octets.end()}}), whole) << "cut at " << cut;
    }
}

TEST(FrameSplitter, sees_the_same_frames_cut_in_three_anywhere) {
    const auto octets = stream();
    const auto whole = frames_of({octets});
    for (std::size_t first = 0; first <= octets.size(); first += 3) {
        for (std::size_t second = first; second <= octets.size(); second += 5) {
            const auto a = octets.begin() + static_cast<std::ptrdiff_t>(first);
            const auto b = octets.begin() + static_cast<std::ptrdiff_t>(second);
            ASSERT_EQ(frames_of({{octets.begin(), a}, {a, b}, {b, octets.end()}}), whole) << first << " " << second;
        }
    }
}

TEST(FrameSplitter, shows_a_whole_frame_in_place) {
    const auto octets = stream();
    FrameSplitter splitter(max_payload);
    splitter.feed(octets);
    splitter.next();
    const auto frame = splitter.next();
    EXPECT_EQ((*frame)->payload.data(), octets.data() + frame_overhead + frame_header_size);
}

TEST(FrameSplitter, refuses_a_size_above_its_limit_as_soon_as_it_is_announced) {
    Bytes octets;
    append_heartbeat(octets);
    octets.insert(octets.end(), {1, 0, 2, 0, 0, 0, max_payload + 1});
    FrameSplitter splitter(max_payload);
    splitter.feed(octets);
    ASSERT_TRUE(splitter.next()->has_value());
    const auto refused = splitter.next();
    ASSERT_TRUE(refused && !*refused);
    const auto& error = refused->error();
    EXPECT_EQ(error.kind, FrameError::Kind::too_large);
    EXPECT_EQ(error.offset, 8u + 3u);
    EXPECT_EQ(error.channel.value, 2);
    EXPECT_EQ(error.announced, max_payload + 1);
    EXPECT_EQ(error.limit, max_payload);
    EXPECT_EQ(
        to_string(error),
        "at octet 11 of the stream: expected a frame payload of at most 100 octets, the frame announces 101"
    );
}

TEST(FrameSplitter, refuses_the_largest_size_a_frame_can_announce) {
    FrameSplitter splitter(max_payload);
    const Bytes octets{1, 0, 0, 0xff, 0xff, 0xff, 0xff};
    splitter.feed(octets);
    const auto refused = splitter.next();
    ASSERT_TRUE(refused && !*refused);
    EXPECT_EQ(refused->error().announced, 0xffffffffu);
}

TEST(FrameSplitter, refuses_an_octet_that_is_no_frame_end) {
    Bytes octets;
    append_frame(octets, {frame_type::method, {3}, as_bytes("abc")});
    octets.back() = 0xcd;
    for (const std::size_t cut : {std::size_t{0}, std::size_t{5}, octets.size() - 1}) {
        FrameSplitter splitter(max_payload);
        splitter.feed(BytesView(octets).first(cut));
        ASSERT_FALSE(splitter.next());
        splitter.feed(BytesView(octets).subspan(cut));
        const auto refused = splitter.next();
        ASSERT_TRUE(refused && !*refused);
        const auto& error = refused->error();
        EXPECT_EQ(error.kind, FrameError::Kind::bad_frame_end);
        EXPECT_EQ(error.offset, 10u);
        EXPECT_EQ(error.end, 0xcd);
        EXPECT_EQ(as_text(error.payload), "abc");
        EXPECT_EQ(to_string(error), "at octet 10 of the stream: expected frame-end 0xCE, got 0xcd");
    }
}

TEST(FrameSplitter, stays_refused) {
    FrameSplitter splitter(max_payload);
    const Bytes bad{1, 0, 0, 0, 0, 0, 0, 0xff};
    splitter.feed(bad);
    const auto first = splitter.next();
    const auto good = stream();
    splitter.feed(good);
    const auto second = splitter.next();
    ASSERT_TRUE(first && !*first && second && !*second);
    EXPECT_EQ(second->error().offset, first->error().offset);
}

TEST(FrameSplitter, takes_a_larger_frame_once_it_is_told_to) {
    Bytes octets;
    append_frame(octets, {frame_type::body, {1}, Bytes(max_payload + 1, 'x')});
    FrameSplitter splitter(max_payload);
    splitter.set_max_payload(max_payload + 1);
    splitter.feed(octets);
    const auto frame = splitter.next();
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->payload.size(), max_payload + 1);
}

TEST(FrameSplitter, takes_octets_that_are_no_frame_all_or_none) {
    Bytes octets(protocol_header_091.begin(), protocol_header_091.end());
    append_heartbeat(octets);
    for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
        FrameSplitter splitter(max_payload);
        splitter.feed(BytesView(octets).first(cut));
        auto header = splitter.take(8);
        EXPECT_EQ(header.has_value(), cut >= 8);
        if (!header) {
            splitter.feed(BytesView(octets).subspan(cut));
            header = splitter.take(8);
        }
        ASSERT_TRUE(header);
        EXPECT_EQ(as_text(*header), as_text(protocol_header_091));
        EXPECT_EQ(splitter.consumed(), 8u);
    }
}

TEST(FrameSplitter, counts_what_it_consumed_and_what_is_left) {
    auto octets = stream();
    octets.push_back(frame_type::method);
    FrameSplitter splitter(max_payload);
    splitter.feed(octets);
    while (splitter.next()) {
    }
    EXPECT_EQ(splitter.consumed(), octets.size() - 1);
    EXPECT_EQ(splitter.unread(), 1u);
}

// What is left between two segments is one unfinished frame, however long the stream.
TEST(FrameSplitter, keeps_no_more_than_an_unfinished_frame) {
    Bytes octets;
    for (int i = 0; i < 1000; ++i) append_frame(octets, {frame_type::body, {1}, Bytes(max_payload, 'x')});
    FrameSplitter splitter(max_payload);
    constexpr std::size_t segment = 64;
    std::size_t largest = 0;
    for (std::size_t at = 0; at < octets.size(); at += segment) {
        splitter.feed(BytesView(octets).subspan(at, std::min(segment, octets.size() - at)));
        while (splitter.next()) {
        }
        largest = std::max(largest, splitter.unread());
    }
    EXPECT_LT(largest, max_payload + frame_overhead);
    EXPECT_EQ(splitter.unread(), 0u);
    EXPECT_EQ(splitter.consumed(), octets.size());
}

}  // namespace
}  // namespace codec::amqp091
