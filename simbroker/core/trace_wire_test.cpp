#include "simbroker/core/trace_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace simbroker {
namespace {

using namespace std::chrono_literals;

constexpr ConnectionId far{4'000'000'000};

const std::vector<wire::Change> wire_changes{
    wire::Bend{
        {.latency = 200ms,
         .jitter = 3ns,
         .octets_per_second = 1'000'000'000'000,
         .segmentation = {Segmentation::Kind::random, 300},
         .coalesce = 1h,
         .tls_record = 100,
         .gap = 70us},
        link_part::latency | link_part::coalesce
    },
    wire::Stall{},
    wire::Resume{},
    wire::Vanish{},
    wire::Corrupt{.offset = 7, .mask = 0xff},
    wire::End{wire::End::How::rst},
    wire::Unbend{link_part::rate},
};

const std::vector<door::Change> door_changes{
    door::Open{},
    door::Refuse{},
    door::Delay{2s},
    door::Silence{},
    door::ShowCertificate{"expired"},
    door::Move{65535},
};

TEST(Trace, holds_every_change_of_a_wire_and_of_the_door) {
    ASSERT_EQ(wire_changes.size(), std::variant_size_v<wire::Change>);
    ASSERT_EQ(door_changes.size(), std::variant_size_v<door::Change>);
    std::vector<TracedOutput> written;
    for (const auto& change : wire_changes) written.emplace_back(Wire{far, Toward::server, change});
    for (const auto& change : door_changes) written.emplace_back(Door{change});

    std::stringstream file;
    TraceWriter writer(file, {});
    writer.input(Instant(1s), DeadlineReached{});
    for (const auto& output : written) std::visit([&](const auto& held) { writer.output(held); }, output);
    writer.end();

    auto reader = TraceReader::open(file);
    ASSERT_TRUE(reader);
    ASSERT_TRUE(reader->next());
    for (const auto& output : written) {
        const auto read = reader->next();
        ASSERT_TRUE(read) << to_string(read.error());
        EXPECT_EQ(std::get<TracedOutput>(*read), output);
    }
    EXPECT_TRUE(std::holds_alternative<TraceEnd>(*reader->next()));
}

TEST(Trace, says_which_change_it_does_not_know) {
    std::stringstream file;
    TraceWriter writer(file, {});
    writer.input(Instant(1s), DeadlineReached{});
    file << '\x13' << '\x06';  // the door, and a seventh change of it
    auto reader = TraceReader::open(file);
    ASSERT_TRUE(reader && reader->next());
    const auto read = reader->next();
    ASSERT_FALSE(read);
    EXPECT_THAT(to_string(read.error()), testing::HasSubstr("change of at most 5, not 6"));
}

TEST(TraceHash, differs_by_what_becomes_of_a_wire) {
    TraceHash stalled, resumed, again;
    stalled.add(Wire{far, Toward::client, wire::Stall{}});
    resumed.add(Wire{far, Toward::client, wire::Resume{}});
    again.add(Wire{far, Toward::client, wire::Stall{}});
    EXPECT_NE(stalled.value(), resumed.value());
    EXPECT_EQ(stalled.value(), again.value());
}

}  // namespace
}  // namespace simbroker
