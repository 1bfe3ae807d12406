// The control API over HTTP, on a server with sockets.
#include "simbroker/drive/asio_server_http.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/replay.hpp"
#include "simbroker/drive/test_socket.hpp"

namespace simbroker::drive {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view protocol_header("AMQP\0\0\x09\x01", 8);

ServerOptions controlled(std::string_view clock = "manual") {
    ServerOptions options{.host = "127.0.0.1", .clock = ClockChoice::parse(clock).value()};
    options.control = ControlOptions{};
    return options;
}

std::uint16_t control_port(const Server& server) {
    const auto url = *server.control_url();
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

// One request on a connection that stays open, and the whole response.
std::string ask(
    const TestSocket& socket, std::string_view line, std::string_view body = {}, std::string_view headers = {}
) {
    socket.send(
        fmt::format("{} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}\r\n{}", line, body.size(), headers, body)
    );
    auto head = socket.receive_until("\r\n\r\n");
    const auto at = head.find("Content-Length: ");
    if (at == std::string::npos) return head;
    return head + socket.receive(static_cast<std::size_t>(std::stoi(head.substr(at + 16))));
}

std::string ask(
    const Server& server, std::string_view line, std::string_view body = {}, std::string_view headers = {}
) {
    return ask(TestSocket(control_port(server)), line, body, headers);
}

json body_of(const std::string& response) { return json::parse(response.substr(response.find("\r\n\r\n") + 4)); }

TestSocket greeted(const Server& server) {
    TestSocket socket(server.port());
    socket.send(protocol_header);
    socket.receive_until("product");
    socket.receive_now();
    return socket;
}

TEST(HttpServer, answers_several_requests_on_a_connection) {
    Server server(controlled());
    const TestSocket socket(control_port(server));
    EXPECT_THAT(ask(socket, "POST /clock/advance", R"({"by":"90s"})"), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(body_of(ask(socket, "GET /clock")).at("now"), 90.0);
    EXPECT_EQ(server.now(), Instant(90s));
    EXPECT_THAT(ask(socket, "DELETE /clock"), StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
    EXPECT_THAT(ask(socket, "PUT /alarms/disk", R"({"raised":true})"), StartsWith("HTTP/1.1 204 No Content\r\n"));
    EXPECT_EQ(body_of(ask(socket, "GET /broker")).at("url"), server.url());
}

TEST(HttpServer, refuses_what_is_no_request_and_what_is_too_large) {
    Server server(controlled());
    EXPECT_THAT(ask(server, "POST /clock/advance", std::string(2 << 20, ' ')), StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(ask(server, "GET /clock", "", "X: " + std::string(20000, 'x') + "\r\n"), StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(ask(server, "nonsense"), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(ask(server, "GET /clock"), StartsWith("HTTP/1.1 200 ")) << "and goes on";
}

TEST(HttpServer, asks_for_the_token) {
    auto options = controlled();
    options.control->token = "secret";
    Server server(std::move(options));
    const auto refused = ask(server, "GET /clock");
    EXPECT_THAT(refused, StartsWith("HTTP/1.1 401 Unauthorized\r\n"));
    EXPECT_THAT(refused, HasSubstr("WWW-Authenticate: Bearer\r\n"));
    EXPECT_THAT(ask(server, "GET /clock", "", "Authorization: Bearer secre\r\n"), StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(ask(server, "GET /clock", "", "Authorization: Bearer secret\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, opens_no_address_to_others_without_a_token) {
    auto options = controlled();
    options.control->host = "0.0.0.0";
    try {
        const Server server(options);
        FAIL() << "it started";
    } catch (const ServerError& error) {
        EXPECT_EQ(error.kind(), ServerError::Kind::cannot_listen);
        EXPECT_THAT(error.what(), HasSubstr("needs a token"));
    }
    options.control->token = "secret";
    EXPECT_NO_THROW(Server{options});
}

TEST(HttpServer, answers_no_web_page) {
    Server server(controlled());
    EXPECT_THAT(ask(server, "POST /reset", "", "Origin: http://example.com\r\n"), StartsWith("HTTP/1.1 403 "));
}

TEST(HttpServer, streams_events_as_they_happen) {
    Server server(controlled());
    const TestSocket listener(control_port(server));
    listener.send("GET /events/stream?kind=operated HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(listener.receive_until("\r\n\r\n"), HasSubstr("Content-Type: text/event-stream\r\n"));
    ask(server, "GET /queues");
    ask(server, "POST /operations/add_vhost", R"({"vhost":"orders"})");
    const auto event = listener.receive_until("\n\n");
    EXPECT_THAT(event, StartsWith("id: 0\nevent: operated\ndata: {"));
    EXPECT_THAT(event, HasSubstr("\"subject\":\"add_vhost\""));
    server.close();
    EXPECT_EQ(listener.receive_end(), "FIN");
}

TEST(HttpServer, answers_a_restart_when_the_broker_is_up_again) {
    Server server(controlled());
    const auto client = greeted(server);
    EXPECT_EQ(body_of(ask(server, "POST /broker/restart")).at("condition"), "up");
    const auto next = greeted(server);
    EXPECT_EQ(body_of(ask(server, "GET /broker")).at("connections"), 1);
}

TEST(HttpServer, refuses_clients_between_a_crash_and_a_start) {
    Server server(controlled());
    const auto client = greeted(server);
    EXPECT_EQ(body_of(ask(server, "POST /broker/crash")).at("condition"), "down");
    EXPECT_EQ(client.receive_end(), "RST");
    EXPECT_THROW(TestSocket(server.port()), std::runtime_error);
    EXPECT_EQ(body_of(ask(server, "POST /broker/start")).at("condition"), "up");
    greeted(server);
}

TEST(HttpServer, resets_to_the_beginning) {
    const auto path = std::filesystem::temp_directory_path() / fmt::format("simbroker-http-{}.trace", ::getpid());
    auto options = controlled();
    options.trace = path;
    Server server(options);
    const auto before = greeted(server);
    ask(server, "POST /clock/advance", R"({"by":5})");
    const auto reset = body_of(ask(server, "POST /reset"));
    EXPECT_EQ(before.receive_end(), "RST");
    EXPECT_EQ(body_of(ask(server, "GET /clock")).at("now"), 0.0);
    const auto after = greeted(server);
    EXPECT_THAT(server.connections(), testing::ElementsAre(ConnectionId{1}));
    EXPECT_EQ(server.next_deadline(), Instant(10s)) << "the handshake's, counted from the new beginning";

    const auto kept = reset.at("trace_before").get<std::string>();
    EXPECT_EQ(kept, path.string() + ".1");
    std::ifstream first(kept, std::ios::binary);
    const auto replayed = replay(first);
    ASSERT_TRUE(replayed) << to_string(replayed.error());
    EXPECT_FALSE(replayed->difference);
    EXPECT_GT(replayed->output_octets, 100U);
    std::filesystem::remove(kept);

    const auto response = ask(server, "GET /trace");
    std::istringstream octets(response.substr(response.find("\r\n\r\n") + 4));
    const auto whole = replay(octets);
    ASSERT_TRUE(whole) << to_string(whole.error());
    EXPECT_FALSE(whole->difference);
    EXPECT_FALSE(whole->cut_short);
    server.close();
    std::filesystem::remove(path);
}

// ---- a clock that stands still

TEST(ManualClock, tells_those_who_wait_what_it_waits_for) {
    std::mutex mutex;
    std::vector<std::string> told;
    std::condition_variable changed;
    auto options = controlled();
    options.waiting_after = 50ms;
    options.on_waiting = [&](const std::string& text) {
        const std::lock_guard lock(mutex);
        told.push_back(text);
        changed.notify_all();
    };
    Server server(options);
    const auto client = greeted(server);
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, 10s, [&] { return !told.empty(); }));
    EXPECT_EQ(
        told.front(),
        "no client has said anything for 0.05 s of real time, and the clock is manual: the next deadline is in 10 s of "
        "broker time (handshake_timeout of connection 1); advance()"
    );
    EXPECT_FALSE(changed.wait_for(lock, 200ms, [&] { return told.size() > 1; })) << "once is enough";
}

}  // namespace
}  // namespace simbroker::drive
