// What the modes of --wire do between the broker and a client, in virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/runner/coalescing_machine.hpp"
#include "conformance/runner/cutting_machine.hpp"
#include "conformance/runner/wire_mode.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/drive/client_octets.hpp"
#include "simbroker/drive/scripted_machine.hpp"

namespace conformance::runner {
namespace {

using namespace std::chrono_literals;
using codec::wire::Bytes;
using simbroker::ConnectionId;
using simbroker::Instant;
using simbroker::Outputs;
using simbroker::fault::Sighting;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ConnectionId client{1};

Instant at(std::chrono::milliseconds time) { return Instant{time}; }

// What is sent and closed, as text.
std::vector<std::string> told(const Outputs& outputs) {
    std::vector<std::string> all;
    for (const auto& output : outputs) {
        if (const auto* send = std::get_if<simbroker::Send>(&output))
            all.emplace_back(codec::wire::as_text(send->bytes));
        if (std::holds_alternative<simbroker::Close>(output)) all.emplace_back("(closed)");
    }
    return all;
}

TEST(CoalescingMachine, PutsTogetherWhatIsSaidWithinAWhile) {
    CoalescingMachine machine(std::make_unique<simbroker::drive::ScriptedMachine>());
    EXPECT_THAT(told(machine.handle(at(0ms), simbroker::Connected{client, "peer"})), IsEmpty());
    EXPECT_EQ(machine.next_deadline(), at(0ms) + CoalescingMachine::wait);
    const Bytes octets{'a', 'b'};
    EXPECT_THAT(told(machine.handle(at(5ms), simbroker::Received{client, octets})), IsEmpty());
    EXPECT_THAT(
        told(machine.handle(at(0ms) + CoalescingMachine::wait, simbroker::DeadlineReached{})), ElementsAre("helloab")
    );
    EXPECT_EQ(machine.next_deadline(), std::nullopt);
}

TEST(CoalescingMachine, KeepsNothingBackWhenAConnectionEnds) {
    CoalescingMachine machine(std::make_unique<simbroker::drive::ScriptedMachine>());
    machine.handle(at(0ms), simbroker::Connected{client, "peer"});
    const Bytes octets{'x'};
    EXPECT_THAT(
        told(machine.handle(at(1ms), simbroker::Received{client, octets})), ElementsAre("hellobye", "(closed)")
    );
    machine.handle(at(2ms), simbroker::Connected{ConnectionId{2}, "peer"});
    machine.handle(at(3ms), simbroker::Disconnected{ConnectionId{2}});
    EXPECT_EQ(machine.next_deadline(), std::nullopt);
}

// A client that says all of its handshake and opens a channel in one go, so that five frames from it are followed by
// four to it, at a broker whose wire is cut.
class Cutting : public ::testing::Test {
protected:
    Cutting()
        : machine_(std::make_unique<simbroker::Broker>(simbroker::BrokerConfig{}, 1), [this](const Sighting& seen) {
              if (seen.kind == Sighting::Kind::to_client) to_client_ += seen.octets.size();
              ended_ += seen.kind == Sighting::Kind::ended_by_server;
          }) {
        machine_.handle(at(0ms), simbroker::Connected{client, "peer"});
    }

    // How many transports are closed by it.
    std::size_t log_in() { return say(simbroker::drive::login_octets()); }

    std::size_t say(const Bytes& octets) {
        const auto outputs = machine_.handle(at(1ms), simbroker::Received{client, octets});
        return static_cast<std::size_t>(std::ranges::count_if(outputs, [](const auto& output) {
            return std::holds_alternative<simbroker::Close>(output);
        }));
    }

    CuttingMachine machine_;
    std::size_t to_client_ = 0;
    int ended_ = 0;
};

TEST_F(Cutting, CountsTheFramesOfBothSides) {
    EXPECT_EQ(log_in(), 0U);
    EXPECT_EQ(machine_.frames(), 9U);
    EXPECT_EQ(machine_.first_open_ok(), 8U);
    EXPECT_FALSE(machine_.cut());
    machine_.begin(0);
    EXPECT_EQ(machine_.frames(), 0U);
}

TEST_F(Cutting, AfterAFrameOfTheClientNothingComesBack) {
    machine_.begin(4);
    EXPECT_EQ(log_in(), 1U);
    ASSERT_TRUE(machine_.cut());
    EXPECT_EQ(machine_.cut()->after, "connection.open from the client");
    EXPECT_FALSE(machine_.cut()->closing);
    EXPECT_EQ(to_client_, 0U);
    EXPECT_EQ(ended_, 1);
    EXPECT_EQ(say(simbroker::drive::login_octets()), 0U) << "it is gone";
    EXPECT_EQ(machine_.frames(), 4U);
}

TEST_F(Cutting, AfterAFrameToTheClientTheRestIsLost) {
    machine_.begin(8);
    EXPECT_EQ(log_in(), 1U);
    ASSERT_TRUE(machine_.cut());
    EXPECT_EQ(machine_.cut()->after, "connection.open-ok to the client");
    const auto up_to_open_ok = to_client_;
    EXPECT_GT(up_to_open_ok, 0U);
    machine_.begin(0);
    machine_.handle(at(2ms), simbroker::Connected{ConnectionId{2}, "peer"});
    machine_.handle(at(2ms), simbroker::Received{ConnectionId{2}, simbroker::drive::login_octets()});
    constexpr std::size_t channel_open_ok = 7 + 8 + 1;
    EXPECT_EQ(to_client_ - up_to_open_ok, up_to_open_ok + channel_open_ok) << "the next connection lives";
}

TEST_F(Cutting, KnowsThatTheConnectionWasBeingClosed) {
    log_in();
    machine_.begin(1);
    Bytes close;
    codec::amqp091::append_method(close, {}, codec::amqp091::connection::Close{});
    EXPECT_EQ(say(close), 1U);
    ASSERT_TRUE(machine_.cut());
    EXPECT_EQ(machine_.cut()->after, "connection.close from the client");
    EXPECT_TRUE(machine_.cut()->closing);
}

TEST(WireMode, HasANameBothWays) {
    for (const auto& name : wire_modes()) EXPECT_EQ(to_string(wire_mode_from(name).value()), name);
    EXPECT_EQ(wire_mode_from("cut"), std::nullopt);
}

}  // namespace
}  // namespace conformance::runner
