// The messages of a queue that wait for a consumer: what was returned to the front, then by priority, then by position.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "simbroker/model/message.hpp"

namespace simbroker::model {

// Which priority comes first: the highest, always; or of two the higher, but every third time the lower, unless what
// waits there came later (quorum queues of RabbitMQ 4.0).
enum class Service : std::uint8_t { highest_first, two_to_one };

class ReadyMessages {
public:
    void serve(Service service) { service_ = service; }

    void push(QueuedMessage message);        // its position is the highest of its priority so far
    void restore(QueuedMessage message);     // back to where it came from
    void push_front(QueuedMessage message);  // before all others but those that came back this way before it

    void move_expiry(Duration by);  // of those that expire

    const QueuedMessage* front() const;
    std::vector<const QueuedMessage*> in_order() const;  // of priority, and within one of position
    QueuedMessage pop();

    // In the order of `pop`, from the one behind the first `passed_over` on: the first that is chosen, leaving
    // `passed_over` at its place. Only where the service is the highest first.
    enum class Choice : std::uint8_t { take, pass_over, stop };
    std::optional<QueuedMessage> take_chosen(
        std::size_t& passed_over, const std::function<Choice(const QueuedMessage&)>& choose
    );

    std::size_t count() const { return count_; }
    std::size_t body_bytes() const { return body_bytes_; }  // what x-max-length-bytes counts
    std::size_t property_bytes() const { return property_bytes_; }
    bool empty() const { return count_ == 0; }

private:
    using Levels = std::map<std::uint8_t, std::deque<QueuedMessage>, std::greater<>>;

    std::deque<QueuedMessage>& level_of(std::uint8_t priority);
    Levels::const_iterator level_to_serve() const;
    QueuedMessage take_from_level();
    void account(const QueuedMessage& message);
    void discount(const QueuedMessage& message);

    Service service_ = Service::highest_first;
    int served_ = 0;  // of three, where the service is two to one
    std::deque<QueuedMessage> returned_;
    Levels by_priority_;
    std::size_t count_ = 0;
    std::size_t body_bytes_ = 0;
    std::size_t property_bytes_ = 0;
};

}  // namespace simbroker::model
