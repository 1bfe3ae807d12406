// What happened inside: events, now or as they come, and the trace.
#include <algorithm>

#include "simbroker/control/event_json.hpp"
#include "simbroker/control/route.hpp"
#include "simbroker/control/schema.hpp"

namespace simbroker::control {

namespace {

using nlohmann::json;

std::vector<Parameter> parameters() {
    return {
        {.name = "since",
         .in = Parameter::In::query,
         .schema = whole_number_schema("Only from this sequence number on.", 0, INT64_MAX)},
        {.name = "kind", .in = Parameter::In::query, .schema = choice_schema("Only of this kind.", event_kind_names())},
    };
}

json event_schema() {
    return object_schema(
        {{"sequence", {{"type", "integer"}}},
         {"at", {{"type", "number"}, {"description", "seconds of broker time"}}},
         {"kind", {{"type", "string"}}},
         {"connection", {{"type", "integer"}}},
         {"channel", {{"type", "integer"}}},
         {"subject", {{"type", "string"}}},
         {"detail", {{"type", "string"}}},
         {"number", {{"type", "integer"}}}},
        {"sequence", "at", "kind", "subject", "detail", "number"}
    );
}

Outcome events(const Call& call, ServedBroker& broker) {
    const auto kind = call.text("kind", "");
    auto rows = json::array();
    for (const auto& event : broker.events(call.number("since"))) {
        if (kind.empty() || to_string(event.event.kind) == kind) rows.push_back(to_json(event));
    }
    return json_response({{"events", std::move(rows)}, {"next", broker.next_event()}});
}

Outcome stream(const Call& call, ServedBroker& broker) {
    Response::Stream wanted{.since = call.number("since", broker.next_event())};
    if (auto kind = call.text("kind", ""); !kind.empty()) wanted.kinds.push_back(std::move(kind));
    return Response{
        .content_type = "text/event-stream", .headers = {{"Cache-Control", "no-store"}}, .stream = std::move(wanted)
    };
}

Outcome trace(const Call&, ServedBroker& broker) {
    auto octets = broker.trace();
    if (!octets) return problem(409, octets.error());
    return Response{
        .content_type = "application/octet-stream",
        .body = std::move(*octets),
        .headers = {{"Content-Disposition", "attachment; filename=\"simbroker.trace\""}},
    };
}

}  // namespace

void add_event_routes(std::vector<Route>& routes) {
    routes.push_back({
        .method = "GET",
        .path = "/events",
        .area = "events",
        .summary = "What happened, oldest first, as far as it is remembered; `next` is the `since` that gives what "
                   "comes after it.",
        .parameters = parameters(),
        .result = object_schema({{"events", array_schema(event_schema())}, {"next", {{"type", "integer"}}}}),
        .answer = events,
    });
    routes.push_back({
        .method = "GET",
        .path = "/events/stream",
        .area = "events",
        .summary = "The same as it happens, as server-sent events: id, event and data are an event's sequence number, "
                   "kind and JSON. Without `since`, from now on.",
        .parameters = parameters(),
        .result_type = "text/event-stream",
        .answer = stream,
    });
    routes.push_back({
        .method = "GET",
        .path = "/trace",
        .area = "events",
        .summary = "What was recorded since the start or the last reset, for `simbroker replay`; needs serve --trace.",
        .result_type = "application/octet-stream",
        .answer = trace,
    });
}

}  // namespace simbroker::control
