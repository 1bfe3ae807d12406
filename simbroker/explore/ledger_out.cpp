// The other half of ledger.hpp: messages out, what becomes of them, and what ends with a channel or a broker.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "simbroker/explore/client.hpp"
#include "simbroker/explore/ledger.hpp"

namespace simbroker::explore {
namespace {

constexpr std::string_view reply_to_queue = "amq.rabbitmq.reply-to";

// A quorum queue drops what came back so often, unless it was told otherwise.
constexpr std::uint32_t delivery_limit = 20;

bool is_quorum(const QueueRecord& queue) { return queue.plan && queue.plan->use == QueueUse::quorum; }
bool retries(const QueueRecord& queue) { return queue.plan && queue.plan->use == QueueUse::retry; }

}  // namespace

void Ledger::deliver(ChannelKey key, std::string_view consumer_tag, const Arriving& what) {
    auto& to = channel(key);
    const auto found = to.consumers.find(std::string(consumer_tag));
    auto* consumer = found == to.consumers.end() ? nullptr : &consumers_.at(found->second);
    // Replies have no queue that others know: each requester's is one of its own.
    auto name = consumer ? consumer->queue : "nobody's";
    if (name == reply_to_queue) name += "/" + std::to_string(key.connection.value);
    hand_out(key, what, queue_named(name), consumer, !consumer || consumer->no_ack);
}

void Ledger::got(ChannelKey key, const Arriving& what) {
    auto& to = channel(key);
    const auto asked = to.gets.empty() ? Channel::Get{"nobody's", true} : to.gets.front();
    if (!to.gets.empty()) to.gets.pop_front();
    hand_out(key, what, queue_named(asked.queue), nullptr, asked.no_ack);
}

void Ledger::hand_out(ChannelKey key, const Arriving& what, QueueRecord& queue, ConsumerRecord* consumer, bool no_ack) {
    ++deliveries_;
    const auto found = numbers_.find(what.id);
    const bool known = found != numbers_.end();
    const auto number = known ? found->second : 0;
    const auto at = known ? queue.places.find(number) : queue.places.end();
    const DeliveryRecord delivery{
        .what = what,
        .channel = key,
        .queue = queue,
        .consumer = consumer,
        .no_ack = no_ack,
        .message = known ? &messages_[number] : nullptr,
        .number = number,
        .place = at == queue.places.end() ? nullptr : &at->second,
    };
    for (auto* watcher : watchers_) watcher->delivering(*this, delivery);
    if (!known) return;
    auto& place = queue.places[number];
    if (place.fate == Fate::out && queue.out > 0) --queue.out;  // a second copy: the watchers have been told
    place.fate = no_ack ? Fate::taken : Fate::out;
    place.may_return = false;
    place.changed = now_;
    ++place.deliveries;
    if (no_ack) return;
    ++queue.out;
    if (consumer) ++consumer->outstanding;
    channel(key).out[what.tag] = {queue.name, queue.incarnation, number, consumer ? consumer->number : 0};
}

// ---- settlements

void Ledger::settle(ChannelKey key, const Settlement& settlement) {
    auto& of = channel(key);
    if (of.transactional) {
        of.settlements.push_back(settlement);
    } else {
        apply(key, settlement);
    }
}

void Ledger::apply(ChannelKey key, const Settlement& settlement) {
    auto& of = channel(key);
    const auto first = settlement.multiple ? of.out.begin() : of.out.find(settlement.tag);
    auto last = settlement.multiple && settlement.tag == 0 ? of.out.end() : of.out.upper_bound(settlement.tag);
    if (first == of.out.end()) return;
    for (auto at = first; at != last; ++at) {
        if (of.doubtful) {
            settle_in_doubt(at->second);
        } else {
            settle_one(at->second, settlement.how);
        }
    }
    of.out.erase(first, last);
}

// It is with the client no more. Nothing: its queue is gone, and it with it.
QueueRecord* Ledger::free(const Out& out) {
    if (const auto consumer = consumers_.find(out.consumer); consumer != consumers_.end()) {
        --consumer->second.outstanding;
    }
    auto& queue = queue_named(out.queue);
    if (queue.incarnation != out.incarnation || !queue.exists) return nullptr;
    --queue.out;
    queue.places[out.message].changed = now_;
    return &queue;
}

void Ledger::settle_one(const Out& out, Settlement::How how) {
    if (how == Settlement::How::requeue) return give_back(out);
    auto* queue = free(out);
    if (!queue) return;
    auto& place = queue->places[out.message];
    place.fate = how == Settlement::How::ack ? Fate::acked : Fate::discarded;
    if (how == Settlement::How::discard && retries(*queue)) {
        // It goes round, and comes back as new.
        place.fate = Fate::waiting;
        place.deliveries = 0;
        ++place.hop;
    }
}

void Ledger::settle_in_doubt(const Out& out) {
    give_back(out);
    auto& place = queue_named(out.queue).places[out.message];
    place.may_be_gone = true;
    place.may_return = true;
}

void Ledger::give_back(const Out& out) {
    auto* queue = free(out);
    if (!queue) return;
    auto& place = queue->places[out.message];
    place.fate = Fate::waiting;
    if (++place.returns >= delivery_limit && is_quorum(*queue)) place.may_be_gone = true;
}

void Ledger::recover(ChannelKey key) {
    for (const auto& [tag, out] : std::exchange(channel(key).out, {})) give_back(out);
}

void Ledger::doubt(ChannelKey key) { channel(key).doubtful = true; }

// ---- ends

void Ledger::channel_gone(ChannelKey key) {
    const auto found = channels_.find(key);
    if (found == channels_.end()) return;
    auto ended = std::move(found->second);
    channels_.erase(found);
    for (const auto& [tag, number] : ended.awaited) messages_[number].answer = Answer::never;
    for (const auto& [tag, number] : ended.consumers) remove_consumer(number);
    for (const auto& [tag, out] : ended.out) {
        if (ended.doubtful) {
            settle_in_doubt(out);
        } else {
            give_back(out);
        }
    }
}

void Ledger::connection_gone(ConnectionId id) {
    std::vector<ChannelKey> keys;
    for (auto at = channels_.lower_bound({id, 0}); at != channels_.end() && at->first.connection == id; ++at) {
        keys.push_back(at->first);
    }
    for (const auto key : keys) channel_gone(key);
}

// A stop loses what is not for the disk, a crash also undoes what had not reached it.
void Ledger::stopped(Stop how) {
    const auto disk_delay = slowest_disk(plan_);
    for (auto& [name, queue] : queues_) {
        for (auto& [number, place] : queue.places) {
            if (!messages_[number].persistent && !is_quorum(queue)) place.may_be_gone = true;
            if (how == Stop::orderly) continue;
            if (place.hop > 0) place.may_be_gone = true;  // dead letters are no safer than their last write
            const bool unsynced = place.changed + disk_delay >= now_;
            const bool was_removed = place.fate != Fate::waiting || place.hop > 0;
            if (unsynced && was_removed) place.may_return = true;
        }
    }
}

void Ledger::purged(std::string_view name) {
    for (auto& [number, place] : queue_named(name).places) {
        if (place.fate == Fate::waiting) place.may_be_gone = true;
    }
}

// All that was in it is gone, but for what waits elsewhere to come back to a queue of this name.
void Ledger::deleted(QueueRecord& queue) {
    queue.exists = false;
    queue.bound = false;
    queue.out = 0;
    ++queue.incarnation;
    std::erase_if(queue.places, [&](const auto& entry) {
        const auto& [number, place] = entry;
        return !retries(queue) || place.hop == 0 || place.fate != Fate::waiting;
    });
    for (auto& [number, place] : queue.places) place.may_be_gone = true;
}

void Ledger::listed(const Event& event) {
    const auto row = nlohmann::json::parse(event.detail);
    if (event.subject == "node") {
        message_octets_ = row.at("message_bytes").get<std::uint64_t>();
    } else if (event.subject == "queues") {
        rows_.push_back(
            {row.at("name").get<std::string>(),
             row.at("messages_ready").get<std::uint64_t>(),
             row.at("messages_unacknowledged").get<std::uint64_t>()}
        );
        for (auto* watcher : watchers_) watcher->listed(*this, rows_.back());
    }
}

void Ledger::event(const Event& event) {
    if (event.kind == Event::Kind::listed) {
        listed(event);
    } else if (event.kind == Event::Kind::queue_declared) {
        queue_named(event.subject).exists = true;
    } else if (event.kind == Event::Kind::queue_deleted) {
        deleted(queue_named(event.subject));
    } else if (event.kind == Event::Kind::queue_bound && event.subject == exchange_name) {
        queue_named(event.detail).bound = true;
    }
}

}  // namespace simbroker::explore
