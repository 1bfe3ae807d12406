// A virtual host: its exchanges, queues and bindings, and the way of a message through them.
//
// Deliveries and dead-letterings caused by a method wait until `settle`, so that the method's reply goes first.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "simbroker/core/deadline.hpp"
#include "simbroker/extension/dead_letter.hpp"
#include "simbroker/extension/delayed_message.hpp"
#include "simbroker/extension/policy.hpp"
#include "simbroker/extension/quorum_queue.hpp"
#include "simbroker/model/context.hpp"
#include "simbroker/model/exchange.hpp"
#include "simbroker/model/queue.hpp"

namespace simbroker::model {

enum class Exclusivity : std::uint8_t { shared, exclusive };
enum class Enqueued : std::uint8_t { accepted, refused, nobody_waits };
enum class Urgency : std::uint8_t { patient, immediate };  // immediate: only if a consumer takes it at once
enum class Redelivery : std::uint8_t { none, flagged };
enum class History : std::uint8_t { passed_on, unroutable };

// Nothing: no limit.
struct VirtualHostLimits {
    std::optional<std::size_t> max_connections;
    std::optional<std::size_t> max_queues;
    std::optional<std::size_t> max_exchanges;
};

class VirtualHost {
public:
    VirtualHost(Context& context, std::string name);  // with the pre-declared exchanges

    const std::string& name() const { return name_; }
    const std::map<std::string, Exchange, std::less<>>& exchanges() const { return exchanges_; }
    const std::map<std::string, std::unique_ptr<Queue>, std::less<>>& queues() const { return queues_; }
    void delete_all_queues();

    // Policies take hold at once (policies.cpp). False: there was none of this name.
    const extension::Policies& policies(extension::PolicyKind kind) const;
    void set_policy(extension::PolicyKind kind, const std::string& name, extension::Policy policy);
    bool clear_policy(extension::PolicyKind kind, std::string_view name);
    void policies_changed();  // or the version, which reads arguments in its own way

    VirtualHostLimits limits;

    // Exchanges. "" is the default exchange.
    Exchange* find_exchange(std::string_view name);
    Exchange& declare_exchange(const std::string& name, ExchangeAttributes attributes);
    void delete_exchange(const std::string& name);
    History bind(Exchange& source, const Binding& binding);  // what the source remembers goes there at once
    bool unbind(Exchange& source, const Binding& binding);   // false: there was no such binding

    // Queues.
    Queue* find_queue(std::string_view name);
    Queue* find_queue(QueueId id);
    const Queue* find_queue(QueueId id) const;
    Queue& declare_queue(const std::string& name, QueueAttributes attributes);
    std::size_t delete_queue(Queue& queue, std::string_view why);  // says how many were ready
    std::size_t purge(Queue& queue);
    void delete_exclusive_queues(ConnectionId owner);
    void renew(Queue& queue);  // it is in use: its x-expires starts anew

    // Consumers.
    void subscribe(Queue& queue, Subscriber& subscriber, Exclusivity exclusivity);
    void unsubscribe(Queue& queue, Subscriber& subscriber);  // may delete an auto-delete queue
    void credit_returned(Queue& queue, Subscriber& subscriber);

    // Messages.
    std::vector<Queue*> route(const MessagePtr& message);
    Enqueued enqueue(
        Queue& queue, MessagePtr message, Redelivery redelivery = Redelivery::none, Urgency urgency = Urgency::patient
    );
    std::optional<QueuedMessage> get(Queue& queue);  // out of the queue, unacknowledged

    // A queue may take its time (queue_work.cpp): every message that comes or goes keeps it busy for so long.
    void slow_down(Queue& queue, Duration each);
    void move_leader(Queue& queue, Duration election);  // nobody leads it for so long
    Instant taken_at(QueueId queue) const;              // what was published to it last
    void jump(Duration by);                             // the calendar: what expires by it does so earlier, or later

    // What becomes of a message that was taken out. Nothing happens if the queue is gone.
    void acknowledge(QueueId queue, const QueuedMessage& message);
    void requeue(QueueId queue, QueuedMessage message, extension::Return how);
    void reject(QueueId queue, QueuedMessage message, extension::Rejection rejection);
    void keep_from(const Refuser& refuser, QueueId queue, const QueuedMessage& message);  // from now on

    void settle();
    void on_timer(const QueueTimer& timer);
    void on_timer(const DelayTimer& timer);
    // What such a timer is for, if it is one of this virtual host's.
    std::optional<Deadline> name_deadline(const QueueTimer& timer) const;
    std::optional<Deadline> name_deadline(const DelayTimer& timer) const;

    // The end of the broker's run and the next one (recovery.cpp). Connections give back what they hold, then `stop`
    // keeps what is durable and safe.
    void give_back(QueueId queue, QueuedMessage message);
    enum class Stop : std::uint8_t { orderly, crash };
    void stop(Stop how);
    void start();
    void disk_synced();

private:
    QueueSettings settings_of(Queue& queue) const;
    void find_alternate(Exchange& exchange) const;
    void pre_declare(ExchangeType type, const std::string& name, bool internal = false);
    void delete_if_unbound(const std::string& exchange);
    void remove_bindings_to(const Destination& destination);
    void follow(Exchange& exchange, const MessagePtr& message, std::vector<Queue*>& reached);
    History pass_on_history(Exchange& source, const Destination& destination);

    void schedule_dispatch(Queue& queue);
    void dispatch(Queue& queue);
    void dispatch_by_choice(Queue& queue);
    Subscriber* taker_of(Queue& queue, const QueuedMessage& message);
    void expire(Queue& queue);
    void drop_expired(Queue& queue);
    void drop_overflow(Queue& queue);
    void watch_head(Queue& queue);
    void put_back(Queue& queue, QueuedMessage message, extension::ReturnPlace place);
    void end_delays(Queue& queue);
    void watch_delays(Queue& queue);
    void discard(Queue& queue, QueuedMessage message, extension::DeathReason reason);
    void republish(const extension::DeadLetter& dead);
    void store(const Queue& queue, QueuedMessage& message);
    void remove(Queue& queue, const QueuedMessage& message);
    void undo_unsafe_removals();
    void drop_what_is_transient();
    void keep_what_is_safe(Queue& queue, Stop how);
    void hold(Queue& queue, const extension::DeadLetter& dead);
    void deliver_dead_letters(Queue& queue);
    bool is_busy(const Queue& queue) const { return taken_at(queue.id()) > context_.now; }
    void work(const Queue& queue);
    bool everybody_took(DeadLetterHeld& dead);
    void append_to_stream(Queue& stream, MessagePtr message);
    void dispatch_stream(Queue& stream);
    void release_stream(Queue& stream);
    void release(const QueuedMessage& message) {
        if (!message.kept_by_stream) context_.memory.give_message_back(message.message->memory());
    }

    Context& context_;
    std::string name_;
    std::map<std::string, Exchange, std::less<>> exchanges_;
    std::map<std::string, std::unique_ptr<Queue>, std::less<>> queues_;
    std::map<QueueId, Queue*> queues_by_id_;
    extension::Policies user_policies_;
    extension::Policies operator_policies_;
    std::deque<QueueId> to_dispatch_;
    std::deque<extension::DeadLetter> to_republish_;
    extension::DelayedMessages delayed_;

    // Messages that are gone, and whose going has not reached the disk.
    struct Removal {
        WriteNumber write;
        QueueId queue;
        QueuedMessage message;
    };
    std::deque<Removal> removals_;
    std::deque<QueueId> with_dead_letters_;

    struct Work {
        Duration each{};
        Instant busy_until{};
        Timers::Handle timer{};
    };
    std::map<QueueId, Work> at_work_;  // the queues that take their time; others are at once where they want to be
};

}  // namespace simbroker::model
