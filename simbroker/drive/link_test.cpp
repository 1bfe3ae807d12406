#include "simbroker/drive/link.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace simbroker::drive {
namespace {

using namespace std::chrono_literals;
using codec::wire::as_bytes;
using codec::wire::as_text;

constexpr Instant start{10s};

std::string joined(const std::vector<Link::Arrival>& arrivals) {
    std::string text;
    for (const auto& arrival : arrivals) text += as_text(arrival.bytes);
    return text;
}

TEST(Link, carries_a_write_whole_after_its_latency) {
    Link link({.latency = 5ms}, Prng(1));
    const auto arrivals = link.carry(start, as_bytes("octets"));
    ASSERT_EQ(arrivals.size(), 1u);
    EXPECT_EQ(arrivals[0].at, start + 5ms);
    EXPECT_EQ(joined(arrivals), "octets");
}

TEST(Link, cuts_at_every_octet) {
    Link link({.segmentation = {Segmentation::Kind::every_octet}}, Prng(1));
    const auto arrivals = link.carry(start, as_bytes("octets"));
    EXPECT_EQ(arrivals.size(), 6u);
    EXPECT_EQ(joined(arrivals), "octets");
}

TEST(Link, cuts_into_pieces_of_a_fixed_size) {
    Link link({.segmentation = {Segmentation::Kind::fixed, 4}}, Prng(1));
    const auto arrivals = link.carry(start, as_bytes("octets"));
    ASSERT_EQ(arrivals.size(), 2u);
    EXPECT_EQ(as_text(arrivals[0].bytes), "octe");
    EXPECT_EQ(as_text(arrivals[1].bytes), "ts");
}

TEST(Link, cuts_at_random_the_same_way_for_the_same_seed) {
    const std::string text(1000, 'o');
    const LinkOptions options{.jitter = 3ms, .segmentation = {Segmentation::Kind::random, 9}};
    Link one(options, Prng(7));
    Link same(options, Prng(7));
    Link other(options, Prng(8));
    const auto pieces = one.carry(start, as_bytes(text));
    const auto again = same.carry(start, as_bytes(text));
    const auto different = other.carry(start, as_bytes(text));
    ASSERT_EQ(pieces.size(), again.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        EXPECT_EQ(pieces[i].at, again[i].at);
        EXPECT_EQ(pieces[i].bytes, again[i].bytes);
        EXPECT_LE(pieces[i].bytes.size(), 9u);
    }
    EXPECT_NE(pieces.size(), different.size());
    EXPECT_EQ(joined(different), text);
}

TEST(Link, never_lets_jitter_reorder) {
    Link link({.latency = 1ms, .jitter = 50ms}, Prng(3));
    Instant last{};
    for (int i = 0; i < 200; ++i) {
        const auto at = link.carry(start + i * 1us, as_bytes("x")).at(0).at;
        EXPECT_GE(at, last);
        EXPECT_LE(at, start + 51ms + 200us);
        last = at;
    }
    EXPECT_GE(link.carry_end(start), last);
}

TEST(Link, takes_time_for_octets_at_a_limited_rate) {
    Link link({.octets_per_second = 1000}, Prng(1));
    EXPECT_EQ(link.carry(start, as_bytes(std::string(500, 'x'))).at(0).at, start + 500ms);
    EXPECT_EQ(link.carry(start, as_bytes(std::string(2000, 'x'))).at(0).at, start + 2500ms);
}

TEST(Link, holds_what_is_written_while_it_is_stalled) {
    Link link({.latency = 1ms}, Prng(1));
    link.stall();
    EXPECT_TRUE(link.carry(start, as_bytes("held ")).empty());
    EXPECT_TRUE(link.carry(start + 1s, as_bytes("back")).empty());
    const auto arrivals = link.resume(start + 2s);
    EXPECT_EQ(joined(arrivals), "held back");
    EXPECT_EQ(arrivals.at(0).at, start + 2s + 1ms);
    EXPECT_EQ(joined(link.carry(start + 3s, as_bytes("on"))), "on");
}

TEST(Link, corrupts_the_octet_it_was_told_to) {
    Link link({}, Prng(1));
    link.carry(start, as_bytes("before"));
    link.corrupt(4, 0x20);
    link.corrupt(7, 0x01);
    EXPECT_EQ(joined(link.carry(start, as_bytes("octets"))), "octeTs");
    EXPECT_EQ(joined(link.carry(start, as_bytes("more"))), "mnre");
    EXPECT_EQ(joined(link.carry(start, as_bytes("more"))), "more");
}

TEST(Link, corrupts_once_what_waits_behind_a_stall) {
    Link link({}, Prng(1));
    link.stall();
    link.corrupt(0, 0x20);
    link.corrupt(6, 0x20);
    link.carry(start, as_bytes("octets"));
    EXPECT_EQ(joined(link.resume(start)), "Octets");
    EXPECT_EQ(joined(link.carry(start, as_bytes("more"))), "More");
}

}  // namespace
}  // namespace simbroker::drive
