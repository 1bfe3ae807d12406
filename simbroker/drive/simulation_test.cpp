#include "simbroker/drive/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simbroker/core/trace.hpp"
#include "simbroker/drive/scripted_machine.hpp"

namespace simbroker::drive {
namespace {

using namespace std::chrono_literals;
using codec::wire::as_bytes;
using codec::wire::as_text;
using RunEnd = Simulation::RunEnd;

std::string text_received(Simulation& simulation, ConnectionId id) {
    return std::string(as_text(simulation.received(id)));
}

TEST(Simulation, greets_and_answers_in_no_time_without_latency) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    const auto id = simulation.connect();
    simulation.send(id, as_bytes("echo"));
    EXPECT_EQ(simulation.run_until_idle(), RunEnd::reached);
    EXPECT_EQ(text_received(simulation, id), "helloecho");
    EXPECT_EQ(text_received(simulation, id), "");
    EXPECT_EQ(simulation.now(), Instant{});
}

TEST(Simulation, takes_the_latency_of_both_ways) {
    ScriptedMachine machine;
    Simulation simulation(machine, {.to_broker = {.latency = 10ms}, .to_peer = {.latency = 5ms}});
    const auto id = simulation.connect();
    simulation.advance(14ms);
    EXPECT_EQ(text_received(simulation, id), "");
    simulation.advance(1ms);
    EXPECT_EQ(text_received(simulation, id), "hello");
}

constexpr SetAlarm raised{SetAlarm::Resource::memory, SetAlarm::State::raised};
constexpr SetAlarm cleared{SetAlarm::Resource::memory, SetAlarm::State::cleared};

TEST(Simulation, keeps_in_the_transport_what_a_client_sends_that_is_held_back) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    const auto id = simulation.connect();
    const auto other = simulation.connect();
    simulation.run_until_idle();
    simulation.received(id);
    simulation.received(other);
    simulation.inject(raised);
    simulation.run_until_idle();
    simulation.handle_now(cleared);
    simulation.handle_now(raised);
    simulation.send(id, as_bytes("one"));
    simulation.send(id, as_bytes("two"));
    simulation.run_until_idle();
    EXPECT_EQ(text_received(simulation, id), "");
    simulation.inject(cleared);
    simulation.send(id, as_bytes("three"));
    simulation.run_until_idle();
    EXPECT_EQ(text_received(simulation, id), "onetwothree");
}

TEST(Simulation, learns_that_a_client_left_which_is_held_back_when_it_is_read_again) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    const auto id = simulation.connect();
    simulation.run_until_idle();
    simulation.inject(raised);
    simulation.send(id, as_bytes("last words"));
    simulation.disconnect(id);
    simulation.run_until_idle();
    EXPECT_EQ(simulation.open_connections().size(), 1u);
    simulation.inject(cleared);
    simulation.run_until_idle();
    EXPECT_TRUE(simulation.open_connections().empty());
    EXPECT_TRUE(simulation.closed(id));
}

TEST(Simulation, learns_it_earlier_when_it_writes) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    const auto id = simulation.connect();
    simulation.send(id, as_bytes("t5"));
    simulation.run_until_idle();
    simulation.inject(raised);
    simulation.disconnect(id);
    simulation.advance(4s);
    EXPECT_EQ(simulation.open_connections().size(), 1u);
    simulation.advance(1s);
    EXPECT_TRUE(simulation.open_connections().empty());
}

TEST(Simulation, jumps_from_deadline_to_deadline) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    const auto id = simulation.connect();
    simulation.send(id, as_bytes("t9t3"));
    simulation.run_until_idle();
    EXPECT_EQ(simulation.now(), Instant{}) << "deadlines are no traffic";
    simulation.received(id);

    EXPECT_EQ(simulation.advance_to_next(), 3s);
    EXPECT_EQ(simulation.run_until(Instant(20s)), RunEnd::reached);
    EXPECT_EQ(simulation.now(), Instant(20s));
    EXPECT_EQ(text_received(simulation, id), "ticktick");
    EXPECT_EQ(simulation.advance_to_next(), std::nullopt);

    std::vector<Instant> ticks;
    for (const auto& event : simulation.take_events()) {
        if (event.event.subject == "tick") ticks.push_back(event.at);
    }
    EXPECT_THAT(ticks, testing::ElementsAre(Instant(3s), Instant(9s)));
}

TEST(Simulation, calls_the_peer_when_octets_arrive_and_carries_its_answer) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    std::vector<std::string> heard;
    const auto id = simulation.connect([&](Simulation& running, ConnectionId self) {
        heard.push_back(std::string(as_text(running.received(self))));
        if (heard.size() < 3) running.send(self, as_bytes("again"));
    });
    simulation.run_until_idle();
    EXPECT_THAT(heard, testing::ElementsAre("hello", "again", "again"));
    EXPECT_FALSE(simulation.closed(id));
}

TEST(Simulation, gives_up_a_conversation_without_end_at_its_bound) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    simulation.connect([](Simulation& running, ConnectionId self) { running.send(self, running.received(self)); });
    EXPECT_EQ(simulation.run_until_idle(1000), RunEnd::bound);
    EXPECT_EQ(simulation.run_until(Instant(1s), 1000), RunEnd::bound);
}

TEST(Simulation, closes_after_what_was_sent_before) {
    ScriptedMachine machine;
    Simulation simulation(machine, {.to_peer = {.latency = 7ms, .segmentation = {Segmentation::Kind::every_octet}}});
    const auto id = simulation.connect();
    simulation.send(id, as_bytes("x"));
    simulation.send(id, as_bytes("lost"));
    simulation.run_until_idle();
    EXPECT_TRUE(simulation.closed(id));
    EXPECT_EQ(text_received(simulation, id), "hellobye");
    simulation.send(id, as_bytes("nobody"));
    EXPECT_EQ(simulation.next_traffic(), std::nullopt);
}

TEST(Simulation, tells_the_broker_that_the_peer_left_after_all_it_sent) {
    ScriptedMachine machine;
    Simulation simulation(machine, {.to_broker = {.latency = 3ms, .jitter = 2ms}});
    const auto id = simulation.connect();
    simulation.send(id, as_bytes("last"));
    simulation.disconnect(id);
    simulation.disconnect(id);
    simulation.run_until_idle();
    EXPECT_EQ(text_received(simulation, id), "hellolast");
    EXPECT_TRUE(simulation.closed(id));
    const auto events = simulation.take_events();
    EXPECT_EQ(events.back().event.kind, Event::Kind::connection_closed);
    EXPECT_EQ(events.size(), 2u);
}

TEST(Simulation, loses_what_is_under_way_in_a_reset) {
    ScriptedMachine machine;
    Simulation simulation(machine, {.to_broker = {.latency = 10ms}, .to_peer = {.latency = 10ms}});
    const auto id = simulation.connect();
    simulation.advance(15ms);
    simulation.reset(id);
    simulation.run_until_idle();
    EXPECT_TRUE(simulation.closed(id));
    EXPECT_EQ(text_received(simulation, id), "");
    EXPECT_EQ(simulation.take_events().back().event.kind, Event::Kind::connection_closed);
}

TEST(Simulation, holds_octets_and_the_end_behind_a_stall) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    const auto id = simulation.connect();
    simulation.run_until_idle();
    simulation.received(id);
    simulation.stall(id, Toward::client);
    simulation.send(id, as_bytes("echox"));
    simulation.run_until_idle();
    EXPECT_EQ(text_received(simulation, id), "");
    EXPECT_FALSE(simulation.closed(id));
    simulation.resume(id, Toward::client);
    simulation.run_until_idle();
    EXPECT_EQ(text_received(simulation, id), "echobye");
    EXPECT_TRUE(simulation.closed(id));
}

TEST(Simulation, corrupts_on_one_way_only) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    const auto id = simulation.connect();
    simulation.run_until_idle();
    simulation.received(id);
    simulation.change(Wire{id, Toward::client, wire::Corrupt{1, 0x01}});
    simulation.send(id, as_bytes("ooo"));
    simulation.run_until_idle();
    EXPECT_EQ(text_received(simulation, id), "ono");
}

TEST(Simulation, gathers_what_is_written_shortly_after) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    std::vector<std::string> pieces;
    const auto id =
        simulation.connect([&](Simulation& at, ConnectionId peer) { pieces.push_back(text_received(at, peer)); });
    simulation.run_until_idle();
    simulation.set_link(id, Toward::client, {.coalesce = 1s});
    simulation.send(id, as_bytes("one "));
    simulation.advance(900ms);
    simulation.send(id, as_bytes("two"));
    simulation.advance(1s);
    EXPECT_THAT(pieces, testing::ElementsAre("hello", "one two"));
}

TEST(Simulation, half_open_hides_octets_and_the_end) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    const auto id = simulation.connect();
    simulation.run_until_idle();
    EXPECT_EQ(text_received(simulation, id), "hello");
    simulation.change(Wire{id, Toward::client, wire::Vanish{}});
    simulation.send(id, as_bytes("x"));
    simulation.run_until_idle();
    EXPECT_EQ(text_received(simulation, id), "");
    EXPECT_FALSE(simulation.closed(id));
    EXPECT_TRUE(simulation.open_connections().empty());
}

TEST(Simulation, ends_a_connection_as_the_wire_is_told) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    const auto fin = simulation.connect();
    const auto rst = simulation.connect();
    simulation.run_until_idle();
    simulation.change(Wire{fin, Toward::client, wire::End{wire::End::How::fin}});
    simulation.change(Wire{rst, Toward::client, wire::End{wire::End::How::rst}});
    simulation.run_until_idle();
    EXPECT_EQ(simulation.ending(fin), Ending::orderly);
    EXPECT_EQ(simulation.ending(rst), Ending::reset);
}

TEST(Simulation, does_at_the_door_what_it_is_told) {
    ScriptedMachine machine;
    Simulation simulation(machine, {.accepted = SimulationOptions::Accepted::announced});
    simulation.change(Door{door::Refuse{}});
    const auto refused = simulation.connect();
    simulation.run_until_idle();
    EXPECT_EQ(simulation.ending(refused), Ending::refused);

    simulation.change(Door{door::Silence{}});
    const auto ignored = simulation.connect();
    simulation.send(ignored, as_bytes("hello?"));
    simulation.run_until_idle();
    EXPECT_TRUE(simulation.accepted(ignored));
    EXPECT_EQ(text_received(simulation, ignored), "");

    simulation.change(Door{door::Delay{5s}});
    const auto late = simulation.connect();
    simulation.send(late, as_bytes("early"));
    simulation.advance(4999ms);
    EXPECT_TRUE(simulation.accepted(late));
    EXPECT_EQ(text_received(simulation, late), "");
    simulation.advance(1ms);
    EXPECT_EQ(text_received(simulation, late), "helloearly");
}

TEST(Simulation, takes_operator_inputs_and_no_others) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    const auto id = simulation.connect();
    simulation.inject(SetAlarm{SetAlarm::Resource::memory, SetAlarm::State::raised});
    simulation.inject(Shutdown{});
    simulation.run_until_idle();
    EXPECT_EQ(text_received(simulation, id), "helloend");
    EXPECT_EQ(simulation.take_events().back().event.kind, Event::Kind::alarm);
    EXPECT_THROW(simulation.inject(Disconnected{id}), std::invalid_argument);
}

TEST(Simulation, names_an_unknown_connection) {
    ScriptedMachine machine;
    Simulation simulation(machine);
    EXPECT_THROW(simulation.send(ConnectionId{5}, as_bytes("x")), std::invalid_argument);
}

TEST(Simulation, forgets_the_oldest_events_first) {
    ScriptedMachine machine;
    Simulation simulation(machine, {.most_events = 2});
    for (int i = 0; i < 5; ++i) simulation.connect();
    simulation.run_until_idle();
    const auto events = simulation.take_events();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].sequence, 3u);
    EXPECT_EQ(events[1].event.connection, ConnectionId{5});
}

std::uint64_t hash_of_a_busy_run(Seed seed) {
    ScriptedMachine scripted;
    HashingMachine machine(scripted);
    const LinkOptions rough{.latency = 1ms, .jitter = 20ms, .segmentation = {Segmentation::Kind::random, 5}};
    Simulation simulation(machine, {.to_broker = rough, .to_peer = rough, .seed = seed});
    std::vector<ConnectionId> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(simulation.connect());
    for (const auto id : ids) simulation.send(id, as_bytes("echo this t5 and that t7 >and tell everybody"));
    simulation.advance(1min);
    return machine.hash();
}

TEST(Simulation, is_the_same_run_for_the_same_seed) {
    EXPECT_EQ(hash_of_a_busy_run(1), hash_of_a_busy_run(1));
    EXPECT_NE(hash_of_a_busy_run(1), hash_of_a_busy_run(2));
}

}  // namespace
}  // namespace simbroker::drive
