// Deliveries that stay unacknowledged for too long. Up to RabbitMQ 4.2 a channel looks once a minute whether there is
// one, and is closed for it; since 4.3 a quorum queue takes the message back at once and the consumer gets no other
// until the client has settled what it still holds. A client that cannot be told of a cancelled consumer, and one that
// got its message by basic.get, loses its channel then, too.
#include <fmt/format.h>

#include "simbroker/extension/consumer_timeout.hpp"
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"

namespace simbroker::server091 {

using profile::DeliveryTimeout;
namespace methods = codec::amqp091;

namespace {

// RabbitMQ's channel_tick_interval, counted from the opening of the channel.
constexpr std::chrono::seconds tick{60};

bool closes_the_channel(const profile::Profile& profile) {
    return profile.delivery_timeout == DeliveryTimeout::closes_the_channel;
}

}  // namespace

void Channel::remember(
    DeliveryTag tag, const model::Queue& queue, model::QueuedMessage message, const Consumer* consumer
) {
    const auto of_consumer = consumer ? consumer->terms().timeout : std::nullopt;
    const auto& config = context().config;
    const auto octets = message.message->body.size();
    Unacknowledged delivery{
        .queue = queue.id(),
        .message = std::move(message),
        .consumer = consumer ? consumer->number() : 0,
        .at = context().now,
        .timeout = extension::delivery_timeout(queue, of_consumer, config.consumer_timeout, config.profile),
        .octets = octets,
    };
    const auto remembered = unacknowledged_.emplace_hint(unacknowledged_.end(), tag, std::move(delivery));
    const auto& timers = context().timers;
    if (remembered->second.timeout && !timers.is_set(delivery_timer_)) watch_deliveries();
}

// When a delivery is too old and somebody notices.
Instant Channel::due(const Unacknowledged& delivery) const {
    const auto end = delivery.at + *delivery.timeout;
    if (!closes_the_channel(context().profile())) return end;
    const auto ticks = (end - opened_at_) / Duration(tick) + 1;
    return opened_at_ + ticks * Duration(tick);
}

void Channel::watch_deliveries() {
    std::optional<Instant> first;
    for (const auto& [tag, delivery] : unacknowledged_) {
        if (!delivery.timeout || delivery.taken_back) continue;
        first = first ? std::min(*first, due(delivery)) : due(delivery);
    }
    if (!first) return;
    context().timers.set(delivery_timer_, *first, model::ChannelTimer{connection_.id(), number_.value});
}

void Channel::on_delivery_timeout() {
    if (state_ != State::open) return;
    std::vector<DeliveryTag> late;
    for (const auto& [tag, delivery] : unacknowledged_) {
        if (delivery.timeout && !delivery.taken_back && due(delivery) <= context().now) late.push_back(tag);
    }
    time_out(late);
}

void Channel::time_out(const std::vector<DeliveryTag>& tags) {
    for (const auto tag : tags) {
        time_out(unacknowledged_.at(tag));
        if (state_ != State::open) return;
    }
    watch_deliveries();
}

void Channel::time_out_deliveries(model::QueueId queue) {
    if (state_ != State::open) return;
    std::vector<DeliveryTag> late;
    for (const auto& [tag, delivery] : unacknowledged_) {
        if (delivery.queue == queue && !delivery.taken_back) late.push_back(tag);
    }
    time_out(late);
}

void Channel::time_out(Unacknowledged& delivery) {
    auto* consumer = delivery.consumer == 0 ? nullptr : find_consumer(delivery.consumer);
    const bool can_be_told = consumer && connection_.capabilities().consumer_cancel_notify;
    if (closes_the_channel(context().profile()) || !can_be_told) return close_for(delivery);
    delivery.taken_back = true;
    if (consumer->timed_out++ == 0) {
        send(methods::basic::Cancel{.consumer_tag = consumer->terms().tag, .no_wait = true});
    }
    vhost().requeue(delivery.queue, delivery.message, extension::Return::timed_out);
}

void Channel::close_for(const Unacknowledged& delivery) {
    // Since 4.3 the channel does not know the time its queue has measured.
    const auto timeout = delivery.timeout.value_or(context().config.consumer_timeout);
    const auto used = closes_the_channel(context().profile()) ? timeout.count() : -1;
    auto text = fmt::format(
        "delivery acknowledgement on channel {} timed out. Timeout value used: {} ms. This timeout value can be "
        "configured, see consumers doc guide to learn more",
        number_.value,
        used
    );
    close_with({ViolationName::delivery_timed_out, std::move(text), no_method}, no_method);
}

void Connection::time_out_deliveries(model::QueueId queue) {
    if (state_ != State::running) return;
    for (const auto& [number, channel] : channels_) channel->time_out_deliveries(queue);
}

void Connection::on_delivery_timeout(std::uint16_t channel) {
    const auto found = channels_.find(codec::amqp091::ChannelNumber{channel});
    if (found != channels_.end() && state_ == State::running) found->second->on_delivery_timeout();
}

}  // namespace simbroker::server091
