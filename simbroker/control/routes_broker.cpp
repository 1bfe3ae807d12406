// What a broker suffers at an operator's hands: crashes, stops, alarms, connections that end, a fresh start.
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/control/route.hpp"
#include "simbroker/control/schema.hpp"
#include "simbroker/core/version.hpp"

namespace simbroker::control {

namespace {

using nlohmann::json;

std::string_view to_string(Condition condition) {
    switch (condition) {
        case Condition::up: return "up";
        case Condition::restarting: return "restarting";
        case Condition::down: return "down";
    }
    return "";
}

json broker_to_json(const ServedBroker& broker) {
    const auto description = broker.describe();
    return {
        {"version", version},
        {"url", description.url},
        {"tls_port", description.tls_port ? json(*description.tls_port) : json()},
        {"profile", description.profile},
        {"clock", description.clock},
        {"seed", description.seed},
        {"trace", description.trace ? json(*description.trace) : json()},
        {"condition", to_string(broker.condition())},
        {"connections", broker.connections().size()},
    };
}

json broker_schema() {
    return object_schema({
        {"version", text_schema("of simbroker")},
        {"url", text_schema("for clients")},
        {"tls_port", {{"type", {"integer", "null"}}}},
        {"profile", text_schema("the broker it is like")},
        {"clock", text_schema("manual, wall, or x and a factor")},
        {"seed", {{"type", "integer"}}},
        {"trace", {{"type", {"string", "null"}}, {"description", "the file it records in"}}},
        {"condition", choice_schema("", {"up", "restarting", "down"})},
        {"connections", {{"type", "integer"}, {"description", "how many are open"}}},
    });
}

// Does it and shows the broker as it is then.
template <class Act>
Route act(std::string path, std::string summary, Act doing) {
    return {
        .method = "POST",
        .path = std::move(path),
        .area = "broker",
        .summary = std::move(summary),
        .result = broker_schema(),
        .answer = [doing](const Call&, ServedBroker& broker) -> Outcome {
            doing(broker);
            return Response{.late_body = [&broker] { return broker_to_json(broker).dump(); }};
        },
    };
}

Outcome reset(const Call&, ServedBroker& broker) {
    const auto kept = broker.reset();
    if (!kept) return problem(500, kept.error());
    auto body = broker_to_json(broker);
    body["trace_before"] = *kept ? json(**kept) : json();
    return json_response(body);
}

Outcome set_alarm(const Call& call, ServedBroker& broker) {
    const auto resource = call.text("resource", "") == "memory" ? SetAlarm::Resource::memory : SetAlarm::Resource::disk;
    const bool raised = call.body.at("raised").get<bool>();
    broker.inject(SetAlarm{resource, raised ? SetAlarm::State::raised : SetAlarm::State::cleared});
    return no_content();
}

std::expected<ConnectionId, Problem> open_connection(const Call& call, const ServedBroker& broker) {
    const ConnectionId id{static_cast<std::uint32_t>(call.number("connection"))};
    const auto open = broker.connections();
    if (std::ranges::find(open, id) != open.end()) return id;
    return problem(404, fmt::format("no connection {} is open; GET /connections lists them", id.value));
}

Outcome close_connection(const Call& call, ServedBroker& broker) {
    const auto id = open_connection(call, broker);
    if (!id) return std::unexpected(id.error());
    broker.inject(CloseConnection{*id, call.body.value("reason", "closed by the operator")});
    return no_content();
}

Outcome drop_connection(const Call& call, ServedBroker& broker) {
    const auto id = open_connection(call, broker);
    if (!id) return std::unexpected(id.error());
    broker.drop(*id);
    return no_content();
}

Parameter connection_parameter() {
    return {
        .name = "connection",
        .in = Parameter::In::path,
        .schema = whole_number_schema("Its number, as in listings and events.", 1, UINT32_MAX),
        .needed = Parameter::Needed::required,
    };
}

void add_lifecycle(std::vector<Route>& routes) {
    routes.push_back(
        act("/broker/crash",
            "The power goes: every connection is reset, and none is taken until a start. Durable queues keep the "
            "persistent messages that had reached the disk.",
            [](ServedBroker& broker) { broker.inject(Crash{}); })
    );
    routes.push_back(
        act("/broker/shut-down",
            "An orderly stop: clients are told 320, and no connection is taken until a start.",
            [](ServedBroker& broker) { broker.inject(Shutdown{}); })
    );
    routes.push_back(
        act("/broker/start",
            "Up again, with what is durable. Nothing happens to a broker that is up.",
            [](ServedBroker& broker) { broker.inject(Start{}); })
    );
    routes.push_back(
        act("/broker/restart",
            "An orderly stop, up to a second of real time for clients to close, and a start; then comes the answer.",
            [](ServedBroker& broker) { broker.restart(); })
    );
}

}  // namespace

void add_broker_routes(std::vector<Route>& routes) {
    routes.push_back({
        .method = "GET",
        .path = "/broker",
        .area = "broker",
        .summary = "Where it is, what it is like, and whether it is up.",
        .result = broker_schema(),
        .answer = [](const Call&, ServedBroker& broker) -> Outcome { return json_response(broker_to_json(broker)); },
    });
    add_lifecycle(routes);
    auto after_reset = broker_schema();
    after_reset["properties"]["trace_before"] = {
        {"type", {"string", "null"}}, {"description", "what was recorded until now is in this file"}
    };
    routes.push_back({
        .method = "POST",
        .path = "/reset",
        .area = "broker",
        .summary = "Between two tests: as if the broker had just been started. Connections are closed; entities, "
                   "messages, faults and alarms are gone; clock, seed and configuration are as at the start.",
        .result = std::move(after_reset),
        .answer = reset,
    });
    const json raised{{"type", "boolean"}, {"description", "While one is up, connections that publish are blocked."}};
    routes.push_back({
        .method = "PUT",
        .path = "/alarms/{resource}",
        .area = "broker",
        .summary = "Raises or clears a resource alarm.",
        .parameters = {{
            .name = "resource",
            .in = Parameter::In::path,
            .schema = choice_schema("What is short.", {"memory", "disk"}),
            .needed = Parameter::Needed::required,
        }},
        .body = object_schema({{"raised", raised}}, {"raised"}),
        .answer = set_alarm,
    });
    routes.push_back({
        .method = "POST",
        .path = "/connections/{connection}/close",
        .area = "broker",
        .summary = "Tells one client connection.close 320.",
        .parameters = {connection_parameter()},
        .body = object_schema({{"reason", text_schema("The end of the reply text.")}}),
        .answer = close_connection,
    });
    routes.push_back({
        .method = "POST",
        .path = "/connections/{connection}/drop",
        .area = "broker",
        .summary = "Resets the transport under one client without a word, as a failing network would.",
        .parameters = {connection_parameter()},
        .answer = drop_connection,
    });
}

}  // namespace simbroker::control
