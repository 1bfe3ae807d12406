// The faults of fault/README.md: added, listed and removed while the broker runs.
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/control/route.hpp"
#include "simbroker/control/schema.hpp"

namespace simbroker::control {

namespace {

using nlohmann::json;

constexpr std::uint64_t most = UINT32_MAX;

json duration_schema(std::string_view description) {
    return {{"description", fmt::format("{}, such as 150ms, 3s, 30m, 2h or 7d", description)}};
}

json when_schema() {
    return object_schema(
        {
            {"to", choice_schema("whom the frame is for", {"client", "server"})},
            {"method", text_schema("its method, such as basic.ack")},
            {"frame", choice_schema("or its kind", {"method", "header", "body", "heartbeat", "protocol_header"})},
            {"connection", whole_number_schema("the number of its connection", 1, most)},
            {"channel", whole_number_schema("its channel", 0, UINT16_MAX)},
            {"queue", text_schema("the queue it is about: named by it, or that of its consumer")},
            {"from", duration_schema("from this instant of broker time on")},
            {"until", duration_schema("until this instant of broker time")},
            {"after", {{"description", "after an event: its kind, or {event, subject}"}}},
            {"nth", whole_number_schema("only this one of those that match the above", 1, most)},
            {"every", whole_number_schema("each so manieth of them", 1, most)},
            {"probability", {{"type", "number"}, {"minimum", 0}, {"maximum", 1}, {"description", "of each of them"}}},
            {"times", whole_number_schema("so often, and then no more", 1, most)},
        },
        {"to"}
    );
}

json now_schema() {
    return object_schema({
        {"connection", whole_number_schema("the number of the connection; otherwise that of the event, or all", 1, most)
        },
        {"channel", whole_number_schema("the channel", 0, UINT16_MAX)},
        {"queue", text_schema("the consumers of this queue")},
        {"at", duration_schema("at this instant of broker time")},
        {"in", duration_schema("so much later")},
        {"after", {{"description", "when an event happens: its kind, or {event, subject}"}}},
        {"every", duration_schema("and again every so often")},
        {"times", whole_number_schema("so often in all; once, unless there is `every`", 1, most)},
    });
}

json rule_schema() {
    auto when = when_schema();
    when.erase("required");  // a fault may know by itself when it acts
    return object_schema(
        {
            {"id", {{"type", "string"}, {"minLength", 1}, {"description", "its name; otherwise it gets one"}}},
            {"when", std::move(when)},
            {"now", now_schema()},
            {"do", {{"description", "the fault: its name, or {name: parameters}; simbroker/fault/README.md has them"}}},
        },
        {"do"}
    );
}

json status_schema() {
    return object_schema({
        {"id", text_schema("")},
        {"rule", {{"type", "object"}, {"description", "as it was written"}}},
        {"matched", {{"type", "integer"}, {"description", "how many frames"}}},
        {"fired", {{"type", "integer"}, {"description", "how often it acted"}}},
        {"spent", {{"type", "boolean"}, {"description", "it cannot act again"}}},
    });
}

json to_json(const fault::RuleStatus& status) {
    return {
        {"id", status.id},
        {"rule", status.rule},
        {"matched", status.matched},
        {"fired", status.fired},
        {"spent", status.spent},
    };
}

std::optional<fault::RuleStatus> find_rule(const ServedBroker& broker, const std::string& id) {
    const auto all = broker.faults();
    const auto found = std::ranges::find(all, id, &fault::RuleStatus::id);
    return found == all.end() ? std::nullopt : std::optional(*found);
}

Outcome list_faults(const Call&, ServedBroker& broker) {
    auto rows = json::array();
    for (const auto& status : broker.faults()) rows.push_back(to_json(status));
    return json_response(rows);
}

Outcome add_fault(const Call& call, ServedBroker& broker) {
    if (const auto rule = fault::rule_from_json(call.body); !rule) {
        return problem_at(rule.error().pointer, to_string(rule.error()));
    }
    const auto answer = broker.ask(AddFault{call.body.dump(-1, ' ', false, json::error_handler_t::replace)});
    if (answer.refusal) return problem(409, *answer.refusal);
    const auto added = find_rule(broker, answer.rule.value_or(""));
    if (!added) return problem(500, "the rule was not added");
    return json_response(to_json(*added), 201);
}

Outcome remove_fault(const Call& call, ServedBroker& broker) {
    const auto id = call.text("id", "");
    if (!find_rule(broker, id)) return problem(404, fmt::format("there is no fault '{}'; GET /faults lists them", id));
    broker.inject(RemoveFault{id});
    return no_content();
}

Outcome remove_all(const Call&, ServedBroker& broker) {
    broker.inject(RemoveFault{});
    return no_content();
}

Outcome release_held(const Call& call, ServedBroker& broker) {
    broker.inject(ReleaseHeld{call.body.value("label", "")});
    return no_content();
}

}  // namespace

void add_fault_routes(std::vector<Route>& routes) {
    routes.push_back({
        .method = "GET",
        .path = "/faults",
        .area = "faults",
        .summary = "The rules in their order, and how often each has acted.",
        .result = array_schema(status_schema()),
        .answer = list_faults,
    });
    routes.push_back({
        .method = "POST",
        .path = "/faults",
        .area = "faults",
        .summary = "A rule more, after those that are there: the first that fires on a frame decides.",
        .body = rule_schema(),
        .result = status_schema(),
        .status = 201,
        .answer = add_fault,
    });
    routes.push_back({
        .method = "DELETE",
        .path = "/faults",
        .area = "faults",
        .summary = "No rule acts any more, and what they keep back goes on.",
        .answer = remove_all,
    });
    routes.push_back({
        .method = "DELETE",
        .path = "/faults/{id}",
        .area = "faults",
        .summary = "This rule acts no more, and what it keeps back goes on.",
        .parameters = {{
            .name = "id",
            .in = Parameter::In::path,
            .schema = text_schema("of the rule"),
            .needed = Parameter::Needed::required,
        }},
        .answer = remove_fault,
    });
    routes.push_back({
        .method = "POST",
        .path = "/faults/release",
        .area = "faults",
        .summary = "What is held back under a label, or under any, goes on.",
        .body = object_schema({{"label", text_schema("what `hold` was told")}}),
        .answer = release_held,
    });
}

}  // namespace simbroker::control
