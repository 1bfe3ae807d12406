// basic.ack, nack, reject and recover: what becomes of the messages a client holds.
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"

namespace simbroker::server091 {

namespace methods = codec::amqp091;

// With `multiple` everything up to and including the tag, which itself must be outstanding; 0 is everything.
std::expected<Settlement, Violation> Channel::select(Verdict verdict, DeliveryTag tag, Reach reach) {
    const bool all = tag == 0 && reach == Reach::multiple;
    const auto last = unacknowledged_.find(tag);
    if (!all && last == unacknowledged_.end()) {
        return refuse(ViolationName::unknown_delivery_tag, fmt::format("unknown delivery tag {}", tag));
    }
    const auto begin = reach == Reach::multiple ? unacknowledged_.begin() : last;
    const auto end = all ? unacknowledged_.end() : std::next(last);
    Settlement settlement{verdict.kind, verdict.how, {}};
    for (auto at = begin; at != end; ++at) settlement.deliveries.emplace_back(at->first, std::move(at->second));
    unacknowledged_.erase(begin, end);
    return settlement;
}

Outcome Channel::settle(Verdict verdict, DeliveryTag tag, Reach reach) {
    auto settlement = select(verdict, tag, reach);
    if (!settlement) return std::unexpected(settlement.error());
    if (auto checked = check_streams(*settlement); !checked) return std::unexpected(checked.error());
    if (transaction_) {
        transaction_->settlements.push_back(std::move(*settlement));
    } else {
        carry_out(std::move(*settlement));
    }
    return no_reply();
}

void Channel::carry_out(Settlement settlement) {
    for (auto& [tag, delivery] : settlement.deliveries) {
        if (delivery.taken_back) continue;
        switch (settlement.kind) {
            case Settlement::Kind::acknowledge: vhost().acknowledge(delivery.queue, delivery.message); break;
            case Settlement::Kind::requeue:
                if (settlement.how == extension::Return::reject &&
                    deviations().rejected_messages == profile::RejectedMessages::not_for_the_same_channel) {
                    vhost().keep_from(as_refuser(), delivery.queue, delivery.message);
                }
                vhost().requeue(delivery.queue, std::move(delivery.message), settlement.how);
                break;
            case Settlement::Kind::reject:
                vhost().reject(delivery.queue, std::move(delivery.message), extension::Rejection::reject);
                break;
            case Settlement::Kind::nack:
                vhost().reject(delivery.queue, std::move(delivery.message), extension::Rejection::nack);
                break;
        }
    }
    return_credit(settlement);
}

// Messages that were got take no credit and give none back.
void Channel::return_credit(const Settlement& settlement) {
    const bool channel_was_full = !within_channel_limit();
    for (const auto& [tag, delivery] : settlement.deliveries) {
        if (delivery.consumer == 0) continue;
        if (counted_ > 0) --counted_;
        window_.remove(delivery.octets);
        connection_.window().remove(delivery.octets);
        auto* consumer = find_consumer(delivery.consumer);
        if (!consumer) continue;
        --consumer->unacknowledged;
        if (delivery.taken_back) --consumer->timed_out;
        if (auto* queue = vhost().find_queue(delivery.queue)) vhost().credit_returned(*queue, *consumer);
    }
    if (connection_.window().is_limited()) return connection_.deliver_more();
    if (window_.is_limited()) return deliver_more();
    if (!channel_was_full || !within_channel_limit()) return;
    for (const auto& [tag, consumer] : consumers_) {
        if (auto* queue = vhost().find_queue(consumer->terms().queue)) vhost().credit_returned(*queue, *consumer);
    }
}

void Channel::surrender() {
    roll_back();
    context().timers.cancel(delivery_timer_);
    context().timers.cancel(taken_timer_);
    for (auto& [tag, delivery] : std::exchange(unacknowledged_, {})) {
        if (delivery.taken_back) continue;
        vhost().give_back(delivery.queue, std::move(delivery.message));
    }
}

Settlement Channel::everything_back(Part part, extension::Return how) {
    Settlement settlement{Settlement::Kind::requeue, how, {}};
    for (auto at = unacknowledged_.begin(); at != unacknowledged_.end();) {
        if (part == Part::consumed && at->second.consumer == 0) {
            ++at;
            continue;
        }
        settlement.deliveries.emplace_back(at->first, std::move(at->second));
        at = unacknowledged_.erase(at);
    }
    return settlement;
}

void Channel::requeue(Part part, extension::Return how) { carry_out(everything_back(part, how)); }

std::expected<void, Violation> Channel::recover_by_requeueing(bool requeue) {
    if (!requeue) return refuse(ViolationName::recover_without_requeue_not_implemented, "requeue=false");
    auto settlement = everything_back(Part::everything, extension::Return::recover);
    if (auto checked = check_streams(settlement); !checked) return checked;
    carry_out(std::move(settlement));
    return {};
}

Outcome Channel::on(const methods::basic::Ack& ack) {
    const Verdict verdict{.kind = Settlement::Kind::acknowledge};
    return settle(verdict, ack.delivery_tag, ack.multiple ? Reach::multiple : Reach::single);
}

Outcome Channel::on(const methods::basic::Nack& nack) {
    const auto kind = nack.requeue ? Settlement::Kind::requeue : Settlement::Kind::nack;
    return settle({kind, extension::Return::nack}, nack.delivery_tag, nack.multiple ? Reach::multiple : Reach::single);
}

Outcome Channel::on(const methods::basic::Reject& reject) {
    const auto kind = reject.requeue ? Settlement::Kind::requeue : Settlement::Kind::reject;
    return settle({kind, extension::Return::reject}, reject.delivery_tag, Reach::single);
}

// 1.8.3.15 without requeue: to those who have them, under new tags. What nobody consumes any more goes back.
void Channel::deliver_again() {
    Settlement rest{Settlement::Kind::requeue, extension::Return::recover, {}};
    for (auto& [tag, delivery] : std::exchange(unacknowledged_, {})) {
        auto* consumer = delivery.consumer == 0 ? nullptr : find_consumer(delivery.consumer);
        auto* queue = vhost().find_queue(delivery.queue);
        if (!consumer || !queue || delivery.taken_back) {
            rest.deliveries.emplace_back(tag, std::move(delivery));
            continue;
        }
        delivery.message.redelivered = true;
        send_delivery(*consumer, *queue, delivery.message);
        remember(last_delivery_tag_, *queue, std::move(delivery.message), consumer);
    }
    carry_out(std::move(rest));
}

// 1.8.3.14 and 1.8.3.15. RabbitMQ only does it with requeue; the messages come back under new tags.
Outcome Channel::on(const methods::basic::Recover& recover) {
    if (!recover.requeue && deviations().recover_in_place == profile::RecoverInPlace::honoured) {
        send(methods::basic::RecoverOk{});
        deliver_again();
        return no_reply();
    }
    if (auto recovered = recover_by_requeueing(recover.requeue); !recovered) return std::unexpected(recovered.error());
    return methods::basic::RecoverOk{};
}

Outcome Channel::on(const methods::basic::RecoverAsync& recover) {
    if (!recover.requeue && deviations().recover_in_place == profile::RecoverInPlace::honoured) {
        deliver_again();
        return no_reply();
    }
    if (auto recovered = recover_by_requeueing(recover.requeue); !recovered) return std::unexpected(recovered.error());
    return no_reply();
}

}  // namespace simbroker::server091
