// What a broker owes, kept by somebody who stands at its door: every message it took, every one it gave out, what was
// settled, confirmed, lost with a channel, a queue or the power. Nothing here is asked of the broker, save what the
// invariants compare with it (`listed`).
//
// A place is one message in one queue. Where the door cannot tell what became of it (a message that was not confirmed,
// a settlement in the same breath as the channel's end, a write the power cut off) the place says so, and invariants
// are lenient there and nowhere else.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/amqp091/codec.hpp"
#include "simbroker/core/input.hpp"
#include "simbroker/core/instant.hpp"
#include "simbroker/core/output.hpp"
#include "simbroker/explore/plan.hpp"

namespace simbroker::explore {

enum class Answer : std::uint8_t {
    none,  // its channel does not confirm
    awaited,
    confirmed,  // or committed
    refused,    // basic.nack
    never,      // the channel ended before
    rolled_back,
};

struct ChannelKey {
    ConnectionId connection{};
    std::uint16_t channel = 0;
    friend auto operator<=>(const ChannelKey&, const ChannelKey&) = default;
};

struct MessageRecord {
    std::string id;
    ChannelKey from{};
    std::string exchange;
    std::string routing_key;
    std::string body;
    bool persistent = false;
    bool returned = false;
    Answer answer = Answer::none;
    Instant published{};
};

enum class Fate : std::uint8_t {
    waiting,
    out,    // with a client, not settled
    taken,  // delivered without acknowledgement
    acked,
    discarded,  // rejected, not requeued
};

struct Place {
    Fate fate = Fate::waiting;
    bool routed = false;           // the queue was there and bound when the message came
    bool may_be_gone = false;      // nobody can ask for it any more
    bool may_return = false;       // its removal may have been undone
    std::uint32_t hop = 0;         // how often it went away by dead-lettering, to come back
    std::uint32_t deliveries = 0;  // of this hop
    std::uint32_t returns = 0;
    Instant changed{};
};

using PlaceMap = std::map<std::uint64_t, Place>;  // by the message's number

struct ConsumerRecord {
    ChannelKey channel{};
    std::string tag;
    std::string queue;
    bool no_ack = false;
    bool exclusive = false;
    std::uint32_t prefetch = 0;
    std::uint32_t outstanding = 0;
    std::uint64_t number = 0;  // counts consumers of the run
};

struct QueueRecord {
    std::string name;
    const QueuePlan* plan = nullptr;  // nothing: a churner's, or a pseudo-queue
    bool exists = false;
    bool bound = false;  // to the exchange of the plan
    std::uint32_t incarnation = 0;
    std::size_t out = 0;
    PlaceMap places{};
    std::vector<std::uint64_t> consumers{};  // the eldest first
};

// One row of `list queues`, as the broker gives it.
struct QueueRow {
    std::string name;
    std::uint64_t ready = 0;
    std::uint64_t unacknowledged = 0;
};

// A message on its way to a client, as the broker describes it.
struct Arriving {
    std::uint64_t tag = 0;
    bool redelivered = false;
    std::string_view exchange{};
    std::string_view routing_key{};
    std::string_view id{};
    std::string_view body{};
};

// The same with what is known of it; before it is noted.
struct DeliveryRecord {
    const Arriving& what;
    ChannelKey channel{};
    const QueueRecord& queue;
    const ConsumerRecord* consumer;  // nothing: basic.get
    bool no_ack;
    const MessageRecord* message;  // nothing: nobody published it
    std::uint64_t number;          // of the message, by which those of one channel are in order
    const Place* place;            // nothing: the queue was not known to have it
};

class Ledger;

// Who watches the ledger: invariants. Called before the ledger notes what they are told of.
class Watcher {
public:
    virtual ~Watcher() = default;
    virtual void delivering(const Ledger&, const DeliveryRecord&) {}
    virtual void consuming(const Ledger&, const QueueRecord&, const ConsumerRecord&) {}
    // A tag that a confirm names; `message` is nothing if no confirm was owed for it.
    virtual void confirming(const Ledger&, ChannelKey, std::uint64_t /*tag*/, const MessageRecord*) {}
    virtual void listed(const Ledger&, const QueueRow&) {}
};

class Ledger {
public:
    struct Out {
        std::string queue;
        std::uint32_t incarnation = 0;
        std::uint64_t message = 0;
        std::uint64_t consumer = 0;  // 0: basic.get
    };
    struct Settlement {
        std::uint64_t tag = 0;
        bool multiple = false;
        enum class How : std::uint8_t { ack, requeue, discard } how{};
    };
    struct Channel {
        bool confirms = false;
        bool transactional = false;
        std::uint64_t last_publish = 0;  // since confirm.select
        std::uint32_t prefetch = 0;
        std::map<std::uint64_t, std::uint64_t> awaited{};  // tags of confirms owed, to messages
        std::vector<Settlement> settlements{};             // of the open transaction
        std::vector<std::uint64_t> published{};            //
        std::deque<std::vector<std::uint64_t>> committing{};
        std::map<std::uint64_t, Out> out{};
        std::map<std::string, std::uint64_t> consumers{};
        std::vector<ConsumerRecord> asked{};  // basic.consume without an answer so far
        struct Get {
            std::string queue;
            bool no_ack = false;
        };
        std::deque<Get> gets{};
        bool doubtful = false;  // it ends in the input at hand, nobody can say at which of its frames
    };

    Ledger(const Plan& plan, std::vector<Watcher*> watchers);

    void set_now(Instant now) { now_ = now; }
    Instant now() const { return now_; }

    // ---- what clients say
    struct Published {
        std::string_view exchange, routing_key, id, body;
        bool persistent = false;
    };
    void publish(ChannelKey, const Published&);
    void select_confirms(ChannelKey);
    void select_transactions(ChannelKey);
    void commit(ChannelKey);
    void roll_back(ChannelKey);
    void settle(ChannelKey, const Settlement&);
    void set_prefetch(ChannelKey, std::uint32_t count);
    void consume(ChannelKey, ConsumerRecord asked);
    void get(ChannelKey, std::string_view queue, bool no_ack);
    void doubt(ChannelKey);

    // ---- what the broker says
    void deliver(ChannelKey, std::string_view consumer_tag, const Arriving&);
    void got(ChannelKey, const Arriving&);
    void got_nothing(ChannelKey);
    void returned(ChannelKey, std::string_view id);
    void confirm(ChannelKey, std::uint64_t tag, bool multiple, Answer answer);
    void committed(ChannelKey);
    void recover(ChannelKey);
    void consumer_added(ChannelKey, std::string_view tag);
    void consumer_gone(ChannelKey, std::string_view tag);
    void event(const Event&);

    // ---- what ends
    void channel_gone(ChannelKey);
    void connection_gone(ConnectionId);
    enum class Stop : std::uint8_t { orderly, crash };
    void stopped(Stop how);
    void purged(std::string_view queue);

    // ---- what is known
    const std::map<std::string, QueueRecord, std::less<>>& queues() const { return queues_; }
    const std::vector<MessageRecord>& messages() const { return messages_; }
    const std::map<ChannelKey, Channel>& channels() const { return channels_; }
    const ConsumerRecord* consumer(std::uint64_t number) const;
    const MessageRecord* find_message(std::string_view id) const;
    std::uint64_t deliveries() const { return deliveries_; }
    std::vector<QueueRow> take_rows() { return std::exchange(rows_, {}); }  // of the listings since the last time
    std::optional<std::uint64_t> message_octets() const { return message_octets_; }
    const Plan& plan() const { return plan_; }

    // Whether the broker must still have it: confirmed, and nothing happened since that excuses its loss.
    bool is_owed(std::uint64_t message, const Place& place) const;

private:
    QueueRecord& queue_named(std::string_view name);
    Channel& channel(ChannelKey key) { return channels_[key]; }
    void apply(ChannelKey, const Settlement&);
    void settle_one(const Out& out, Settlement::How how);
    void settle_in_doubt(const Out& out);
    QueueRecord* free(const Out& out);
    void give_back(const Out& out);
    void hand_out(ChannelKey, const Arriving&, QueueRecord&, ConsumerRecord* consumer, bool no_ack);
    void remove_consumer(std::uint64_t number);
    void route(std::uint64_t message, const Published&);
    void listed(const Event&);
    void deleted(QueueRecord&);

    const Plan& plan_;
    std::vector<Watcher*> watchers_;
    Instant now_{};
    std::vector<MessageRecord> messages_;
    std::map<std::string, std::uint64_t, std::less<>> numbers_;
    std::map<std::string, QueueRecord, std::less<>> queues_;
    std::map<ChannelKey, Channel> channels_;
    std::map<std::uint64_t, ConsumerRecord> consumers_;
    std::uint64_t last_consumer_ = 0;
    std::uint64_t deliveries_ = 0;
    std::vector<QueueRow> rows_;
    std::optional<std::uint64_t> message_octets_;
};

}  // namespace simbroker::explore
