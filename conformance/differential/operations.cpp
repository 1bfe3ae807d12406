#include "conformance/differential/operations.hpp"

#include <algorithm>
#include <utility>

namespace conformance::differential {

namespace {

using dialogue::Act;
using dialogue::Verb;
using nlohmann::json;

const std::vector<std::string> keys{"k", "k", "a.b", "a.*", "a.#", "#", "*", ""};
const std::vector<json> consumer_tags{"a", "a", "b", ""};

Act act(Verb verb, const Site& site, json argument) {
    auto modifiers = json::object();
    if (site.channel != 1 && verb != Verb::drop) modifiers["channel"] = site.channel;
    return {verb, std::move(argument), site.line, std::move(modifiers)};
}

Act send(const Site& site, const char* method, json fields) {
    return act(Verb::send, site, json{{method, std::move(fields)}});
}

void maybe(json& fields, const char* name, std::uint64_t one_in, Chance& chance) {
    if (chance.one_in(one_in)) fields[name] = true;
}

void forget_connection(Site& site) {
    for (auto& [place, state] : site.channels) {
        if (place.first == site.line) state = {};
    }
}

// A message for this queue goes to the channels that consume from it.
void note_publish(Site& site, const std::string& queue) {
    for (auto& [place, state] : site.channels) {
        if (!state.consumers.empty() && site.home_queue(place.first, place.second) == queue) ++state.delivered;
    }
}

Act declare_queue(Site& site, Chance& chance) {
    auto fields = chance.of(site.queue_declares);
    if (chance.one_in(8)) fields["arguments"] = queue_arguments(site, chance);
    for (const auto* flag : {"durable", "exclusive", "auto_delete"}) {
        if (chance.one_in(30)) fields[flag] = !fields.value(flag, false);
    }
    if (chance.one_in(40)) fields["queue"] = chance.of({"", "amq.mine"});
    if (fields["queue"] == "") fields["exclusive"] = true;
    maybe(fields, "no_wait", 15, chance);
    return send(site, "queue.declare", fields);
}

Act look_at_queue(Site& site, Chance& chance) {
    return send(site, "queue.declare", {{"queue", chance.of(site.queues)}, {"passive", true}});
}

Act declare_exchange(Site& site, Chance& chance) {
    auto fields = chance.of(site.exchange_declares);
    if (chance.one_in(20)) fields["type"] = chance.of({"direct", "fanout", "topic", "headers"});
    if (chance.one_in(60)) fields["type"] = "x-nope";
    if (chance.one_in(60)) fields["exchange"] = chance.of({"", "amq.mine", "amq.direct"});
    if (chance.one_in(15)) fields["passive"] = true;
    maybe(fields, "no_wait", 15, chance);
    return send(site, "exchange.declare", fields);
}

json binding(const Site& site, Chance& chance) {
    json fields{{"routing_key", chance.of(keys)}};
    if (chance.one_in(3)) fields["arguments"] = {{"x-match", chance.of({"all", "any"})}, {"a", 1}};
    if (chance.one_in(12)) fields["arguments"] = {{"a", nullptr}, {"b", json{{"!l", 7}}}};
    if (chance.one_in(40)) fields["arguments"] = {{"x-match", "nope"}};
    if (chance.one_in(4)) fields["routing_key"] = chance.of(site.queues);
    return fields;
}

Act bind_queue(Site& site, Chance& chance) {
    auto fields = binding(site, chance);
    fields["queue"] = chance.of(site.queues);
    fields["exchange"] = chance.of(site.exchanges);
    if (chance.one_in(40)) fields["exchange"] = chance.of({"", "none"});
    if (chance.one_in(40)) fields["queue"] = "";
    maybe(fields, "no_wait", 15, chance);
    return send(site, "queue.bind", fields);
}

Act unbind_queue(Site& site, Chance& chance) {
    auto fields = binding(site, chance);
    fields["queue"] = chance.of(site.queues);
    fields["exchange"] = chance.of(site.exchanges);
    return send(site, "queue.unbind", fields);
}

Act bind_exchange(Site& site, Chance& chance) {
    auto fields = binding(site, chance);
    fields["source"] = chance.of(site.exchanges);
    fields["destination"] = chance.of(site.exchanges);
    maybe(fields, "no_wait", 15, chance);
    return send(site, chance.one_in(3) ? "exchange.unbind" : "exchange.bind", fields);
}

Act publish(Site& site, Chance& chance) {
    json fields{{"exchange", chance.of(site.exchanges)}, {"routing_key", chance.of({"k", "a.b", "a", ""})}};
    if (chance.one_in(2)) {
        const auto& queue = chance.of(site.queues);
        fields = {{"routing_key", queue}};
        note_publish(site, queue);
    }
    if (chance.one_in(80)) fields["exchange"] = "none";
    maybe(fields, "mandatory", 3, chance);
    maybe(fields, "immediate", 150, chance);
    json message{{"basic.publish", fields}};
    if (auto properties = message_properties(site, chance); !properties.empty()) message["properties"] = properties;
    const auto size = chance.below(9);
    if (size > 0) message["body"] = size == 8 ? json{{"pattern", 10000U}} : json(std::string("abcdefgh", size));
    auto made = act(Verb::send, site, message);
    if (chance.one_in(15)) made.modifiers["split"] = 1 + chance.below(20);
    return made;
}

Act get(Site& site, Chance& chance) {
    json fields{{"queue", chance.of(site.queues)}};
    maybe(fields, "no_ack", 3, chance);
    if (!fields.contains("no_ack")) ++site.here().delivered;
    return send(site, "basic.get", fields);
}

Act consume(Site& site, Chance& chance) {
    json fields{{"queue", site.home_queue()}, {"consumer_tag", chance.of(consumer_tags)}};
    maybe(fields, "no_ack", 3, chance);
    maybe(fields, "exclusive", 8, chance);
    maybe(fields, "no_wait", 15, chance);
    if (chance.one_in(6)) fields["arguments"] = {{"x-priority", chance.of(std::vector<json>{1, -1, 10, "x"})}};
    // The same tag twice ends the connection, which should be rare.
    auto& consumers = site.here().consumers;
    const auto tag = fields["consumer_tag"].get<std::string>();
    const bool again = std::ranges::find(consumers, tag) != consumers.end();
    if (tag.empty() || (again && !chance.one_in(10))) {
        fields["consumer_tag"] = "";
        fields.erase("no_wait");
    } else if (!again) {
        consumers.push_back(tag);
    }
    return send(site, "basic.consume", fields);
}

// Requests and answers go to and from a name that is no queue.
Act consume_replies(Site& site, Chance& chance) {
    json fields{{"queue", "amq.rabbitmq.reply-to"}, {"consumer_tag", "r"}};
    fields["no_ack"] = !chance.one_in(10);
    return send(site, "basic.consume", fields);
}

Act cancel(Site& site, Chance& chance) {
    json fields{{"consumer_tag", chance.of({"a", "a", "b", "r", "zz"})}};
    std::erase(site.here().consumers, fields["consumer_tag"].get<std::string>());
    maybe(fields, "no_wait", 6, chance);
    return send(site, "basic.cancel", fields);
}

// The oldest delivery, another one, all of them, or what was never delivered.
json settlement(Site& site, Chance& chance) {
    auto& state = site.here();
    if (chance.one_in(20)) return {{"delivery_tag", chance.below(5)}};
    if (chance.one_in(6)) return {{"delivery_tag", 0}, {"multiple", true}};
    const auto waiting = state.delivered - std::min(state.settled, state.delivered);
    if (waiting == 0) return {{"delivery_tag", 0}, {"multiple", true}};
    if (chance.one_in(2)) return {{"delivery_tag", ++state.settled}};
    const auto tag = state.settled + 1 + chance.below(waiting);
    state.settled = tag;
    return {{"delivery_tag", tag}, {"multiple", true}};
}

Act ack(Site& site, Chance& chance) {
    auto fields = settlement(site, chance);
    return send(site, "basic.ack", fields);
}

Act nack(Site& site, Chance& chance) {
    auto fields = settlement(site, chance);
    maybe(fields, "requeue", 2, chance);
    return send(site, "basic.nack", fields);
}

Act reject(Site& site, Chance& chance) {
    auto& state = site.here();
    json fields{{"delivery_tag", state.settled < state.delivered ? ++state.settled : 1 + chance.below(4)}};
    maybe(fields, "requeue", 2, chance);
    // Nothing to reject: look whether there is something to get.
    if (state.settled == 0 && !chance.one_in(10)) return get(site, chance);
    return send(site, "basic.reject", fields);
}

Act recover(Site& site, Chance& chance) {
    const json fields{{"requeue", !chance.one_in(10)}};
    return send(site, chance.one_in(6) ? "basic.recover-async" : "basic.recover", fields);
}

Act qos(Site& site, Chance& chance) {
    json fields{{"prefetch_count", chance.below(4)}};
    maybe(fields, "global", 3, chance);
    if (chance.one_in(40)) fields["prefetch_size"] = 1;
    return send(site, "basic.qos", fields);
}

Act purge(Site& site, Chance& chance) { return send(site, "queue.purge", {{"queue", chance.of(site.queues)}}); }

Act delete_queue(Site& site, Chance& chance) {
    json fields{{"queue", chance.of(site.queues)}};
    maybe(fields, "if_unused", 4, chance);
    maybe(fields, "if_empty", 4, chance);
    return send(site, "queue.delete", fields);
}

Act delete_exchange(Site& site, Chance& chance) {
    json fields{{"exchange", chance.of(site.exchanges)}};
    maybe(fields, "if_unused", 3, chance);
    return send(site, "exchange.delete", fields);
}

Act confirm(Site& site, Chance& chance) {
    auto fields = json::object();
    maybe(fields, "no_wait", 20, chance);
    return send(site, "confirm.select", fields);
}

Act transaction(Site& site, Chance& chance) {
    auto& transactional = site.here().transactional;
    const bool select = !std::exchange(transactional, true) && !chance.one_in(15);
    return send(site, select ? "tx.select" : chance.of({"tx.commit", "tx.commit", "tx.rollback"}), json::object());
}

Act close_channel(Site& site, Chance&) {
    site.here() = {};
    return send(site, "channel.close", {{"reply_code", 200}});
}

Act flow(Site& site, Chance& chance) { return send(site, "channel.flow", {{"active", !chance.one_in(3)}}); }

Act close_connection(Site& site, Chance&) {
    forget_connection(site);
    return {Verb::send, json{{"connection.close", {{"reply_code", 200}}}}, site.line, json::object()};
}

// Frames no client should send. None leaves the broker waiting for the rest of one.
Act wrong_frame(Site& site, Chance& chance) {
    static const std::vector<json> frames{
        json::parse(R"({"type": 9, "payload": "abc"})"),
        json::parse(R"({"heartbeat": {}, "channel": 1})"),
        json::parse(R"({"header": {"body_size": 0}})"),
        json::parse(R"({"body": "abc"})"),
        json::parse(R"({"method": {"queue.declare": {"queue": "q"}}, "channel": 0})"),
        json::parse(R"({"method": {"queue.declare": {"queue": "q"}}, "channel": 7})"),
        json::parse(R"({"method": {"queue.declare-ok": {}}})"),
        json::parse(R"({"method": "channel.open"})"),
        json::parse(R"({"method": "channel.open", "channel": 9000})"),
        json::parse(R"({"method": {"connection.tune-ok": {}}})"),
        json::parse(R"({"method": {"connection.open": {}}, "channel": 0})"),
        json::parse(R"({"type": 1, "payload": {"hex": "0032000a"}})"),
        json::parse(R"({"type": 1, "payload": {"hex": "00320063"}})"),
        json::parse(R"({"type": 1, "payload": {"hex": "0063000a"}})"),
        json::parse(R"({"type": 1, "payload": {"hex": "005a000a00"}})"),
        json::parse(R"({"method": "tx.select", "end": 0})"),
        json::parse(R"({"method": {"basic.publish": {"routing_key": "k"}}})"),
    };
    forget_connection(site);
    return act(Verb::send_frame, site, chance.of(frames));
}

}  // namespace

std::span<const Operation> operations() {
    static const std::vector<Operation> rows{
        {"declare queue", 10, Effect::ordinary, declare_queue, More::at_once},
        {"look at queue", 3, Effect::ordinary, look_at_queue},
        {"declare exchange", 6, Effect::ordinary, declare_exchange, More::at_once},
        {"bind queue", 7, Effect::ordinary, bind_queue, More::at_once},
        {"unbind queue", 2, Effect::ordinary, unbind_queue},
        {"bind exchange", 3, Effect::ordinary, bind_exchange},
        {"publish", 22, Effect::ordinary, publish, More::at_once_unless_dead_lettered},
        {"get", 10, Effect::ordinary, get, More::at_once},
        {"consume", 6, Effect::awaited, consume},
        {"consume replies", 1, Effect::awaited, consume_replies},
        {"cancel", 3, Effect::ordinary, cancel},
        {"ack", 6, Effect::ordinary, ack, More::at_once},
        {"nack", 4, Effect::ordinary, nack},
        {"reject", 4, Effect::ordinary, reject},
        {"recover", 2, Effect::ordinary, recover},
        {"qos", 3, Effect::ordinary, qos},
        {"purge", 2, Effect::ordinary, purge},
        {"delete queue", 2, Effect::ordinary, delete_queue},
        {"delete exchange", 2, Effect::ordinary, delete_exchange},
        {"confirm", 4, Effect::ordinary, confirm},
        {"transaction", 4, Effect::awaited, transaction},
        {"close channel", 2, Effect::awaited, close_channel},
        {"flow", 1, Effect::ordinary, flow},
        {"close connection", 1, Effect::disruptive, close_connection},
        {"wrong frame", 2, Effect::disruptive, wrong_frame},
    };
    return rows;
}

}  // namespace conformance::differential
