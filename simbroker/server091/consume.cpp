// basic.qos, consume, cancel and get: how messages come to the client.
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/extension/consumer_timeout.hpp"
#include "simbroker/extension/queue_argument.hpp"
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"

namespace simbroker::server091 {

using extension::Passage;
using model::Exclusivity;
using model::Queue;
using model::QueuedMessage;
namespace methods = codec::amqp091;

namespace {

constexpr std::string_view x_priority = "x-priority";

// A stream keeps what it lends, so that nothing but the prefetch bounds what is to be remembered of it.
std::size_t price_of(const ConsumerTerms& terms, const Queue& queue) {
    const auto lent = queue.stream ? terms.prefetch_count : 0;
    return model::price::consumer + model::price::kept_octet * terms.tag.size() + model::price::delivery * lent;
}

}  // namespace

bool Consumer::has_credit() const {
    if (channel_.is_paused() || !channel_.transport_has_room()) return false;
    // What is not acknowledged does not count against the channel's limit, and waits all the same while that is
    // reached.
    if (!channel_.within_channel_limit()) return false;
    if (terms_.acknowledgement == Acknowledgement::automatic) return true;
    if (timed_out > 0) return false;
    if (terms_.prefetch_count != 0 && unacknowledged >= terms_.prefetch_count) return false;
    return channel_.windows_have_room_for(0);
}

bool Consumer::has_credit_for(const QueuedMessage& message) const {
    if (!has_credit()) return false;
    return terms_.acknowledgement == Acknowledgement::automatic ||
           channel_.windows_have_room_for(message.message->body.size());
}

// 1.8.3.3, no-local, and 1.8.3.14: a rejected message does not come back within the channel.
bool Consumer::may_get(const Queue& queue, const QueuedMessage& message) const {
    if (terms_.own_messages == OwnMessages::unwanted && channel_.published(*message.message)) return false;
    if (queue.refusals.empty()) return true;
    const auto refusals = queue.refusals.find(message.position);
    return refusals == queue.refusals.end() || !refusals->second.contains(channel_.as_refuser());
}

void Consumer::deliver(Queue& queue, QueuedMessage message) { channel_.deliver(*this, queue, std::move(message)); }

void Consumer::queue_deleted(Queue&) { channel_.consumer_lost(*this); }

bool Channel::transport_has_room() const { return connection_.takes_deliveries(); }

void Channel::deliver_more() {
    for (const auto& [tag, consumer] : consumers_) {
        if (auto* queue = vhost().find_queue(consumer->terms().queue)) vhost().credit_returned(*queue, *consumer);
    }
}

bool Channel::within_channel_limit() const { return channel_prefetch_ == 0 || counted_ < channel_prefetch_; }

bool Channel::windows_have_room_for(std::size_t octets) const {
    return window_.has_room_for(octets) && connection_.window().has_room_for(octets);
}

bool Channel::published(const model::Message& message) const { return message.publisher == connection_.id(); }

model::Refuser Channel::as_refuser() const { return {connection_.id(), serial_}; }

// 1.8.3.1 as it is written: the window of the channel, or of all channels of the connection.
Outcome Channel::set_window(const methods::basic::Qos& qos) {
    const PrefetchWindow::Limits limits{.octets = qos.prefetch_size, .messages = qos.prefetch_count};
    if (qos.global) {
        connection_.window().limit(limits);
        connection_.deliver_more();
    } else {
        window_.limit(limits);
        deliver_more();
    }
    return methods::basic::QosOk{};
}

// RabbitMQ's reading of qos (1.8.3.1): without global for each consumer to come, with it for the channel as a whole.
Outcome Channel::on(const methods::basic::Qos& qos) {
    if (deviations().prefetch_windows == profile::PrefetchWindows::of_channel_and_connection) return set_window(qos);
    if (qos.prefetch_size != 0) {
        return refuse(
            ViolationName::prefetch_size_not_implemented, fmt::format("prefetch_size!=0 ({})", qos.prefetch_size)
        );
    }
    const bool per_channel = qos.global && context().profile().global_qos == profile::GlobalQos::per_channel;
    if (!per_channel) {
        consumer_prefetch_ = qos.prefetch_count;
        channel_prefetch_ = 0;
    } else {
        if (channel_prefetch_ == 0) counted_ = static_cast<std::uint32_t>(unacknowledged_.size());
        channel_prefetch_ = qos.prefetch_count;
    }
    for (const auto& [tag, consumer] : consumers_) {
        if (auto* queue = vhost().find_queue(consumer->terms().queue)) vhost().credit_returned(*queue, *consumer);
    }
    return methods::basic::QosOk{};
}

std::expected<void, Violation> Channel::check_consumer(const Queue& queue, const methods::basic::Consume& consume)
    const {
    const auto about = subject(queue.name());
    const auto type = queue.attributes().type;
    if (auto refused = extension::refused_consumer_argument(about, type, consume.arguments)) return refuse(*refused);
    if (auto checked = check_stream_offset(queue, consume.arguments); !checked) return checked;
    const extension::Consumption consumption{
        .arguments = consume.arguments,
        .exclusive = consume.exclusive,
        .no_ack = consume.no_ack,
        .prefetch_count = std::max(consumer_prefetch_, window_.limits().messages),
        .channel_prefetch_count = channel_prefetch_,
    };
    if (auto refused = extension::row_of(type).consumption(about, queue, consumption)) return refuse(*refused);
    return {};
}

Outcome Channel::on(const methods::basic::Consume& consume) {
    const auto given = consume.consumer_tag.text();
    if (consumers_.contains(given) ||
        (reply_consumer_ && reply_consumer_->tag == given && consume.queue.text() != extension::reply_to_queue)) {
        return refuse(
            ViolationName::consumer_tag_in_use,
            fmt::format("attempt to reuse consumer tag '{}'", consume.consumer_tag.text())
        );
    }
    if (consume.queue.text() == extension::reply_to_queue && offers_direct_replies()) return consume_replies(consume);
    const auto found = queue_to_read(consume.queue.text());
    if (!found) return std::unexpected(found.error());
    auto& queue = **found;
    if (auto checked = check_consumer(queue, consume); !checked) return std::unexpected(checked.error());
    std::string tag(consume.consumer_tag.text());
    if (tag.empty()) tag = model::generated_name("amq.ctag-", context().names);
    const auto priority = consume.arguments.find(x_priority);
    const bool no_local = consume.no_local && deviations().no_local == profile::NoLocal::honoured;
    ConsumerTerms terms{
        .tag = tag,
        .queue = queue.id(),
        .acknowledgement = consume.no_ack ? Acknowledgement::automatic : Acknowledgement::manual,
        .own_messages = no_local ? OwnMessages::unwanted : OwnMessages::wanted,
        .priority = priority ? *priority->as_integer() : 0,
        .prefetch_count = consumer_prefetch_,
        .timeout = extension::consumer_timeout(consume.arguments, queue.attributes().type, context().profile()),
    };
    const auto price = price_of(terms, queue);
    if (auto room = check_memory(price); !room) return std::unexpected(room.error());
    terms.charge = model::Charge(context().memory, price);
    auto& consumer = *(consumers_[tag] = std::make_unique<Consumer>(*this, ++last_consumer_, std::move(terms)));
    tell_of_consumer(Event::Kind::consumer_added, queue.name(), tag);
    if (queue.stream) begin_reading(queue, consumer, consume.arguments);
    const bool alone = consume.exclusive && queue.attributes().type == model::QueueType::classic;
    vhost().subscribe(queue, consumer, alone ? Exclusivity::exclusive : Exclusivity::shared);
    if (consume.no_wait) return no_reply();
    return methods::basic::ConsumeOk{.consumer_tag = consumer.terms().tag};
}

// 1.8.3.5: what was delivered stays with the client to settle. An unknown tag is cancelled already.
Outcome Channel::on(const methods::basic::Cancel& cancel) {
    if (const auto found = consumers_.find(cancel.consumer_tag.text()); found != consumers_.end()) {
        remove_consumer(*found->second);
    } else if (reply_consumer_ && reply_consumer_->tag == cancel.consumer_tag.text()) {
        forget_reply_consumer();
    } else if (deviations().foreign_consumer_tags == profile::ForeignConsumerTags::not_allowed &&
               connection_.consumes(cancel.consumer_tag.text())) {
        return refuse(
            ViolationName::consumer_of_another_channel,
            fmt::format("consumer '{}' belongs to another channel", cancel.consumer_tag.text())
        );
    }
    if (cancel.no_wait) return no_reply();
    return methods::basic::CancelOk{.consumer_tag = cancel.consumer_tag};
}

Outcome Channel::on(const methods::basic::CancelOk&) {
    if (context().profile().stray_cancel_ok == profile::StrayCancelOk::internal_error) {
        return std::unexpected(Violation{ViolationName::stray_cancel_ok, "", no_method});
    }
    return refuse(ViolationName::method_not_for_clients, "unimplemented method");
}

// The credit of a single consumer is an affair of RabbitMQ's AMQP 1.0 plug-in, no client's.
Outcome Channel::on(const methods::basic::Credit&) {
    return refuse(ViolationName::method_not_for_clients, "unimplemented method");
}

void Channel::tell_of_consumer(Event::Kind kind, const std::string& queue, const std::string& tag) {
    context().outbox.event(
        {.kind = kind, .connection = connection_.id(), .channel = number_.value, .subject = queue, .detail = tag}
    );
}

void Channel::remove_consumer(Consumer& consumer) {
    const auto owned = std::move(consumers_.extract(consumer.terms().tag).mapped());
    auto* queue = vhost().find_queue(owned->terms().queue);
    tell_of_consumer(Event::Kind::consumer_cancelled, queue ? queue->name() : "", owned->terms().tag);
    if (queue) vhost().unsubscribe(*queue, *owned);
}

// The queue is gone. A client that asked for it is told, after the reply to whatever caused it.
void Channel::consumer_lost(Consumer& consumer) {
    const auto owned = std::move(consumers_.extract(consumer.terms().tag).mapped());
    tell_of_consumer(Event::Kind::consumer_cancelled, "", owned->terms().tag);
    if (!connection_.capabilities().consumer_cancel_notify) return;
    model::Notice notice{connection_.id(), {}};
    append_method(notice.frames, number_, methods::basic::Cancel{.consumer_tag = owned->terms().tag, .no_wait = true});
    connection_.node().notices.push_back(std::move(notice));
}

Consumer* Channel::find_consumer(std::uint64_t number) {
    for (const auto& [tag, consumer] : consumers_) {
        if (consumer->number() == number) return consumer.get();
    }
    return nullptr;
}

void Channel::send_content(const Queue& queue, const QueuedMessage& queued, Passage passage) {
    const auto& message = *queued.message;
    const auto told = extension::row_of(queue).delivered_properties(queued, passage, context().profile());
    const auto properties = codec::wire::BytesView(told ? *told : message.property_octets);
    append_content(connection_.out(), number_, properties, message.body, connection_.frame_max());
}

void Channel::send_delivery(const Consumer& consumer, const Queue& queue, const QueuedMessage& queued) {
    const auto& message = *queued.message;
    const auto tag = ++last_delivery_tag_;
    append_method(
        connection_.out(),
        number_,
        methods::basic::Deliver{
            .consumer_tag = consumer.terms().tag,
            .delivery_tag = tag,
            .redelivered = queued.redelivered,
            .exchange = message.exchange,
            .routing_key = message.routing_key(),
        }
    );
    send_content(queue, queued, Passage::delivered);
    connection_.delivered();
    context().message_event(Event::Kind::message_delivered, queue.name(), consumer.terms().tag, tag);
}

void Channel::deliver(Consumer& consumer, Queue& queue, QueuedMessage queued) {
    allowed_before_.wake(context().now);
    send_delivery(consumer, queue, queued);
    if (consumer.terms().acknowledgement == Acknowledgement::automatic) {
        vhost().acknowledge(queue.id(), queued);
        return;
    }
    ++consumer.unacknowledged;
    ++counted_;
    window_.add(queued.message->body.size());
    connection_.window().add(queued.message->body.size());
    remember(last_delivery_tag_, queue, std::move(queued), &consumer);
}

Outcome Channel::on(const methods::basic::Get& get) {
    const auto found = queue_to_read(get.queue.text());
    if (!found) return std::unexpected(found.error());
    auto& queue = **found;
    if (auto refused = extension::row_of(queue).get(subject(queue.name()), queue)) return refuse(*refused);
    auto queued = vhost().get(queue);
    if (!queued) return methods::basic::GetEmpty{};
    const auto message = queued->message;
    const auto tag = ++last_delivery_tag_;
    send(methods::basic::GetOk{
        .delivery_tag = tag,
        .redelivered = queued->redelivered,
        .exchange = message->exchange,
        .routing_key = message->routing_key(),
        .message_count = static_cast<std::uint32_t>(queue.ready.count()),
    });
    send_content(queue, *queued, Passage::got);
    context().message_event(Event::Kind::message_delivered, queue.name(), "", tag);
    if (get.no_ack) {
        vhost().acknowledge(queue.id(), *queued);
    } else {
        remember(tag, queue, std::move(*queued), nullptr);
    }
    return no_reply();
}

}  // namespace simbroker::server091
