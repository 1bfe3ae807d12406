// The book-keeping of ledger.hpp: messages in, places, settlements, ends.
#include "simbroker/explore/ledger.hpp"

#include <algorithm>
#include <utility>

#include "simbroker/explore/client.hpp"

namespace simbroker::explore {

Ledger::Ledger(const Plan& plan, std::vector<Watcher*> watchers) : plan_(plan), watchers_(std::move(watchers)) {
    for (const auto& queue : plan.queues) queue_named(queue.name).plan = &queue;
}

QueueRecord& Ledger::queue_named(std::string_view name) {
    const auto found = queues_.find(name);
    if (found != queues_.end()) return found->second;
    return queues_.emplace(std::string(name), QueueRecord{.name = std::string(name)}).first->second;
}

const ConsumerRecord* Ledger::consumer(std::uint64_t number) const {
    const auto found = consumers_.find(number);
    return found == consumers_.end() ? nullptr : &found->second;
}

const MessageRecord* Ledger::find_message(std::string_view id) const {
    const auto found = numbers_.find(id);
    return found == numbers_.end() ? nullptr : &messages_[found->second];
}

bool Ledger::is_owed(std::uint64_t message, const Place& place) const {
    const auto& record = messages_[message];
    return record.answer == Answer::confirmed && place.routed && !record.returned && !place.may_be_gone &&
           place.fate == Fate::waiting;
}

// ---- messages in

void Ledger::publish(ChannelKey key, const Published& published) {
    auto& from = channel(key);
    const auto number = messages_.size();
    messages_.push_back({
        .id = std::string(published.id),
        .from = key,
        .exchange = std::string(published.exchange),
        .routing_key = std::string(published.routing_key),
        .body = std::string(published.body),
        .persistent = published.persistent,
        .published = now_,
    });
    numbers_.emplace(std::string(published.id), number);
    if (from.confirms) {
        from.awaited.emplace(++from.last_publish, number);
        messages_[number].answer = Answer::awaited;
    }
    if (from.transactional) from.published.push_back(number);
    route(number, published);
}

// Only as far as it is certain: to a queue by its name, or by the exchange of the plan.
void Ledger::route(std::uint64_t number, const Published& published) {
    const auto found = queues_.find(published.routing_key);
    if (found == queues_.end() || !found->second.exists) return;
    auto& queue = found->second;
    const bool by_name = published.exchange.empty();
    const bool by_exchange = published.exchange == exchange_name && queue.bound;
    if (by_name || by_exchange) queue.places[number] = {.routed = true, .changed = now_};
}

void Ledger::select_confirms(ChannelKey key) { channel(key).confirms = true; }
void Ledger::select_transactions(ChannelKey key) { channel(key).transactional = true; }

void Ledger::commit(ChannelKey key) {
    auto& ending = channel(key);
    for (const auto& settlement : std::exchange(ending.settlements, {})) apply(key, settlement);
    ending.committing.push_back(std::exchange(ending.published, {}));
}

void Ledger::roll_back(ChannelKey key) {
    auto& ending = channel(key);
    ending.settlements.clear();
    for (const auto number : std::exchange(ending.published, {})) messages_[number].answer = Answer::rolled_back;
}

void Ledger::committed(ChannelKey key) {
    auto& ending = channel(key);
    if (ending.committing.empty()) return;
    for (const auto number : ending.committing.front()) messages_[number].answer = Answer::confirmed;
    ending.committing.pop_front();
}

void Ledger::confirm(ChannelKey key, std::uint64_t tag, bool multiple, Answer answer) {
    auto& from = channel(key);
    std::vector<std::uint64_t> tags;
    if (multiple) {
        for (const auto& [awaited, number] : from.awaited) {
            if (tag == 0 || awaited <= tag) tags.push_back(awaited);
        }
    }
    if (!multiple || tags.empty()) tags.assign(1, tag);
    for (const auto each : tags) {
        const auto found = from.awaited.find(each);
        auto* record = found == from.awaited.end() ? nullptr : &messages_[found->second];
        for (auto* watcher : watchers_) watcher->confirming(*this, key, each, record);
        if (!record) continue;
        record->answer = answer;
        from.awaited.erase(found);
    }
}

void Ledger::returned(ChannelKey, std::string_view id) {
    if (const auto found = numbers_.find(id); found != numbers_.end()) messages_[found->second].returned = true;
}

// ---- messages out

void Ledger::set_prefetch(ChannelKey key, std::uint32_t count) { channel(key).prefetch = count; }

void Ledger::consume(ChannelKey key, ConsumerRecord asked) {
    auto& from = channel(key);
    asked.channel = key;
    asked.prefetch = from.prefetch;
    from.asked.push_back(std::move(asked));
}

void Ledger::consumer_added(ChannelKey key, std::string_view tag) {
    auto& of = channel(key);
    const auto asked = std::ranges::find(of.asked, tag, &ConsumerRecord::tag);
    if (asked == of.asked.end()) return;
    auto consumer = std::move(*asked);
    of.asked.erase(asked);
    consumer.number = ++last_consumer_;
    auto& queue = queue_named(consumer.queue);
    for (auto* watcher : watchers_) watcher->consuming(*this, queue, consumer);
    queue.consumers.push_back(consumer.number);
    of.consumers[consumer.tag] = consumer.number;
    consumers_.emplace(consumer.number, std::move(consumer));
}

void Ledger::consumer_gone(ChannelKey key, std::string_view tag) {
    auto& of = channel(key);
    const auto found = of.consumers.find(std::string(tag));
    if (found == of.consumers.end()) return;
    remove_consumer(found->second);
    of.consumers.erase(found);
}

void Ledger::remove_consumer(std::uint64_t number) {
    const auto found = consumers_.find(number);
    if (found == consumers_.end()) return;
    std::erase(queue_named(found->second.queue).consumers, number);
    consumers_.erase(found);
}

void Ledger::get(ChannelKey key, std::string_view queue, bool no_ack) {
    channel(key).gets.push_back({std::string(queue), no_ack});
}

void Ledger::got_nothing(ChannelKey key) {
    auto& from = channel(key);
    if (!from.gets.empty()) from.gets.pop_front();
}

}  // namespace simbroker::explore
