// Looking at a broker: a path for each of the core's listings.
#include <fmt/format.h>

#include "simbroker/control/route.hpp"
#include "simbroker/control/schema.hpp"

namespace simbroker::control {

namespace {

using nlohmann::json;

enum class Of : std::uint8_t { broker, vhost, queue };

struct Look {
    std::string_view what;  // as operation::List names it
    Of of;
    std::string_view summary;
};

constexpr Look looks[] = {
    {"connections", Of::broker, "The open connections."},
    {"channels", Of::broker, "The open channels, with what they hold and owe."},
    {"exchanges", Of::vhost, "The exchanges of a virtual host."},
    {"queues", Of::queue, "Its queues: arguments, counts of messages and consumers, policies."},
    {"bindings", Of::queue, "Its bindings; first each queue's to the default exchange."},
    {"consumers", Of::queue, "Its consumers."},
    {"messages", Of::queue, "What waits in its queues, in the order in which it leaves them."},
    {"unacknowledged", Of::queue, "What consumers hold and have not settled."},
    {"alarms", Of::broker, "The resource alarms that are up."},
    {"users", Of::broker, "The users and their tags."},
    {"vhosts", Of::broker, "The virtual hosts."},
    {"permissions", Of::vhost, "Who may do what in a virtual host."},
    {"topic_permissions", Of::vhost, "Which routing keys users may use."},
    {"user_limits", Of::broker, "The limits of users."},
    {"vhost_limits", Of::vhost, "The limits of a virtual host."},
    {"policies", Of::vhost, "The policies of a virtual host."},
    {"operator_policies", Of::vhost, "Its operator policies."},
};

std::vector<Parameter> parameters_of(Of of) {
    std::vector<Parameter> parameters;
    const auto add = [&](std::string name, std::string_view description) {
        parameters.push_back({.name = std::move(name), .in = Parameter::In::query, .schema = text_schema(description)});
    };
    if (of != Of::broker) add("vhost", "The virtual host; \"/\" if it is left out.");
    if (of == Of::queue) add("queue", "Only this queue's.");
    return parameters;
}

Outcome look(std::string_view what, const Call& call, ServedBroker& broker) {
    operation::List list{.what = std::string(what), .vhost = call.text("vhost", "/"), .queue = call.text("queue", "")};
    const auto answer = broker.operate(std::move(list));
    if (answer.refusal) return problem(404, *answer.refusal);
    std::string body;
    for (const auto& row : answer.rows) body += (body.empty() ? "[" : ",") + row;
    return Response{.body = body.empty() ? "[]" : body + "]"};
}

}  // namespace

void add_inspection_routes(std::vector<Route>& routes) {
    for (const auto& [what, of, summary] : looks) {
        routes.push_back({
            .method = "GET",
            .path = fmt::format("/{}", what),
            .area = "inspection",
            .summary = std::string(summary),
            .parameters = parameters_of(of),
            .result = array_schema({{"type", "object"}}),
            .answer = [what](const Call& call, ServedBroker& broker) { return look(what, call, broker); },
        });
    }
}

}  // namespace simbroker::control
