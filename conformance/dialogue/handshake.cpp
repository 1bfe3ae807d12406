#include "conformance/dialogue/handshake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simbroker/fault/notation.hpp"

namespace conformance::dialogue {

namespace {

using nlohmann::json;

constexpr std::array stations{"transport", "start", "start-ok", "tune", "tune-ok", "open"};
constexpr std::array known_options{
    "until",
    "channels",
    "channel_max",
    "frame_max",
    "heartbeat",
    "vhost",
    "mechanism",
    "response",
    "locale",
    "client_properties",
    "user",
    "password"
};

struct Sent {  // a message of ours and the answer it shall have; no answer: the next one is sent at once
    json message;
    std::string answer;
    std::size_t station;  // reached when the answer is there
};

std::string plain(const std::string& user, const std::string& password) {
    return std::string(1, '\0') + user + std::string(1, '\0') + password;
}

json capabilities() {
    auto all = json::object();
    for (const auto* name :
         {"authentication_failure_close",
          "basic.nack",
          "connection.blocked",
          "consumer_cancel_notify",
          "exchange_exchange_bindings",
          "publisher_confirms"}) {
        all[name] = true;
    }
    return all;
}

std::vector<Sent> script_of(const json& options, const step::Login& login) {
    const auto response = plain(options.value("user", login.user), options.value("password", login.password));
    const json start_ok{
        {"client_properties",
         options.value("client_properties", json{{"product", "conformance"}, {"capabilities", capabilities()}})},
        {"mechanism", options.value("mechanism", "PLAIN")},
        {"response", options.value("response", json(response))},
        {"locale", options.value("locale", "en_US")},
    };
    const json tune_ok{
        {"channel_max", options.value("channel_max", 2047)},
        {"frame_max", options.value("frame_max", 131072)},
        {"heartbeat", options.value("heartbeat", 0)},
    };
    const json open{{"virtual_host", options.value("vhost", login.vhost)}};
    std::vector<Sent> script{
        {json{{"connection.start-ok", start_ok}}, "", 2},
        {json(), "connection.tune", 3},
        {json{{"connection.tune-ok", tune_ok}}, "", 4},
        {json{{"connection.open", open}}, "connection.open-ok", 5},
    };
    for (const auto& channel : options.value("channels", json::array({1U}))) {
        script.push_back({json{{"channel.open", json::object()}, {"channel", channel}}, "channel.open-ok", 5});
    }
    return script;
}

std::expected<std::size_t, std::string> station_of(const json& options) {
    for (const auto& [key, value] : options.items()) {
        if (std::ranges::find(known_options, key) != known_options.end()) continue;
        return std::unexpected(fmt::format("connect: unknown '{}'; expected {}", key, fmt::join(known_options, ", ")));
    }
    const auto until = options.value("until", "open");
    const auto* found = std::ranges::find(stations, until);
    if (found != stations.end()) return static_cast<std::size_t>(found - stations.begin());
    return std::unexpected(fmt::format("until: '{}'; expected {}", until, fmt::join(stations, ", ")));
}

Heard or_nothing(std::optional<Heard> heard) {
    if (heard) return std::move(*heard);
    return no_answer(codec::amqp091::connection_channel, "no answer");
}

}  // namespace

json login_variables(const step::Login& login) {
    return {
        {"user", login.user},
        {"password", login.password},
        {"vhost", login.vhost},
        {"plain", plain(login.user, login.password)},
        {"capabilities", capabilities()},
    };
}

std::expected<std::optional<Heard>, std::string> shake_hands(
    Client& client, Line& line, const json& written, Duration within
) {
    const auto options = written.is_object() ? written : json::object();
    const auto station = station_of(options);
    if (!station) return std::unexpected(station.error());
    if (*station == 0) return std::nullopt;
    constexpr auto header = codec::amqp091::protocol_header_091;
    client.send(line, header);
    auto start = client.next(line, client.now() + within);
    if (!start || !start->item.is("connection.start")) return or_nothing(std::move(start));
    for (const auto& sent : script_of(options, client.stage().login())) {
        if (sent.station > *station) break;
        if (!sent.message.is_null()) {
            const auto octets = simbroker::fault::message_from_json(sent.message, {});
            if (!octets) return std::unexpected(octets.error());
            client.send(line, *octets);
        }
        if (sent.answer.empty()) continue;
        auto answer = client.next(line, client.now() + within);
        if (!answer || !answer->item.is(sent.answer)) return or_nothing(std::move(answer));
    }
    return std::nullopt;
}

}  // namespace conformance::dialogue
