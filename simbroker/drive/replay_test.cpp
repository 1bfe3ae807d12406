#include "simbroker/drive/replay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "simbroker/core/broker.hpp"
#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/client_octets.hpp"
#include "simbroker/drive/scripted_machine.hpp"
#include "simbroker/drive/simulation.hpp"
#include "simbroker/drive/test_socket.hpp"

namespace simbroker::drive {
namespace {

using namespace std::chrono_literals;
using namespace codec::amqp091;
using testing::HasSubstr;

// A conversation with most that a broker has of time and chance: a server-named queue, a TTL, heartbeats.
Bytes conversation() {
    auto octets = login_octets({.heartbeat = 10});
    const auto say = [&](const Method& method) { append_method(octets, ChannelNumber{1}, method); };
    say(queue::Declare{.exclusive = true});
    say(queue::Declare{.queue = "work"});
    say(basic::Publish{.routing_key = "work"});
    Bytes properties;
    encode(BasicProperties{.expiration = "1500"}, properties);
    append_content(octets, ChannelNumber{1}, properties, codec::wire::as_bytes("expires"), 4096);
    append_publish(octets, "work", codec::wire::as_bytes("stays"));
    say(basic::Consume{.queue = "work"});
    say(basic::Nack{.delivery_tag = 1, .requeue = true});
    return octets;
}

struct Recording {
    std::string octets;
    std::uint64_t hash = 0;
};

// The conversation in virtual time over rough links.
Recording recorded(Seed seed, Segmentation segmentation = {Segmentation::Kind::random, 40}) {
    std::ostringstream file;
    TraceWriter writer(file, {.seed = seed});
    RecordingMachine recording(std::make_unique<Broker>(BrokerConfig{}, seed), writer);
    HashingMachine machine(recording);
    const LinkOptions rough{.latency = 1ms, .jitter = 5ms, .segmentation = segmentation};
    Simulation simulation(machine, {.to_broker = rough, .to_peer = rough, .seed = seed});
    const auto one = simulation.connect();
    const auto two = simulation.connect();
    simulation.send(one, conversation());
    simulation.advance(1s);
    simulation.send(two, conversation());
    simulation.advance(1min);
    EXPECT_TRUE(simulation.closed(one)) << "no heartbeat came from it";
    writer.end();
    return {file.str(), machine.hash()};
}

std::expected<ReplayReport, TraceError> replayed(const std::string& octets, const ReplayOptions& options = {}) {
    std::istringstream file(octets);
    return replay(file, options);
}

TEST(Replay, of_a_simulation_is_identical) {
    const auto run = recorded(7);
    const auto report = replayed(run.octets);
    ASSERT_TRUE(report) << to_string(report.error());
    EXPECT_FALSE(report->difference) << to_string(*report);
    EXPECT_FALSE(report->cut_short);
    EXPECT_GT(report->inputs, 30u);
    EXPECT_GT(report->output_octets, 500u);
    EXPECT_EQ(report->hash, run.hash);
    EXPECT_THAT(to_string(*report), testing::MatchesRegex("identical: [0-9]+ inputs, [0-9]+ output octets"));
}

TEST(Replay, of_the_same_seed_is_the_same_run) {
    EXPECT_EQ(recorded(7).octets, recorded(7).octets);
    EXPECT_NE(recorded(7).hash, recorded(8).hash);
}

// Runs the conversation over real sockets, and gives the trace.
std::filesystem::path recorded_over_sockets(std::string_view clock) {
    const auto path =
        std::filesystem::path(testing::TempDir()) / ("replay_test_" + std::to_string(::getpid()) + ".trace");
    Server server({.host = "127.0.0.1", .clock = ClockChoice::parse(clock).value(), .seed = 99, .trace = path});
    const TestSocket one(server.port());
    const TestSocket two(server.port());
    const auto octets = conversation();
    const auto text = codec::wire::as_text(octets);
    for (const char c : text.substr(0, 200)) one.send(std::string_view(&c, 1));
    one.send(text.substr(200));
    EXPECT_THAT(one.receive_until("stays"), HasSubstr("expires"));
    two.send(text);
    two.receive_until("amq.gen");
    if (server.url().ends_with("heartbeat=0")) server.advance(1h);
    server.close();
    return path;
}

TEST(Replay, of_a_run_over_sockets_is_identical) {
    for (const auto* clock : {"wall", "manual", "x50"}) {
        const auto path = recorded_over_sockets(clock);
        const auto report = replay(path);
        ASSERT_TRUE(report) << to_string(report.error());
        EXPECT_FALSE(report->difference) << clock << ": " << to_string(*report);
        EXPECT_FALSE(report->cut_short);
        EXPECT_GT(report->output_octets, 500u);
        std::filesystem::remove(path);
    }
}

TEST(Replay, of_a_file_cut_short_runs_up_to_there_and_says_so) {
    const auto whole = recorded(7).octets;
    const auto cut = whole.substr(0, whole.size() / 2);
    const auto report = replayed(cut);
    ASSERT_TRUE(report) << to_string(report.error());
    EXPECT_FALSE(report->difference);
    ASSERT_TRUE(report->cut_short);
    EXPECT_GT(report->inputs, 10u);
    EXPECT_THAT(to_string(*report), HasSubstr("the trace ends at offset " + std::to_string(cut.size())));
}

TEST(Replay, never_takes_a_file_cut_anywhere_for_a_difference) {
    const auto whole = recorded(7, {}).octets;
    for (std::size_t length = 400; length < whole.size(); length += 7) {
        const auto report = replayed(whole.substr(0, length));
        ASSERT_TRUE(!report || !report->difference) << length << ": " << to_string(*report);
    }
}

// What ScriptedMachine says to "echo", with one letter changed by whoever asks.
class Forgetful final : public Machine {
public:
    explicit Forgetful(std::function<void(Outputs&)> change) : change_(std::move(change)) {}
    Outputs handle(Instant now, const Input& input) override {
        auto outputs = machine_.handle(now, input);
        if (std::holds_alternative<Received>(input)) change_(outputs);
        return outputs;
    }
    std::optional<Instant> next_deadline() const override { return machine_.next_deadline(); }

private:
    ScriptedMachine machine_;
    std::function<void(Outputs&)> change_;
};

std::string difference_after(std::function<void(Outputs&)> change) {
    std::ostringstream file;
    TraceWriter writer(file, {});
    RecordingMachine machine(std::make_unique<ScriptedMachine>(), writer);
    machine.handle(Instant(1s), Connected{ConnectionId{4}, "test"});
    machine.handle(Instant(2s), Received{ConnectionId{4}, codec::wire::as_bytes("a long line of letters")});
    machine.handle(Instant(3s), Received{ConnectionId{4}, codec::wire::as_bytes("x")});
    writer.end();
    const auto report =
        replayed(file.str(), {.machine = [&](const TraceHeader&) { return std::make_unique<Forgetful>(change); }});
    return report ? to_string(*report) : to_string(report.error());
}

TEST(Replay, names_the_input_and_the_octet_of_the_first_difference) {
    EXPECT_EQ(difference_after([](Outputs&) {}), "identical: 3 inputs, 30 output octets");
    const auto text = difference_after([](Outputs& outputs) { std::get<Send>(outputs.at(0)).bytes.at(0) ^= 1; });
    EXPECT_THAT(text, HasSubstr("different: input 1 at 2.000000000 s, connection 4, output offset 0"));
    EXPECT_THAT(text, HasSubstr("expected  [61] 20 6c"));
    EXPECT_THAT(text, HasSubstr("got       [60] 20 6c"));
}

TEST(Replay, shows_octets_around_a_difference_far_inside) {
    const auto text = difference_after([](Outputs& outputs) {
        auto& bytes = std::get<Send>(outputs.at(0)).bytes;
        if (bytes.size() > 10) bytes.resize(10);
    });
    EXPECT_THAT(text, HasSubstr("output offset 10"));
    EXPECT_THAT(text, HasSubstr("expected  ... 6e 67 20 6c 69 6e [65]"));
    EXPECT_THAT(text, HasSubstr("[end after 10 octets]"));
}

TEST(Replay, tells_of_outputs_that_are_missing_or_new) {
    EXPECT_THAT(difference_after([](Outputs& outputs) { outputs.clear(); }), HasSubstr("got       nothing more"));
    EXPECT_THAT(
        difference_after([](Outputs& outputs) { outputs.emplace_back(Close{ConnectionId{9}}); }),
        HasSubstr("expected  nothing more\n  got       connection 9 closed")
    );
    EXPECT_THAT(
        difference_after([](Outputs& outputs) {
            if (outputs.size() == 2) outputs.pop_back();
        }),
        HasSubstr("input 2 at 3.000000000 s, connection 4, output offset 0\n  expected  connection 4 closed")
    );
}

TEST(Replay, says_which_file_cannot_be_read) {
    const auto missing = replay(std::filesystem::path("/nonexistent/file.trace"));
    ASSERT_FALSE(missing);
    EXPECT_THAT(to_string(missing.error()), HasSubstr("/nonexistent/file.trace: No such file"));
    const auto folder = replay(std::filesystem::path(testing::TempDir()));
    ASSERT_FALSE(folder);
    EXPECT_THAT(to_string(folder.error()), HasSubstr("not a file"));
}

}  // namespace
}  // namespace simbroker::drive
