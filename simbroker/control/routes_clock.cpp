// Broker time: what it is, what is due next, and how a test turns it.
#include <fmt/format.h>

#include <cmath>

#include "simbroker/control/route.hpp"
#include "simbroker/control/schema.hpp"
#include "simbroker/core/end_of_time.hpp"
#include "simbroker/fault/duration.hpp"

namespace simbroker::control {

namespace {

using nlohmann::json;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

json deadline_to_json(const std::optional<Deadline>& deadline, Instant now) {
    if (!deadline) return nullptr;
    json value{
        {"at", seconds(deadline->at.time_since_epoch())},
        {"in", seconds(deadline->at - now)},
        {"kind", to_string(deadline->kind)},
        {"text", to_string(*deadline)},
    };
    if (deadline->connection.value != 0) value["connection"] = deadline->connection.value;
    if (deadline->channel != 0) value["channel"] = deadline->channel;
    if (deadline->vhost.empty()) return value;
    value["vhost"] = deadline->vhost;
    value[deadline->kind == Deadline::Kind::delayed_message ? "exchange" : "queue"] = deadline->subject;
    return value;
}

json clock_to_json(const ServedBroker& broker) {
    const auto now = broker.now();
    return {
        {"kind", broker.describe().clock},
        {"now", seconds(now.time_since_epoch())},
        {"next_deadline", deadline_to_json(broker.next_deadline(), now)},
    };
}

std::expected<void, Problem> need_manual_clock(const ServedBroker& broker) {
    const auto clock = broker.describe().clock;
    if (clock == "manual") return {};
    return problem(
        409, fmt::format("only a manual clock is turned by hand, this one is {}: serve --clock manual", clock)
    );
}

// Seconds as a number, or text as scenarios write it.
std::expected<Duration, Problem> read_duration(const json& value, const std::string& pointer) {
    constexpr auto expected = "a number of seconds, 0 or more, or a duration such as \"150ms\", \"30m\", \"7d\"";
    constexpr double most = 9e9;
    const auto wrong = [&] {
        return problem_at(pointer, fmt::format("{}: expected {}, got {}", pointer, expected, shown(value)));
    };
    if (value.is_number()) {
        const auto number = value.get<double>();
        if (!(number >= 0 && number <= most)) return wrong();
        return Duration(static_cast<Duration::rep>(std::llround(number * 1e9)));
    }
    const auto duration = fault::duration_from_text(value.get_ref<const std::string&>());
    if (!duration || *duration < Duration::zero()) return wrong();
    return *duration;
}

Outcome advance(const Call& call, ServedBroker& broker) {
    if (auto manual = need_manual_clock(broker); !manual) return std::unexpected(manual.error());
    const auto by = read_duration(call.body.at("by"), "/by");
    if (!by) return std::unexpected(by.error());
    if (*by > end_of_time - broker.now()) return problem_at("/by", "/by: broker time ends after 146 years");
    broker.advance_to(broker.now() + *by);
    auto body = clock_to_json(broker);
    body["advanced"] = seconds(*by);
    return json_response(body);
}

Outcome advance_to_next(const Call&, ServedBroker& broker) {
    if (auto manual = need_manual_clock(broker); !manual) return std::unexpected(manual.error());
    const auto from = broker.now();
    const auto reached = broker.advance_to_next();
    auto body = clock_to_json(broker);
    body["advanced"] = seconds(broker.now() - from);
    body["reached"] = deadline_to_json(reached, from);
    return json_response(body);
}

json number_schema(std::string_view description) { return {{"type", "number"}, {"description", description}}; }

json deadline_schema() {
    auto schema = object_schema(
        {{"at", number_schema("in seconds of broker time")},
         {"in", number_schema("seconds from now")},
         {"kind", text_schema("such as message_expiry, heartbeat or delivery_timeout")},
         {"text", text_schema("the same in words")},
         {"connection", {{"type", "integer"}}},
         {"channel", {{"type", "integer"}}},
         {"vhost", {{"type", "string"}}},
         {"queue", {{"type", "string"}}},
         {"exchange", {{"type", "string"}}}},
        {"at", "in", "kind", "text"}
    );
    schema["type"] = json::array({"object", "null"});
    return schema;
}

json clock_schema(json more = json::object()) {
    json properties{
        {"kind", text_schema("wall, manual, or x and a factor")},
        {"now", number_schema("seconds since the broker began")},
        {"next_deadline", deadline_schema()},
    };
    properties.update(more);
    return object_schema(std::move(properties), {"kind", "now", "next_deadline"});
}

}  // namespace

void add_clock_routes(std::vector<Route>& routes) {
    routes.push_back({
        .method = "GET",
        .path = "/clock",
        .area = "clock",
        .summary = "Broker time, and what is due next.",
        .result = clock_schema(),
        .answer = [](const Call&, ServedBroker& broker) -> Outcome { return json_response(clock_to_json(broker)); },
    });
    const json by{
        {"type", {"number", "string"}},
        {"description", "Seconds, or a duration such as \"30m\"."},
        {"examples", {"30m", 0.5}},
    };
    routes.push_back({
        .method = "POST",
        .path = "/clock/advance",
        .area = "clock",
        .summary = "Moves a manual clock. What clients have sent is handled first; then everything due on the way, in "
                   "order. The answer comes when all effects have been written out.",
        .body = object_schema({{"by", by}}, {"by"}),
        .result = clock_schema({{"advanced", number_schema("how far the clock went, in seconds")}}),
        .answer = advance,
    });
    routes.push_back({
        .method = "POST",
        .path = "/clock/advance-to-next",
        .area = "clock",
        .summary = "Moves a manual clock to the next deadline, and says what that was.",
        .result = clock_schema(
            {{"advanced", number_schema("how far the clock went, in seconds")}, {"reached", deadline_schema()}}
        ),
        .answer = advance_to_next,
    });
}

}  // namespace simbroker::control
