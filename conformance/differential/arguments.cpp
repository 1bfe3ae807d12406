// Arguments of queues and exchanges, properties of messages.
#include "conformance/differential/operations.hpp"

namespace conformance::differential {

namespace {

using nlohmann::json;

struct Choice {
    const char* name;
    std::vector<json> right;
    std::vector<json> wrong;
};

const std::vector<Choice>& queue_choices() {
    static const std::vector<Choice> choices{
        {"x-message-ttl", {0, 60000, 60000, 86400000}, {-1, "5", json{{"!l", -5}}}},
        {"x-expires", {60000, 3600000}, {0, -1, "5"}},
        {"x-max-length", {0, 1, 2, 3, 5}, {-1, "5"}},
        {"x-max-length-bytes", {0, 5, 10, 100}, {-1, "5"}},
        {"x-overflow", {"drop-head", "reject-publish", "reject-publish-dlx"}, {"nope", 1}},
        {"x-dead-letter-routing-key", {"k", "a.b"}, {5}},
        {"x-max-priority", {1, 5, 10}, {256, 0, -1, "5"}},
        {"x-single-active-consumer", {true, false}, {"true", 1}},
        {"x-queue-mode", {"lazy", "default"}, {"nope"}},
        {"x-queue-version", {1, 2}, {3, "1"}},
        {"x-queue-type", {"classic"}, {"nope", 1}},
        {"x-unknown", {1, "a"}, {}},
    };
    return choices;
}

const json& value_of(const Choice& choice, Chance& chance) {
    const bool wrong = !choice.wrong.empty() && chance.one_in(60);
    return chance.of(wrong ? choice.wrong : choice.right);
}

}  // namespace

json queue_arguments(const Site& site, Chance& chance) {
    auto arguments = json::object();
    for (auto count = chance.below(4); count > 0; --count) {
        const auto& choice = chance.of(queue_choices());
        arguments[choice.name] = value_of(choice, chance);
    }
    const bool limited = arguments.contains("x-max-length") || arguments.contains("x-max-length-bytes");
    if (limited && chance.one_in(3)) arguments["x-overflow"] = "reject-publish";
    if (chance.one_in(3) || arguments.contains("x-dead-letter-routing-key")) {
        arguments["x-dead-letter-exchange"] = chance.one_in(2) ? "" : chance.of(site.exchanges);
        if (chance.one_in(30)) arguments["x-dead-letter-exchange"] = 5;
        if (chance.one_in(2)) arguments["x-dead-letter-routing-key"] = chance.of(site.queues);
    }
    return arguments;
}

json usual_queue(const Site& site, const std::string& name, Chance& chance) {
    json declare{{"queue", name}, {"arguments", queue_arguments(site, chance)}};
    if (chance.one_in(2)) declare["durable"] = true;
    if (chance.one_in(6)) declare["exclusive"] = true;
    if (chance.one_in(6)) declare["auto_delete"] = true;
    return declare;
}

json usual_exchange(const Site& site, const std::string& name, Chance& chance) {
    json declare{{"exchange", name}, {"type", chance.of({"direct", "fanout", "topic", "headers"})}};
    if (chance.one_in(2)) declare["durable"] = true;
    if (chance.one_in(8)) declare["auto_delete"] = true;
    if (chance.one_in(10)) declare["internal"] = true;
    if (chance.one_in(4)) declare["arguments"] = {{"alternate-exchange", chance.of(site.exchanges)}};
    return declare;
}

namespace {

// One of every type a field table knows, some at the ends of their range.
const std::vector<json>& field_values() {
    static const std::vector<json> values{
        1,
        -1,
        "x",
        "",
        true,
        false,
        nullptr,
        1.5,
        json{{"!b", -128}},
        json{{"!s", 32767}},
        json{{"!I", 5}},
        json{{"!l", 7}},
        json{{"!l", 9007199254740993}},
        json{{"!f", 0.5}},
        json{{"!d", 1.0}},
        json{{"!T", 1000}},
        json{{"!x", "00ff"}},
        json::array({1, 2}),
        json::array({"x", nullptr, json::array({true})}),
        json::array(),
        json::object(),
        json{{"n", 1}, {"m", json{{"o", "p"}}}},
    };
    return values;
}

void add_odd_headers(json& headers, Chance& chance) {
    for (const auto* name : {"z", "h1", "x-death", "x-first-death-queue", "é"}) {
        if (chance.one_in(12)) headers[name] = chance.of(field_values());
        // RabbitMQ 3.10 loses the dead letter over an x-death of anything but tables: its queue dies.
        if (name == std::string_view("x-death") && headers.contains(name) && headers[name].is_array()) {
            headers.erase(name);
        }
    }
}

}  // namespace

json message_properties(const Site& site, Chance& chance) {
    auto properties = json::object();
    if (chance.one_in(3)) properties["delivery_mode"] = chance.of(std::vector<json>{1, 2, 2, 2, 0, 3});
    if (chance.one_in(4)) properties["priority"] = chance.of(std::vector<json>{0, 1, 3, 5, 9, 255});
    if (chance.one_in(8)) properties["expiration"] = chance.of({"0", "60000", "60000", "100000", "-1", "abc", ""});
    if (chance.one_in(20)) properties["user_id"] = chance.of({"guest", "guest", "other"});
    if (chance.one_in(10)) properties["correlation_id"] = "c1";
    if (chance.one_in(20)) properties["reply_to"] = chance.of(site.queues);
    if (chance.one_in(30)) properties["reply_to"] = "amq.rabbitmq.reply-to";
    if (chance.one_in(20)) properties["timestamp"] = 1000;
    for (const auto* name : {"content_type", "content_encoding", "message_id", "type", "app_id", "cluster_id"}) {
        if (chance.one_in(40)) properties[name] = chance.of({"text/plain", "", "é"});
    }
    if (chance.one_in(4)) {
        auto headers = json::object();
        if (chance.one_in(2)) headers["a"] = chance.of(std::vector<json>{1, 1, "x", true, nullptr});
        if (chance.one_in(3)) headers["a"] = chance.of(field_values());
        add_odd_headers(headers, chance);
        if (chance.one_in(5)) headers["b"] = json{{"!l", 7}};
        if (chance.one_in(4)) headers["CC"] = json::array({chance.of(site.queues), "k"});
        if (chance.one_in(4)) headers["BCC"] = json::array({chance.of(site.queues)});
        if (chance.one_in(25)) headers["CC"] = 5;
        properties["headers"] = headers;
    }
    return properties;
}

}  // namespace conformance::differential
