#include "simbroker/drive/asio_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "simbroker/drive/scripted_machine.hpp"
#include "simbroker/drive/test_socket.hpp"

namespace simbroker::drive {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::unique_ptr<Machine> scripted(std::unique_ptr<Machine>) { return std::make_unique<ScriptedMachine>(); }

ServerOptions options(std::string_view clock = "wall") {
    ServerOptions options{.host = "127.0.0.1", .clock = ClockChoice::parse(clock).value()};
    options.wrap = scripted;
    return options;
}

// What a ServerError says, and of which kind it is.
template <class Work>
std::string error_of(ServerError::Kind kind, const Work& work) {
    try {
        work();
    } catch (const ServerError& error) {
        return error.kind() == kind ? error.what() : std::string("another kind of error: ") + error.what();
    }
    return "no error";
}

TestSocket greeted(const Server& server) {
    TestSocket socket(server.port());
    EXPECT_EQ(socket.receive(5), "hello");
    return socket;
}

bool wait_for(const Server& server, Event::Kind kind) {
    for (std::uint64_t seen = 0; server.wait_for_event(seen, 10s);) {
        for (const auto& event : server.events(seen)) {
            if (event.event.kind == kind) return true;
            seen = event.sequence + 1;
        }
    }
    return false;
}

TEST(Server, serves_several_clients) {
    Server server(options());
    const auto one = greeted(server);
    const auto two = greeted(server);
    one.send("first");
    two.send("second");
    EXPECT_EQ(two.receive(6), "second");
    EXPECT_EQ(one.receive(5), "first");
    EXPECT_THAT(server.connections(), testing::ElementsAre(ConnectionId{1}, ConnectionId{2}));
}

// A client that connects, sends rubbish and leaves, over and over, where there are few descriptors to be had.
TEST(Server, is_open_to_others_while_a_client_comes_and_goes) {
    Server server(options());
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit few{std::min<rlim_t>(before.rlim_cur, 96), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    std::atomic<bool> enough = false;
    std::thread coming_and_going([&] {
        while (!enough) {
            try {
                TestSocket(server.port()).send("rubbish");
            } catch (const std::runtime_error&) {
                // No descriptor was left for it, or it was too fast to be greeted.
            }
        }
    });
    int greetings = 0;
    for (int i = 0; i < 200 && greetings < 20; ++i) {
        try {
            greetings += TestSocket(server.port()).receive(5) == "hello";
        } catch (const std::runtime_error&) {
            std::this_thread::sleep_for(1ms);
        }
    }
    enough = true;
    coming_and_going.join();
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(greetings, 20);
    EXPECT_EQ(greeted(server).receive_now(), "");
}

TEST(Server, learns_that_a_client_left) {
    Server server(options());
    {
        const auto socket = greeted(server);
    }
    EXPECT_TRUE(wait_for(server, Event::Kind::connection_closed));
    EXPECT_EQ(server.connection_count(), 0u);
}

TEST(Server, names_its_url) {
    Server wall(options());
    EXPECT_EQ(wall.url(), "amqp://guest:guest@127.0.0.1:" + std::to_string(wall.port()) + "/");
    auto with_account = options("manual");
    with_account.config.accounts = {{"a b", "p@ss:/", {"/"}}};
    Server manual(std::move(with_account));
    EXPECT_EQ(manual.url(), "amqp://a%20b:p%40ss%3A%2F@127.0.0.1:" + std::to_string(manual.port()) + "/?heartbeat=0");
}

TEST(Server, listens_on_both_loopback_addresses_where_there_are_two) {
    auto both = options();
    both.host = "";
    Server server(std::move(both));
    EXPECT_EQ(server.host(), "127.0.0.1");
    const auto v4 = greeted(server);
    std::optional<TestSocket> v6;
    try {
        v6.emplace(server.port(), TestSocket::Family::v6);
    } catch (const std::runtime_error& error) {
        GTEST_SKIP() << "no IPv6 loopback here: " << error.what();
    }
    EXPECT_EQ(v6->receive(5), "hello");
    const auto events = server.events();
    EXPECT_THAT(events.back().event.subject, HasSubstr("[::1]:"));
}

TEST(Server, says_which_port_is_in_use) {
    Server server(options());
    auto same = options();
    same.port = server.port();
    const auto text = error_of(ServerError::Kind::cannot_listen, [&] { Server second(std::move(same)); });
    EXPECT_THAT(text, HasSubstr("127.0.0.1:" + std::to_string(server.port())));
    EXPECT_THAT(text, HasSubstr("in use"));
}

TEST(Server, says_which_host_is_unknown) {
    auto unknown = options();
    unknown.host = "256.1.1.1";
    EXPECT_THAT(
        error_of(ServerError::Kind::cannot_listen, [&] { Server s(std::move(unknown)); }), HasSubstr("256.1.1.1")
    );
    auto foreign = options();
    foreign.host = "192.0.2.1";
    EXPECT_THAT(
        error_of(ServerError::Kind::cannot_listen, [&] { Server s(std::move(foreign)); }), HasSubstr("192.0.2.1:0")
    );
}

TEST(Server, stands_still_under_a_manual_clock_until_it_is_advanced) {
    Server server(options("manual"));
    const auto socket = greeted(server);
    socket.send("t5t9.");
    EXPECT_EQ(socket.receive(1), ".");
    EXPECT_EQ(server.now(), Instant{});
    EXPECT_EQ(server.next_deadline(), Instant(5s));
    server.advance(4999ms);
    EXPECT_EQ(socket.receive_now(), "");
    server.advance(1ms);
    EXPECT_EQ(socket.receive_now(), "tick") << "effects are written when advance returns";
    EXPECT_EQ(server.advance_to_next()->passed, 4s);
    EXPECT_EQ(socket.receive_now(), "tick");
    EXPECT_EQ(server.now(), Instant(9s));
    EXPECT_FALSE(server.advance_to_next());
}

TEST(Server, handles_what_clients_have_sent_before_it_advances) {
    Server server(options("manual"));
    for (int i = 0; i < 50; ++i) {
        TestSocket socket(server.port());
        socket.send("t5");
        server.advance(5s);
        EXPECT_EQ(socket.receive_now(), "hellotick");
    }
}

TEST(Server, meets_every_deadline_on_the_way_at_its_instant) {
    Server server(options("manual"));
    const auto socket = greeted(server);
    socket.send("t7t2t5.");
    socket.receive(1);
    server.take_events();
    server.advance(1h);
    std::vector<Instant> ticks;
    for (const auto& event : server.take_events()) ticks.push_back(event.at);
    EXPECT_THAT(ticks, testing::ElementsAre(Instant(2s), Instant(5s), Instant(7s)));
    EXPECT_EQ(server.now(), Instant(1h));
}

TEST(Server, refuses_to_advance_a_clock_that_goes_by_itself_or_back) {
    Server wall(options("x3"));
    EXPECT_THAT(error_of(ServerError::Kind::wrong_clock, [&] { wall.advance(1s); }), HasSubstr("x3"));
    EXPECT_THAT(error_of(ServerError::Kind::wrong_clock, [&] { wall.advance_to_next(); }), HasSubstr("manual"));
    Server manual(options("manual"));
    EXPECT_THAT(error_of(ServerError::Kind::bad_input, [&] { manual.advance(-1s); }), HasSubstr("back"));
    manual.advance(1s);
    EXPECT_THAT(error_of(ServerError::Kind::bad_input, [&] { manual.advance(Duration::max()); }), HasSubstr("146"));
}

TEST(Server, runs_a_scaled_clock_faster) {
    Server server(options("x1000"));
    const auto socket = greeted(server);
    socket.send("t9");
    EXPECT_EQ(socket.receive(4), "tick");
    EXPECT_GE(server.now(), Instant(9s));
    const auto events = server.events();
    EXPECT_EQ(events.back().event.subject, "tick");
    EXPECT_GE(events.back().at - events.front().at, 9s);
}

TEST(Server, moves_its_timer_when_an_earlier_deadline_appears) {
    Server server(options("x1000"));
    const auto socket = greeted(server);
    socket.send("t9t9t9");
    socket.send("t1.");
    EXPECT_EQ(socket.receive(17), ".ticktickticktick");
}

TEST(Server, resets_a_connection_that_the_broker_closes_after_what_it_said) {
    Server server(options());
    const auto socket = greeted(server);
    socket.send("b3x");
    EXPECT_EQ(socket.receive(300'003), std::string(300'000, 'b') + "bye");
    EXPECT_EQ(server.connection_count(), 0u);
    EXPECT_EQ(socket.receive_end(), "RST");
}

TEST(Server, drops_a_connection_on_demand) {
    Server server(options());
    const auto socket = greeted(server);
    server.drop(server.connections().at(0));
    EXPECT_EQ(socket.receive_end(), "RST");
    EXPECT_TRUE(wait_for(server, Event::Kind::connection_closed));
    server.drop(ConnectionId{99});
}

TEST(Server, takes_operator_inputs_and_no_others) {
    Server server(options());
    server.inject(SetAlarm{SetAlarm::Resource::memory, SetAlarm::State::raised});
    EXPECT_EQ(server.take_events().back().event.kind, Event::Kind::alarm);
    EXPECT_TRUE(server.take_events().empty());
    EXPECT_THAT(
        error_of(ServerError::Kind::bad_input, [&] { server.inject(Disconnected{ConnectionId{1}}); }),
        HasSubstr("inject")
    );
}

// A publisher that is held back fills its own transport and none of the broker's memory.
TEST(Server, does_not_read_who_is_held_back) {
    Server server(options());
    const auto socket = greeted(server);
    server.inject(SetAlarm{SetAlarm::Resource::memory, SetAlarm::State::raised});
    const std::string piece(1 << 16, '.');
    const timeval soon{0, 200'000};
    ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    std::size_t taken = 0;
    for (ssize_t count = 1; count > 0 && taken < 256 * piece.size();) {
        count = ::send(socket.descriptor(), piece.data(), piece.size(), MSG_NOSIGNAL);
        if (count > 0) taken += static_cast<std::size_t>(count);
    }
    EXPECT_LT(taken, 256 * piece.size()) << "somebody reads it";
    server.inject(SetAlarm{SetAlarm::Resource::memory, SetAlarm::State::cleared});
    EXPECT_EQ(socket.receive(taken), std::string(taken, '.'));
}

TEST(Server, gives_events_since_a_sequence_number) {
    Server server(options());
    for (int i = 0; i < 3; ++i) server.inject(SetAlarm{});
    EXPECT_EQ(server.events(2).size(), 1u);
    EXPECT_EQ(server.events(2).at(0).sequence, 2u);
    EXPECT_TRUE(server.wait_for_event(2, 0ms));
    EXPECT_FALSE(server.wait_for_event(3, 0ms));
}

TEST(Server, says_goodbye_and_ends_when_it_is_closed) {
    Server server(options());
    const auto socket = greeted(server);
    server.close();
    EXPECT_EQ(socket.receive(3), "end");
    EXPECT_EQ(socket.receive_end(), "FIN");
    server.close();
    EXPECT_THAT(error_of(ServerError::Kind::closed, [&] { server.inject(SetAlarm{}); }), HasSubstr("closed"));
    EXPECT_EQ(server.events().size(), 1u) << "what happened can still be asked for";
    EXPECT_THROW(TestSocket(server.port()), std::runtime_error);
}

TEST(Server, closes_though_a_client_does_not_read) {
    Server server(options());
    const auto socket = greeted(server);
    socket.send("b9b9b9b9b9b9b9b9b9b9.");
    EXPECT_EQ(socket.receive(1), "b");
    server.close();
    EXPECT_EQ(socket.receive(1), "b") << "what the kernel took still arrives";
}

TEST(Server, cuts_writes_as_told_and_loses_nothing) {
    for (const auto kind : {Segmentation::Kind::every_octet, Segmentation::Kind::fixed, Segmentation::Kind::random}) {
        auto cut = options();
        cut.to_client = {.segmentation = {kind, 3}, .gap = 50us};
        Server server(std::move(cut));
        const auto socket = greeted(server);
        socket.send("all of it");
        EXPECT_EQ(socket.receive(9), "all of it");
        server.change(Wire{.toward = Toward::client, .change = wire::Bend{}});
        socket.send("b2");
        EXPECT_EQ(socket.receive(200'000), std::string(200'000, 'b'));
    }
}

TEST(Server, has_written_all_pieces_when_advance_returns) {
    auto cut = options("manual");
    cut.to_client = {.segmentation = {Segmentation::Kind::every_octet}, .gap = 200us};
    Server server(std::move(cut));
    const auto socket = greeted(server);
    socket.send("t1.");
    socket.receive(1);
    server.advance(1s);
    EXPECT_EQ(socket.receive_now(), "tick");
}

TEST(Server, drops_a_client_that_never_reads_and_serves_the_others) {
    auto tight = options();
    tight.unsent_pause = 100'000;
    tight.unsent_drop = 1'000'000;
    Server server(std::move(tight));
    const auto deaf = greeted(server);
    const auto other = greeted(server);
    std::string much;
    for (int i = 0; i < 20; ++i) much += "b9";
    deaf.send(much);
    EXPECT_TRUE(wait_for(server, Event::Kind::connection_closed));
    other.send("still here");
    EXPECT_EQ(other.receive(10), "still here");
    EXPECT_THAT(server.connections(), testing::ElementsAre(ConnectionId{2}));
}

// Remembers what it is told of congestion; of octets it sends back a million for one.
class FloodingMachine final : public Machine {
public:
    explicit FloodingMachine(std::vector<Congestion::State>& told) : told_(told) {}
    Outputs handle(Instant, const Input& input) override {
        if (const auto* congestion = std::get_if<Congestion>(&input)) told_.push_back(congestion->state);
        const auto* received = std::get_if<Received>(&input);
        if (received == nullptr) return {};
        Outputs outputs;
        outputs.emplace_back(Send{received->connection, codec::wire::Bytes(received->bytes.size() * 1'000'000, 'f')});
        return outputs;
    }
    std::optional<Instant> next_deadline() const override { return std::nullopt; }

private:
    std::vector<Congestion::State>& told_;
};

TEST(Server, tells_the_broker_whose_transport_is_behind_and_when_it_has_caught_up) {
    std::vector<Congestion::State> told;
    auto tight = options();
    tight.unsent_pause = 200'000;
    tight.wrap = [&told](std::unique_ptr<Machine>) { return std::make_unique<FloodingMachine>(told); };
    {
        Server server(std::move(tight));
        const TestSocket slow(server.port());
        slow.send("0123456789012345678901234567890");
        constexpr std::size_t much = 31'000'000;
        for (std::size_t got = 0; got < much; got += 1000) ASSERT_EQ(slow.receive(1000), std::string(1000, 'f'));
    }
    ASSERT_GE(told.size(), 2u);
    EXPECT_EQ(told.front(), Congestion::State::congested);
    EXPECT_EQ(told.back(), Congestion::State::relieved);
}

class FailingMachine final : public Machine {
public:
    Outputs handle(Instant, const Input& input) override {
        if (std::holds_alternative<Received>(input)) throw std::runtime_error("a defect");
        return {};
    }
    std::optional<Instant> next_deadline() const override { return std::nullopt; }
};

TEST(Server, says_so_when_the_broker_itself_fails) {
    auto failing = options();
    failing.wrap = [](std::unique_ptr<Machine>) { return std::make_unique<FailingMachine>(); };
    Server server(std::move(failing));
    const TestSocket socket(server.port());
    socket.send("x");
    EXPECT_NE(socket.receive_end(), "octet x");
    const auto text = error_of(ServerError::Kind::failed, [&] {
        for (;;) server.inject(SetAlarm{});
    });
    EXPECT_THAT(text, HasSubstr("a defect"));
    server.close();
}

TEST(Server, calls_on_event_as_it_happens) {
    auto calling = options("manual");
    std::vector<std::string> heard;
    calling.on_event = [&](Instant, const Event& event) { heard.push_back(std::string(to_string(event.kind))); };
    Server server(std::move(calling));
    greeted(server);
    server.advance(1s);
    server.close();
    EXPECT_THAT(heard, testing::ElementsAre("connection_opened", "connection_closed"));
}

TEST(ClockChoice, is_read_from_text_and_printed) {
    for (const auto* text : {"wall", "manual", "x100", "x0.5"}) {
        const auto choice = ClockChoice::parse(text);
        ASSERT_TRUE(choice) << choice.error();
        EXPECT_EQ(to_string(*choice), text);
    }
}

TEST(ClockChoice, says_what_it_expected) {
    for (const auto* text : {"", "x", "x0", "x-1", "x1s", "xnan", "xinf", "x1e9", "Wall", "100"}) {
        const auto choice = ClockChoice::parse(text);
        ASSERT_FALSE(choice) << text;
        EXPECT_THAT(choice.error(), HasSubstr("expected wall, manual or x"));
        EXPECT_THAT(choice.error(), HasSubstr("\"" + std::string(text) + "\""));
    }
}

}  // namespace
}  // namespace simbroker::drive
