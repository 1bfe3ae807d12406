// How an exchange type chooses among its bindings. One class a type; an exchange owns one.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/amqp091/field_table.hpp"
#include "simbroker/model/binding.hpp"
#include "simbroker/model/message.hpp"
#include "simbroker/profile/profile.hpp"

namespace simbroker::model {

// A message on its way through an exchange, and the keys it is routed by: the routing key, then CC, then BCC.
struct Passage {
    const MessagePtr& message;
    std::span<const std::string> keys;
};

class Router {
public:
    virtual ~Router() = default;

    virtual void add(const Binding& binding) = 0;     // not there yet
    virtual void remove(const Binding& binding) = 0;  // there

    // Appends the destinations, possibly repeated. Not const: a type may draw a number or remember the message.
    virtual void route(const Passage& passage, std::vector<const Destination*>& out) = 0;

    // What a destination is given at once when it is bound, the oldest first.
    virtual std::vector<MessagePtr> history() const { return {}; }
    virtual void forget_history() {}  // the broker stopped: it was not on disk
};

std::unique_ptr<Router> make_direct_router();
std::unique_ptr<Router> make_fanout_router();
std::unique_ptr<Router> make_topic_router();
std::unique_ptr<Router> make_headers_router(profile::HeaderNumbers numbers);

// 3.1.3.3: words separated by dots; '*' is one word, '#' any number of them. The empty key has no words.
bool topic_matches(std::string_view pattern, std::string_view routing_key);

// 3.1.3.4 with RabbitMQ's x-match values all, any, all-with-x, any-with-x (all when absent).
bool headers_match(
    codec::amqp091::FieldTable binding, codec::amqp091::FieldTable headers, profile::HeaderNumbers numbers
);

}  // namespace simbroker::model
