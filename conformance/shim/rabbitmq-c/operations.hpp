// What this shim can be asked, by the contract's names. All of it works on one connection.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "conformance/shim/rabbitmq-c/session.hpp"

namespace shim {

using Operation = std::function<json(const json&)>;  // throws Failure, Unsupported
using Operations = std::map<std::string, Operation>;

Operations topology_operations();  // connections, channels, exchanges, queues, transactions
Operations basic_operations();     // messages

extern std::unique_ptr<Session> session;  // empty: there is no connection

Session& opened();  // throws Failure without one
void drop();        // says goodbye, if there is one
inline amqp_channel_t channel_of(const json& it) { return opened().channel(it.value("channel", 1)); }

using State = amqp_connection_state_t;
using Channel = amqp_channel_t;

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

}  // namespace shim
