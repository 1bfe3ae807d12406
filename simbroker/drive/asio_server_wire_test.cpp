// What a wire and the door are made to do, as a client on a socket sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/scripted_machine.hpp"
#include "simbroker/drive/test_socket.hpp"

namespace simbroker::drive {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

ServerOptions manual() {
    ServerOptions options{.host = "127.0.0.1", .clock = {.kind = ClockKind::manual}};
    options.wrap = [](std::unique_ptr<Machine>) { return std::make_unique<ScriptedMachine>(); };
    return options;
}

constexpr ConnectionId first{1};

Wire to_client(wire::Change change) { return {first, Toward::client, change}; }
Wire to_server(wire::Change change) { return {first, Toward::server, change}; }

// A client that has been greeted.
TestSocket greeted(const Server& server) {
    TestSocket client(server.port());
    EXPECT_EQ(client.receive(5), "hello");
    return client;
}

TEST(Wire, takes_its_latency_in_broker_time) {
    Server server(manual());
    const auto client = greeted(server);
    server.change(to_client(wire::Bend{{.latency = 2s}}));
    client.send("ping");
    server.advance(1999ms);
    EXPECT_EQ(client.receive_now(), "");
    const auto next = server.what_is_next();
    ASSERT_TRUE(next);
    EXPECT_EQ(to_string(*next), "wire of connection 1");
    server.advance(1ms);
    EXPECT_EQ(client.receive_now(), "ping");
}

TEST(Wire, takes_its_latency_on_the_way_to_the_broker) {
    Server server(manual());
    const auto client = greeted(server);
    server.change(to_server(wire::Bend{{.latency = 3s}}));
    client.send("t1");
    server.advance(3999ms);
    EXPECT_EQ(client.receive_now(), "");
    server.advance(1ms);
    EXPECT_EQ(client.receive_now(), "tick");
}

TEST(Wire, carries_so_many_octets_a_second) {
    Server server(manual());
    const auto client = greeted(server);
    server.change(to_client(wire::Bend{{.octets_per_second = 100, .segmentation = {Segmentation::Kind::fixed, 50}}}));
    client.send(std::string(200, 'o'));
    server.advance(1s);
    EXPECT_EQ(client.receive_now().size(), 100U);
    server.advance(1s);
    EXPECT_EQ(client.receive_now().size(), 100U);
}

TEST(Wire, gathers_what_is_written_shortly_after) {
    Server server(manual());
    const auto client = greeted(server);
    server.change(to_client(wire::Bend{{.coalesce = 1s}}));
    client.send("one ");
    server.advance(900ms);
    client.send("two");
    server.advance(99ms);
    EXPECT_EQ(client.receive_now(), "");
    server.advance(1ms);
    EXPECT_EQ(client.receive_now(), "one two");
}

TEST(Wire, that_stalls_lets_the_writes_of_the_client_back_up) {
    Server server(manual());
    const auto client = greeted(server);
    client.set_send_buffer(4096);
    server.change(to_server(wire::Stall{}));
    std::size_t sent = 0;
    while (const auto more = client.send_now(std::string(65536, 'o'))) sent += more;
    EXPECT_LT(sent, std::size_t{16} << 20);
    server.advance(1h);
    EXPECT_EQ(client.receive_now(), "");
    server.change(to_server(wire::Resume{}));
    EXPECT_EQ(client.receive(sent), std::string(sent, 'o'));
}

TEST(Wire, that_stalls_holds_what_the_broker_says) {
    Server server(manual());
    const auto client = greeted(server);
    server.change(to_client(wire::Stall{}));
    client.send("held");
    server.advance(1h);
    EXPECT_EQ(client.receive_now(), "");
    server.change(to_client(wire::Resume{}));
    EXPECT_EQ(client.receive_now(), "held");
}

TEST(Wire, half_open_hides_octets_and_the_end) {
    Server server(manual());
    const auto client = greeted(server);
    server.change(to_client(wire::Vanish{}));
    client.send("x");  // the machine says bye and closes
    server.advance(1h);
    EXPECT_EQ(client.receive_now(), "");
    EXPECT_TRUE(client.is_connected());
    EXPECT_EQ(server.connection_count(), 0U);
    client.send("is anybody there?");
    EXPECT_TRUE(client.is_connected());
}

TEST(Wire, half_open_hides_the_client) {
    Server server(manual());
    {
        const auto client = greeted(server);
        server.change(to_server(wire::Vanish{}));
        client.send("lost");
        server.advance(1h);
        EXPECT_EQ(client.receive_now(), "");
    }
    server.advance(1h);
    EXPECT_EQ(server.connection_count(), 1U);
}

TEST(Wire, ends_as_it_is_told_after_what_was_said) {
    for (const auto& [how, seen] : {std::pair{wire::End::How::fin, "FIN"}, std::pair{wire::End::How::rst, "RST"}}) {
        Server server(manual());
        const auto client = greeted(server);
        client.send("last words");
        server.advance(0s);
        server.change(to_client(wire::End{how}));
        EXPECT_EQ(client.receive(10), "last words");
        EXPECT_EQ(client.receive_end(), seen);
    }
}

TEST(Wire, corrupts_the_octet_it_is_told_to) {
    Server server(manual());
    const auto client = greeted(server);
    server.change(to_client(wire::Corrupt{.offset = 1, .mask = 0x20}));
    client.send("octets");
    server.advance(0s);
    EXPECT_EQ(client.receive(6), "oCtets");
}

TEST(Wire, bends_those_to_come_too_when_it_is_about_all) {
    Server server(manual());
    server.change(Wire{{}, Toward::client, wire::Bend{{.latency = 1s}}});
    const TestSocket client(server.port());
    server.advance(999ms);
    EXPECT_EQ(client.receive_now(), "");
    server.advance(1ms);
    EXPECT_EQ(client.receive_now(), "hello");
}

TEST(Door, refuses_clients_until_it_is_open_again) {
    Server server(manual());
    server.change(Door{door::Refuse{}});
    EXPECT_THROW(TestSocket{server.port()}, std::runtime_error);
    server.change(Door{door::Open{}});
    greeted(server);
}

TEST(Door, lets_clients_wait) {
    Server server(manual());
    server.change(Door{door::Delay{10s}});
    const TestSocket client(server.port());
    client.send("early");
    server.advance(9999ms);
    EXPECT_EQ(client.receive_now(), "");
    EXPECT_EQ(to_string(*server.what_is_next()), "admission");
    server.advance(1ms);
    server.advance(0s);
    EXPECT_EQ(client.receive_now(), "helloearly");
}

TEST(Door, takes_clients_and_says_nothing) {
    Server server(manual());
    server.change(Door{door::Silence{}});
    const TestSocket client(server.port());
    client.send("hello?");
    server.advance(1h);
    EXPECT_EQ(client.receive_now(), "");
    EXPECT_TRUE(client.is_connected());
    EXPECT_EQ(server.connection_count(), 0U);
}

TEST(Door, moves_to_another_port) {
    Server server(manual());
    const auto old = server.port();
    const auto client = greeted(server);
    server.change(Door{door::Move{}});
    EXPECT_NE(server.port(), old);
    EXPECT_THAT(server.url(), HasSubstr(std::to_string(server.port())));
    EXPECT_THROW(TestSocket{old}, std::runtime_error);
    const auto newcomer = greeted(server);
    client.send("still here");
    EXPECT_EQ(client.receive(10), "still here");
    ASSERT_EQ(server.events().back().event.kind, Event::Kind::connection_opened);
    server.reset();
    EXPECT_EQ(server.port(), old);
}

TEST(Door, that_cannot_move_stays_where_it_is) {
    Server server(manual());
    const Server other(manual());
    const auto old = server.port();
    server.change(Door{door::Move{other.port()}});
    EXPECT_EQ(server.port(), old);
    const auto event = server.events().back().event;
    EXPECT_EQ(event.kind, Event::Kind::address_changed);
    EXPECT_THAT(event.detail, HasSubstr("in use"));
    greeted(server);
}

}  // namespace
}  // namespace simbroker::drive
