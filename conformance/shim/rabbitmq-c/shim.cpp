// A client under test: librabbitmq, the C client, driven by JSON lines (see README.md in the folder above).
//
// One thread: it waits for requests and for the socket. The library hands out frames, and leaves close-ok and the
// waiting for confirmations to its user.
#include <poll.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <memory>

#include "conformance/shim/rabbitmq-c/session.hpp"

namespace shim {
namespace {

using Operation = std::function<json(const json&)>;

std::unique_ptr<Session> session;

Session& opened() {
    if (!session) throw Failure{"wrong_state", nullptr, "there is no connection"};
    return *session;
}

void drop() {
    if (!session) return;
    const auto closing = std::move(session);
    closing->close();
}

amqp_channel_t channel_of(const json& it) { return opened().channel(it.value("channel", 1)); }

// A call that has an answer: `act` makes it, and its reply is looked at afterwards.
template <typename Act>
Operation on(Act act) {
    return [act](const json& it) -> json {
        Pool pool;
        const auto channel = channel_of(it);
        auto* const ok = act(session->state(), channel, it, pool);
        session->check(channel);
        if constexpr (requires { ok->message_count; }) {
            json result{{"message_count", ok->message_count}};
            if constexpr (requires { ok->consumer_count; }) {
                result["consumer_count"] = ok->consumer_count;
                result["queue"] = text_of(ok->queue);
            }
            return result;
        } else if constexpr (requires { ok->consumer_tag; }) {
            return {{"consumer_tag", text_of(ok->consumer_tag)}};
        } else {
            return json::object();
        }
    };
}

// A call that only says whether it was sent.
template <typename Act>
Operation sent(Act act) {
    return [act](const json& it) -> json {
        const auto channel = channel_of(it);
        session->check_status(act(session->state(), channel, it));
        return json::object();
    };
}

json connect(const json& it) {
    if (it.contains("blocked_timeout")) throw Unsupported("there is no limit for the time a connection is blocked");
    drop();
    session = std::make_unique<Session>(it);
    const auto state = session->state();
    return {
        {"channel_max", amqp_get_channel_max(state)},
        {"frame_max", amqp_get_frame_max(state)},
        {"heartbeat", amqp_get_heartbeat(state)},
        {"server_properties", table_to_json(*amqp_get_server_properties(state))},
    };
}

json publish(const json& it) {
    Pool pool;
    const auto channel = channel_of(it);
    const auto properties = properties_from_json(pool, it.value("properties", json::object()));
    const auto status = amqp_basic_publish(
        session->state(),
        channel,
        pool.bytes(it.value("exchange", "")),
        pool.bytes(it.value("routing_key", "")),
        it.value("mandatory", false),
        0,
        &properties,
        pool.body(it.value("body", json("")))
    );
    session->check_status(status);
    if (!session->confirming.contains(channel)) return json::object();
    session->wait_for_confirm(channel);
    return {{"confirmed", true}};
}

json get(const json& it) {
    Pool pool;
    const auto channel = channel_of(it);
    const auto state = session->state();
    const auto reply = amqp_basic_get(state, channel, pool.bytes(it.at("queue")), it.value("auto_ack", false));
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) session->check(channel);
    if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) return {{"message", nullptr}};
    const auto& ok = *static_cast<amqp_basic_get_ok_t*>(reply.reply.decoded);
    json told{
        {"delivery_tag", ok.delivery_tag},
        {"redelivered", ok.redelivered != 0},
        {"exchange", text_of(ok.exchange)},
        {"routing_key", text_of(ok.routing_key)},
        {"message_count", ok.message_count},
    };
    amqp_message_t message;
    const auto read = amqp_read_message(state, channel, &message, 0);
    if (read.reply_type != AMQP_RESPONSE_NORMAL) session->check_status(read.library_error);
    told.update(content_to_json(message.properties, message.body));
    amqp_destroy_message(&message);
    return {{"message", told}};
}

using State = amqp_connection_state_t;
using Channel = amqp_channel_t;

auto* declare_exchange(State state, Channel channel, const json& it, Pool& pool) {
    return amqp_exchange_declare(
        state,
        channel,
        pool.bytes(it.at("exchange")),
        pool.bytes(it.value("type", "direct")),
        it.value("passive", false),
        it.value("durable", false),
        it.value("auto_delete", false),
        it.value("internal", false),
        pool.table(it.value("arguments", json()))
    );
}

auto* declare_queue(State state, Channel channel, const json& it, Pool& pool) {
    return amqp_queue_declare(
        state,
        channel,
        pool.bytes(it.value("queue", "")),
        it.value("passive", false),
        it.value("durable", false),
        it.value("exclusive", false),
        it.value("auto_delete", false),
        pool.table(it.value("arguments", json()))
    );
}

auto* consume(State state, Channel channel, const json& it, Pool& pool) {
    return amqp_basic_consume(
        state,
        channel,
        pool.bytes(it.at("queue")),
        pool.bytes(it.value("consumer_tag", "")),
        it.value("no_local", false),
        it.value("auto_ack", false),
        it.value("exclusive", false),
        pool.table(it.value("arguments", json()))
    );
}

template <auto call>
auto* bind_exchange(State state, Channel channel, const json& it, Pool& pool) {
    const auto destination = pool.bytes(it.at("destination"));
    const auto key = pool.bytes(it.value("routing_key", ""));
    return call(
        state, channel, destination, pool.bytes(it.at("source")), key, pool.table(it.value("arguments", json()))
    );
}

template <auto call>
auto* bind_queue(State state, Channel channel, const json& it, Pool& pool) {
    const auto queue = pool.bytes(it.at("queue"));
    const auto key = pool.bytes(it.value("routing_key", ""));
    return call(state, channel, queue, pool.bytes(it.at("exchange")), key, pool.table(it.value("arguments", json())));
}

template <auto call>
auto* plain(State state, Channel channel, const json&, Pool&) {
    return call(state, channel);
}

std::map<std::string, Operation> topology_operations() {
    const auto confirms = [](std::set<int> Session::* kind) {
        const auto select = on(plain<amqp_confirm_select>);
        return [=](const json& it) {
            auto result = select(it);
            (*session.*kind).insert(it.value("channel", 1));
            return result;
        };
    };
    return {
        {"connect", connect},
        {"close", [](const json&) { return opened(), drop(), json::object(); }},
        {"channel.open", [](const json& it) { return opened().open(it.value("channel", 1)), json::object(); }},
        {"channel.close",
         [](const json& it) -> json {
             const auto channel = channel_of(it);
             session->closed(channel);
             const auto reply = amqp_channel_close(session->state(), channel, AMQP_REPLY_SUCCESS);
             if (reply.reply_type != AMQP_RESPONSE_NORMAL) session->check(channel);
             return json::object();
         }},
        {"wait", [](const json& it) { return session ? session->serve_for(it.at("seconds")) : void(), json::object(); }
        },
        {"confirm.select", confirms(&Session::confirming)},
        {"confirm.asynchronous", confirms(&Session::asynchronous)},
        {"tx.select", on(plain<amqp_tx_select>)},
        {"tx.commit", on(plain<amqp_tx_commit>)},
        {"tx.rollback", on(plain<amqp_tx_rollback>)},
        {"exchange.declare", on(declare_exchange)},
        {"exchange.delete", on([](State state, Channel channel, const json& it, Pool& pool) {
             return amqp_exchange_delete(state, channel, pool.bytes(it.at("exchange")), it.value("if_unused", false));
         })},
        {"exchange.bind", on(bind_exchange<amqp_exchange_bind>)},
        {"exchange.unbind", on(bind_exchange<amqp_exchange_unbind>)},
        {"queue.declare", on(declare_queue)},
        {"queue.bind", on(bind_queue<amqp_queue_bind>)},
        {"queue.unbind", on(bind_queue<amqp_queue_unbind>)},
        {"queue.purge", on([](State state, Channel channel, const json& it, Pool& pool) {
             return amqp_queue_purge(state, channel, pool.bytes(it.at("queue")));
         })},
        {"queue.delete", on([](State state, Channel channel, const json& it, Pool& pool) {
             const bool unused = it.value("if_unused", false);
             return amqp_queue_delete(state, channel, pool.bytes(it.at("queue")), unused, it.value("if_empty", false));
         })},
    };
}

std::map<std::string, Operation> basic_operations() {
    return {
        {"basic.qos", on([](State state, Channel channel, const json& it, Pool&) {
             const auto count = it.value("prefetch_count", 0);
             if (count < 0 || count > 65535) throw Unsupported("a prefetch count is 16 bits in this interface");
             const auto size = it.value("prefetch_size", 0U);
             return amqp_basic_qos(state, channel, size, static_cast<std::uint16_t>(count), it.value("global", false));
         })},
        {"basic.publish", publish},
        {"basic.consume", on(consume)},
        {"basic.cancel", on([](State state, Channel channel, const json& it, Pool& pool) {
             return amqp_basic_cancel(state, channel, pool.bytes(it.at("consumer_tag")));
         })},
        {"basic.get", get},
        {"basic.ack", sent([](State state, Channel channel, const json& it) {
             return amqp_basic_ack(state, channel, it.at("delivery_tag"), it.value("multiple", false));
         })},
        {"basic.nack", sent([](State state, Channel channel, const json& it) {
             const bool multiple = it.value("multiple", false);
             return amqp_basic_nack(state, channel, it.at("delivery_tag"), multiple, it.value("requeue", true));
         })},
        {"basic.reject", sent([](State state, Channel channel, const json& it) {
             return amqp_basic_reject(state, channel, it.at("delivery_tag"), it.value("requeue", true));
         })},
        {"basic.recover", on([](State state, Channel channel, const json& it, Pool&) {
             return amqp_basic_recover(state, channel, it.value("requeue", false));
         })},
    };
}

void work_on(const json& request, const std::map<std::string, Operation>& operations) {
    json answer{{"id", request.at("id")}};
    try {
        const auto operation = operations.find(request.at("op").get<std::string>());
        if (operation == operations.end()) throw Unsupported("this shim has no operation " + request.at("op").dump());
        answer["result"] = operation->second(request.value("with", json::object()));
    } catch (const Unsupported& refusal) {
        answer["unsupported"] = refusal.what();
    } catch (const Failure& failure) {
        answer["error"] = {{"kind", failure.kind}, {"code", failure.code}, {"text", failure.text}};
    }
    if (session && session->ended()) session.reset();
    say(answer);
}

// Requests by lines, from the descriptor itself: a stream would hide from poll what it has read ahead.
void serve(const std::map<std::string, Operation>& operations) {
    std::string input;
    for (bool more = true; more;) {
        pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {session ? session->descriptor() : -1, POLLIN, 0}};
        // A second in vain lets the library look after its heartbeats.
        ::poll(waiting, 2, session && amqp_frames_enqueued(session->state()) ? 0 : 1000);
        if (session) session->serve();
        if (session && session->ended()) session.reset();
        if (waiting[0].revents == 0) continue;
        char buffer[1 << 16];
        const auto count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        more = count > 0;
        if (more) input.append(buffer, static_cast<std::size_t>(count));
        for (auto end = input.find('\n'); end != std::string::npos; end = input.find('\n')) {
            const auto line = input.substr(0, end);
            input.erase(0, end + 1);
            if (!line.empty()) work_on(json::parse(line), operations);
        }
    }
    drop();
}

int run() {
    auto operations = topology_operations();
    operations.merge(basic_operations());
    auto names = json::array();
    for (const auto& operation : operations) names.push_back(operation.first);
    say(
        {{"hello",
          {{"contract", 1},
           {"library", "librabbitmq"},
           {"version", amqp_version()},
           {"language", "C"},
           {"operations", names}}}}
    );
    try {
        serve(operations);
    } catch (const Failure& failure) {
        std::cerr << "at the end: " << failure.kind << ": " << failure.text << "\n";
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace shim

int main() { return shim::run(); }
