#include "conformance/step/handshake.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/amqp091/json.hpp"
#include "conformance/step/arrival.hpp"
#include "conformance/step/expectation.hpp"
#include "simbroker/fault/notation.hpp"

namespace conformance::step {

namespace {

using codec::wire::Bytes;
using nlohmann::json;
using Progress = Line::Progress;

constexpr std::pair<std::string_view, Progress> stops[] = {
    {"transport", Progress::transport},
    {"start", Progress::start},
    {"tune", Progress::tune},
    {"open", Progress::open},
};

constexpr std::string_view known_options[] = {
    "name",
    "user",
    "password",
    "vhost",
    "mechanism",
    "response",
    "locale",
    "client_properties",
    "capabilities",
    "channel_max",
    "frame_max",
    "heartbeat",
    "heartbeats",
    "until",
};

std::optional<Progress> progress_from(const json& text) {
    for (const auto& [name, progress] : stops) {
        if (text == name) return progress;
    }
    return {};
}

// One message to the peer; the notation cannot be wrong but for what the scenario gave.
Outcome say(Conversation& conversation, Line& line, const json& message) {
    const auto octets = simbroker::fault::message_from_json(message, {});
    if (!octets) return inconclusive(octets.error());
    conversation.send(line, *octets);
    return {};
}

std::unexpected<Trouble> unmet_on(const Line& line, std::string expected, std::string got) {
    auto trouble = unmet(std::move(expected), std::move(got));
    trouble.error().text.insert(0, fmt::format("connection {}: ", line.name));
    return trouble;
}

std::expected<peer::Item, Trouble> hear(
    Conversation& conversation, Line& line, const json& expectation, std::uint16_t channel, Duration within
) {
    const Relevant relevant = [&, concerns_all = what_concerns_all(Role::broker)](const peer::Item& item) {
        return concerns_all(item) || (item.kind == peer::Item::Kind::method && item.channel.value == channel);
    };
    auto item = take_next(conversation, line, relevant, conversation.after(within));
    if (!item) return unmet_on(line, describe(expectation), nothing_came(line, within));
    if (const auto differs = difference(*item, expectation)) return unmet_on(line, describe(expectation), *differs);
    return std::move(*item);
}

json client_properties(const json& options) {
    json properties = {
        {"product", "amqp-conformance"},
        {"version", "1"},
        {"platform", "C++"},
        {"copyright", "none"},
        {"information", "a conformance test"},
        {"capabilities",
         {{"publisher_confirms", true},
          {"consumer_cancel_notify", true},
          {"basic.nack", true},
          {"connection.blocked", true},
          {"authentication_failure_close", true},
          {"exchange_exchange_bindings", true}}},
    };
    if (options.contains("client_properties")) properties.update(options.at("client_properties"));
    if (options.contains("capabilities")) properties["capabilities"].update(options.at("capabilities"));
    return properties;
}

// RFC 4616, and AMQPLAIN's field table without its size.
std::expected<json, Trouble> sasl_response(const json& options, const Login& login) {
    if (options.contains("response")) {
        const auto octets = simbroker::fault::octets_from_json(options.at("response"));
        if (!octets) return inconclusive("response: " + octets.error());
        return json{{"!hex", fmt::format("{:02x}", fmt::join(*octets, ""))}};
    }
    const auto user = options.value("user", login.user);
    const auto password = options.value("password", login.password);
    if (options.value("mechanism", "PLAIN") != "AMQPLAIN") return '\0' + user + '\0' + password;
    const auto table = codec::amqp091::encode_table_from_json(json{{"LOGIN", user}, {"PASSWORD", password}});
    if (!table) return inconclusive(table.error());
    return json{{"!hex", fmt::format("{:02x}", fmt::join(*table, ""))}};
}

Outcome start(Conversation& conversation, Line& line, Duration within) {
    const auto& header = codec::amqp091::protocol_header_091;
    conversation.send(line, header);
    const auto item = hear(conversation, line, "connection.start", 0, within);
    if (!item) return std::unexpected(item.error());
    line.server_properties = part_of(*item, "server_properties").value_or(json::object());
    return {};
}

Outcome tune(Conversation& conversation, Line& line, const json& options, Duration within) {
    const auto response = sasl_response(options, conversation.stage().login());
    if (!response) return std::unexpected(response.error());
    const json start_ok = {
        {"connection.start-ok",
         {{"client_properties", client_properties(options)},
          {"mechanism", options.value("mechanism", "PLAIN")},
          {"response", *response},
          {"locale", options.value("locale", "en_US")}}}
    };
    if (auto said = say(conversation, line, start_ok); !said) return said;
    const auto item = hear(conversation, line, "connection.tune", 0, within);
    if (!item) return std::unexpected(item.error());
    const auto& tuned = std::get<codec::amqp091::connection::Tune>(*item->method);
    line.channel_max = options.value("channel_max", tuned.channel_max);
    line.frame_max = options.value("frame_max", tuned.frame_max);
    line.heartbeat = std::chrono::seconds(options.value("heartbeat", std::uint16_t{0}));
    return {};
}

Outcome open(Conversation& conversation, Line& line, const json& options, Duration within) {
    const json tune_ok = {
        {"connection.tune-ok",
         {{"channel_max", line.channel_max}, {"frame_max", line.frame_max}, {"heartbeat", line.heartbeat.count()}}}
    };
    if (auto said = say(conversation, line, tune_ok); !said) return said;
    line.incoming.set_frame_max(line.frame_max);
    const auto vhost = options.value("vhost", conversation.stage().login().vhost);
    if (auto said = say(conversation, line, {{"connection.open", {{"virtual_host", vhost}}}}); !said) return said;
    const auto item = hear(conversation, line, "connection.open-ok", 0, within);
    if (!item) return std::unexpected(item.error());
    return {};
}

}  // namespace

std::optional<std::string> connect_options_error(const json& options) {
    if (!options.is_object()) return "expected a mapping of options, got " + options.dump();
    for (const auto& [key, value] : options.items()) {
        if (std::ranges::find(known_options, key) == std::end(known_options)) {
            return fmt::format("unknown option '{}'; expected {}", key, fmt::join(known_options, ", "));
        }
        const bool table = key == "client_properties" || key == "capabilities";
        const bool number = key == "channel_max" || key == "frame_max" || key == "heartbeat";
        const bool unknown = value.is_string() && !variables_in(value).empty();
        if (unknown || key == "response") continue;
        if (table && !value.is_object()) return fmt::format("{}: expected a mapping, got {}", key, value.dump());
        if (number && !value.is_number_unsigned())
            return fmt::format("{}: expected a number, got {}", key, value.dump());
        if (!table && !number && !value.is_string()) return fmt::format("{}: expected text, got {}", key, value.dump());
    }
    if (options.contains("until") && !progress_from(options.at("until"))) {
        return "until: expected transport, start, tune or open, got " + options.at("until").dump();
    }
    const auto heartbeats = options.value("heartbeats", "automatic");
    if (heartbeats != "automatic" && heartbeats != "none")
        return "heartbeats: expected automatic or none, got " + heartbeats;
    return {};
}

Outcome connect(Conversation& conversation, const json& options, Duration within) {
    const auto opened = conversation.open(options.value("name", "main"));
    if (!opened) return std::unexpected(opened.error());
    auto& line = **opened;
    line.heartbeats =
        options.value("heartbeats", "automatic") == "none" ? Line::Heartbeats::none : Line::Heartbeats::automatic;
    const auto until = progress_from(options.value("until", "open")).value_or(Progress::open);
    if (until == Progress::transport) return {};
    if (auto done = start(conversation, line, within); !done) return done;
    line.progress = Progress::start;
    if (until == Progress::start) return {};
    if (auto done = tune(conversation, line, options, within); !done) return done;
    line.progress = Progress::tune;
    conversation.variables().set_built_in("channel_max", line.channel_max);
    conversation.variables().set_built_in("frame_max", line.frame_max);
    conversation.variables().set_built_in("heartbeat", line.heartbeat.count());
    if (until == Progress::tune) return {};
    if (auto done = open(conversation, line, options, within); !done) return done;
    line.progress = Progress::open;
    return {};
}

Outcome close(Conversation& conversation, Line& line, Duration within) {
    if (auto said = say(conversation, line, {{"connection.close", {{"reply_code", 200}, {"reply_text", "done"}}}});
        !said) {
        return said;
    }
    // What was said on channel 0 before the close-ok (blocked, heartbeats) is no answer to the close.
    const Relevant answer = [concerns_all = what_concerns_all(Role::broker)](const peer::Item& item) {
        return concerns_all(item) || item.is("connection.close-ok");
    };
    const auto item = take_next(conversation, line, answer, conversation.after(within));
    constexpr auto expected = "connection.close-ok";
    if (!item) return unmet_on(line, expected, nothing_came(line, within));
    if (!item->is(expected)) return unmet_on(line, expected, peer::describe(*item));
    // Whoever gets the close-ok ends the transport; a broker may leave that to us (RabbitMQ does, for a while).
    auto unread = std::move(line.inbox);
    conversation.drop(line);
    line.inbox = std::move(unread);
    return {};
}

Outcome open_channel(Conversation& conversation, Line& line, codec::amqp091::ChannelNumber channel, Duration within) {
    Bytes octets;
    append_method(octets, channel, codec::amqp091::channel::Open{});
    conversation.send(line, octets);
    const auto item = hear(conversation, line, "channel.open-ok", channel.value, within);
    if (!item) return std::unexpected(item.error());
    return {};
}

}  // namespace conformance::step
