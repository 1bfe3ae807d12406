// Dead letters that must arrive at least once: their queue holds them, and counts them in its length, until every queue
// they are routed to has taken them. The rest of VirtualHost is in virtual_host.cpp.
#include <algorithm>

#include "simbroker/model/virtual_host.hpp"

namespace simbroker::model {
namespace {

// How long RabbitMQ waits for the queues' confirmations before it publishes a dead letter once more.
constexpr Duration patience = std::chrono::minutes(3);

}  // namespace

void VirtualHost::hold(Queue& queue, const extension::DeadLetter& dead) {
    const auto message = extension::republished(dead, context_);
    context_.memory.take_message(message->memory());
    queue.dead_letters.push_back(
        {.message = message,
         .rejected = dead.reason == extension::DeathReason::rejected,
         .redelivered = dead.redelivered,
         .taken_by = {},
         .next_try = context_.now}
    );
    with_dead_letters_.push_back(queue.id());
}

// Nobody is a route that leads nowhere: such a letter waits, too.
bool VirtualHost::everybody_took(DeadLetterHeld& dead) {
    const auto targets = route(dead.message);
    bool taken = !targets.empty();
    for (auto* target : targets) {
        if (dead.taken_by.contains(target->id())) continue;
        const bool round_and_round = !dead.rejected && extension::in_automatic_cycle(*dead.message, {}, target->name());
        const auto redelivery = dead.redelivered ? Redelivery::flagged : Redelivery::none;
        if (!round_and_round && enqueue(*target, dead.message, redelivery) == Enqueued::refused) {
            taken = false;
        } else {
            dead.taken_by.insert(target->id());
        }
    }
    return taken;
}

// Those that are due: new ones, or all that have waited out the patience.
void VirtualHost::deliver_dead_letters(Queue& queue) {
    std::vector<DeadLetterHeld> due;
    auto& held = queue.dead_letters;
    for (; !held.empty() && held.front().next_try <= context_.now; held.pop_front()) {
        due.push_back(std::move(held.front()));
    }
    for (auto& dead : due) {
        if (everybody_took(dead)) {
            context_.memory.give_message_back(dead.message->memory());
        } else {
            dead.next_try = context_.now + patience;
            held.push_back(std::move(dead));
        }
    }
    watch_head(queue);
    if (held.empty()) {
        context_.timers.cancel(queue.dead_letter_timer);
    } else {
        const QueueTimer target{queue.id(), QueueTimer::Kind::dead_letters};
        context_.timers.set(queue.dead_letter_timer, held.front().next_try, target);
    }
}

}  // namespace simbroker::model
