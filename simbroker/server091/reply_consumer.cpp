// A channel's part in direct reply-to (extension/direct_reply_to.hpp).
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"

namespace simbroker::server091 {

using extension::is_reply_address;
using extension::reply_to_queue;
namespace methods = codec::amqp091;

// One of them a channel, and only without acknowledgements.
Outcome Channel::consume_replies(const methods::basic::Consume& consume) {
    if (!consume.no_ack) return refuse(ViolationName::reply_consumer_invalid, "reply consumer cannot acknowledge");
    if (reply_consumer_) return refuse(ViolationName::reply_consumer_invalid, "reply consumer already set");
    std::string tag(consume.consumer_tag.text());
    if (tag.empty()) tag = model::generated_name("amq.ctag-", context().names);
    auto address = connection_.node().reply_addresses.give(*this, context().names);
    reply_consumer_ = ReplyConsumer{std::move(tag), std::move(address)};
    if (consume.no_wait) return no_reply();
    return methods::basic::ConsumeOk{.consumer_tag = reply_consumer_->tag};
}

void Channel::forget_reply_consumer() {
    if (reply_consumer_) connection_.node().reply_addresses.take_back(reply_consumer_->address);
    reply_consumer_.reset();
}

bool Channel::offers_direct_replies() const { return deviations().direct_reply_to == profile::DirectReplyTo::offered; }

bool Channel::fails_at_malformed_reply_addresses() const {
    return context().profile().malformed_reply_address == profile::MalformedReplyAddress::unroutable_and_internal_error;
}

// Declaring a reply address asks whether it is alive; the bare name always is.
std::optional<Outcome> Channel::declare_reply_queue(std::string_view name, bool no_wait) {
    if (!offers_direct_replies()) return std::nullopt;
    const bool alive = name == reply_to_queue || connection_.node().reply_addresses.find(name);
    if (!alive) {
        if (!is_reply_address(name)) return std::nullopt;
        if (!extension::is_well_formed_reply_address(name) && fails_at_malformed_reply_addresses()) {
            return std::unexpected(Violation{ViolationName::internal_failure, "", no_method});
        }
        return std::unexpected(no_such_queue(name));
    }
    last_queue_ = name;
    if (no_wait) return no_reply();
    return methods::queue::DeclareOk{.queue = last_queue_, .consumer_count = 1};
}

// True where the publisher is not to hear that the reply is unroutable: before 4.2 a mandatory one came back even if it
// was delivered, since then none does, whether or not anybody is there to take it.
bool Channel::reply_directly(const model::Message& reply) {
    if (!offers_direct_replies() || !reply.exchange.empty() || !is_reply_address(reply.routing_key())) return false;
    if (!extension::is_well_formed_reply_address(reply.routing_key()) && fails_at_malformed_reply_addresses())
        return false;
    if (auto* receiver = connection_.node().reply_addresses.find(reply.routing_key())) receiver->receive_reply(reply);
    return context().profile().direct_replies == profile::DirectReplies::like_deliveries;
}

// Up to 4.1 every reply had the next delivery tag and none took it.
void Channel::receive_reply(const model::Message& reply) {
    const bool counts = context().profile().direct_replies == profile::DirectReplies::like_deliveries;
    const auto tag = counts ? ++last_delivery_tag_ : last_delivery_tag_ + 1;
    auto& out = connection_.out();
    append_method(
        out,
        number_,
        methods::basic::Deliver{
            .consumer_tag = reply_consumer_->tag,
            .delivery_tag = tag,
            .exchange = reply.exchange,
            .routing_key = reply.routing_key(),
        }
    );
    append_content(out, number_, reply.property_octets, reply.body, connection_.frame_max());
}

}  // namespace simbroker::server091
