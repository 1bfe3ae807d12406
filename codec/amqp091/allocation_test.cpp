// Decoding allocates nothing, whatever the octets: a peer cannot make us take memory by what it claims.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/frame_splitter.hpp"
#include "codec/amqp091/generate.hpp"
#include "codec/amqp091/prng_for_tests.hpp"

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

// Never inline: g++ would otherwise see `free` beside a `new` it takes for its own.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace codec::amqp091 {
namespace {

std::size_t allocations_of(auto&& action) {
    const auto before = allocations;
    action();
    return allocations - before;
}

TEST(Allocation, is_seen_by_this_test) {
    Bytes octets;
    EXPECT_GE(allocations_of([&] { encode(Method(basic::Ack{}), octets); }), 1u);
}

TEST(Allocation, does_not_happen_when_a_method_is_decoded) {
    Generator generator(numbers(13));
    for (std::size_t row = 0; row < method_rows().size(); ++row) {
        for (int round = 0; round < 20; ++round) {
            Bytes octets;
            encode(generator.method(row), octets);
            std::size_t decoded = 0;
            EXPECT_EQ(allocations_of([&] { decoded = decode_method(octets).has_value(); }), 0u);
            EXPECT_EQ(decoded, 1u);
            octets.pop_back();
            EXPECT_EQ(allocations_of([&] { decoded = decode_method(octets).has_value(); }), 0u);
            EXPECT_EQ(decoded, 0u);
        }
    }
}

TEST(Allocation, does_not_happen_for_what_a_size_field_claims) {
    const Bytes octets{0, 10, 0, 20, 0xff, 0xff, 0xff, 0xff};
    EXPECT_EQ(allocations_of([&] { EXPECT_FALSE(decode_method(octets)); }), 0u);
}

TEST(Allocation, does_not_happen_when_a_message_is_split_and_decoded) {
    FieldTableBuilder headers;
    headers.add("k", LongString{"v"}).add("n", 1);
    const BasicProperties properties{.content_type = "t", .headers = headers.view(), .message_id = "m"};
    Bytes octets;
    append_message(octets, {1}, basic::Publish{.routing_key = "q"}, properties, Bytes(64), 131072);
    FrameSplitter splitter(131072);
    std::size_t seen = 0;
    const auto decode_once = [&] {
        splitter.feed(octets);
        while (const auto frame = splitter.next()) {
            const auto payload = (*frame)->payload;
            if ((*frame)->type == frame_type::method) seen += decode_method(payload).has_value();
            if ((*frame)->type != frame_type::header) continue;
            const auto header = decode_content_header(payload);
            seen += header.has_value() && decode_properties(header->property_octets).has_value();
        }
    };
    EXPECT_EQ(allocations_of(decode_once), 0u);
    EXPECT_EQ(seen, 2u);
}

}  // namespace
}  // namespace codec::amqp091
