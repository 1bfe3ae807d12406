// What the virtual clients do on their channels.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "simbroker/explore/client.hpp"

namespace simbroker::explore {
namespace {

using codec::amqp091::BasicProperties;
using codec::amqp091::Method;
using std::chrono::milliseconds;
namespace methods = codec::amqp091;

constexpr std::string_view reply_to_queue = "amq.rabbitmq.reply-to";

// For decisions about one message: the same whatever happened to others.
Prng chance_of(Seed seed, std::uint32_t client, const std::string& message, std::uint32_t turn) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : message) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return Prng(seed ^ hash ^ (std::uint64_t{client} << 48) ^ (std::uint64_t{turn} << 32));
}

class Publisher final : public Client {
public:
    using Client::Client;

private:
    void opened() override {
        send(methods::confirm::Select{});
        for (const auto& queue : plan().queues) declare(queue);
    }

    void on_step(Prng& chance) override {
        if (!may_publish() || plan().queues.empty() || stage().calm) return;
        for (auto count = 1 + chance.below(4); count > 0; --count) {
            const auto& queue = plan().queues[static_cast<std::size_t>(chance.below(plan().queues.size()))];
            publish({
                .exchange = chance.chance(1, 2) ? std::string(exchange_name) : std::string(),
                .routing_key = queue,
                .id = next_id("m"),
                .persistent = chance.chance(3, 4),
                .mandatory = chance.chance(1, 4),
                .body_size = static_cast<std::size_t>(chance.below(64)),
            });
        }
    }
};

class Consumer : public Client {
public:
    using Client::Client;

protected:
    void opened() override {
        if (plan().prefetch > 0) send(methods::basic::Qos{.prefetch_count = plan().prefetch});
        for (const auto& queue : plan().queues) consume(queue);
    }

    void lost() override {
        to_acknowledge_ = 0;
        flushing_ = false;
    }

    void consume(const std::string& queue) {
        declare(queue);
        const auto use = find_queue(stage().plan, queue)->use;
        send(methods::basic::Consume{
            .queue = queue,
            .consumer_tag = "of " + queue,
            .no_ack = use == QueueUse::auto_ack,
            .exclusive = use == QueueUse::exclusive,
        });
    }

    // Now and then it stops consuming for a while, or gives back all it has.
    void on_step(Prng& chance) override {
        if (stage().calm || plan().queues.empty()) return;
        if (chance.chance(1, 3)) {
            to_acknowledge_ = 0;
            send(methods::basic::Recover{.requeue = true});
            return;
        }
        const auto& queue = plan().queues[static_cast<std::size_t>(chance.below(plan().queues.size()))];
        send(methods::basic::Cancel{.consumer_tag = "of " + queue});
        later(milliseconds(chance.below(3000)), [this, queue] { consume(queue); });
    }

    // The queue was deleted: the broker cancels, we declare it again.
    void on_method(const Method& method) override {
        const auto* cancel = std::get_if<methods::basic::Cancel>(&method);
        if (!cancel) return;
        const std::string queue(cancel->consumer_tag.text().substr(3));
        later(milliseconds(200), [this, queue] { consume(queue); });
    }

    void on_message(const Incoming& message) override {
        if (message.how != Incoming::How::delivered) return;
        const auto queue = message.consumer.substr(3);
        const auto use = find_queue(stage().plan, queue)->use;
        if (use == QueueUse::auto_ack) return;
        handle(message);
        if (plan().ack_every > 1) return acknowledge_together(message.tag);
        const auto id = message.text_property(&BasicProperties::message_id);
        auto chance = chance_of(stage().plan.seed, plan().number, id, ++turns_[id]);
        const auto think = time_to_think(chance);
        const bool refuse = chance.chance(plan().refuse_permille, 1000);
        const bool requeue = use != QueueUse::retry && chance.chance(3, 4);
        const bool by_nack = chance.chance(1, 2);
        later(think, [this, tag = message.tag, refuse, requeue, by_nack] {
            settle(tag, refuse && !stage().calm, requeue, by_nack);
        });
    }

    virtual void handle(const Incoming&) {}

private:
    void settle(std::uint64_t tag, bool refuse, bool requeue, bool by_nack) {
        if (!refuse) {
            send(methods::basic::Ack{.delivery_tag = tag});
        } else if (by_nack) {
            send(methods::basic::Nack{.delivery_tag = tag, .requeue = requeue});
        } else {
            send(methods::basic::Reject{.delivery_tag = tag, .requeue = requeue});
        }
    }

    // So many at once, or what there is after a moment.
    void acknowledge_together(std::uint64_t tag) {
        last_tag_ = tag;
        if (++to_acknowledge_ >= plan().ack_every) return flush();
        if (flushing_) return;
        flushing_ = true;
        later(milliseconds(300), [this] { flush(); });
    }

    void flush() {
        flushing_ = false;
        if (to_acknowledge_ > 0) send(methods::basic::Ack{.delivery_tag = last_tag_, .multiple = true});
        to_acknowledge_ = 0;
    }

    std::map<std::string, std::uint32_t> turns_;
    std::uint64_t last_tag_ = 0;
    std::uint32_t to_acknowledge_ = 0;
    bool flushing_ = false;
};

// A consumer of requests that answers them first.
class Responder final : public Consumer {
public:
    using Consumer::Consumer;

private:
    void handle(const Incoming& message) override {
        const auto reply_to = message.text_property(&BasicProperties::reply_to);
        if (reply_to.empty() || !may_publish()) return;
        publish({.routing_key = reply_to, .id = next_id("r"), .persistent = false, .body_size = 16});
    }
};

class Requester final : public Client {
public:
    using Client::Client;

private:
    void opened() override {
        for (const auto& queue : plan().queues) declare(queue);
        send(methods::basic::Consume{.queue = reply_to_queue, .consumer_tag = "replies", .no_ack = true});
    }

    void on_step(Prng& chance) override {
        if (!may_publish() || plan().queues.empty() || stage().calm) return;
        publish({
            .routing_key = plan().queues.front(),
            .id = next_id("q"),
            .persistent = chance.chance(1, 2),
            .reply_to = std::string(reply_to_queue),
            .body_size = 24,
        });
    }
};

// One transaction after the other: gets a message, publishes, acknowledges, commits; or changes its mind, and rejects.
class Transactor final : public Client {
public:
    using Client::Client;

private:
    void opened() override {
        busy_ = false;
        send(methods::tx::Select{});
        for (const auto& queue : plan().queues) declare(queue);
    }

    void on_step(Prng& chance) override {
        if (busy_ || !may_publish() || plan().queues.empty() || stage().calm) return;
        busy_ = true;
        draw_ = chance.next();
        tag_ = 0;
        const auto index = static_cast<std::size_t>(chance.below(plan().queues.size()));
        send(methods::basic::Get{.queue = plan().queues[index]});
    }

    void on_message(const Incoming& message) override {
        if (message.how != Incoming::How::got) return;
        tag_ = message.tag;
        transact();
    }

    void transact() {
        Prng chance(draw_);
        for (auto count = 1 + chance.below(3); count > 0 && may_publish(); --count) {
            const auto index = static_cast<std::size_t>(chance.below(plan().queues.size()));
            publish({.routing_key = plan().queues[index], .id = next_id("t"), .persistent = chance.chance(3, 4)});
        }
        if (tag_ != 0) send(methods::basic::Ack{.delivery_tag = tag_});
        if (chance.chance(2, 3)) {
            send(methods::tx::Commit{});
        } else {
            send(methods::tx::Rollback{});
        }
    }

    void on_method(const Method& method) override {
        if (std::holds_alternative<methods::basic::GetEmpty>(method)) return transact();
        if (std::holds_alternative<methods::tx::CommitOk>(method)) busy_ = false;
        if (!std::holds_alternative<methods::tx::RollbackOk>(method)) return;
        if (tag_ == 0) {
            busy_ = false;
            return;
        }
        send(methods::basic::Reject{.delivery_tag = std::exchange(tag_, 0), .requeue = true});
        send(methods::tx::Commit{});
    }

    bool busy_ = false;
    std::uint64_t draw_ = 0;
    std::uint64_t tag_ = 0;
};

class Getter final : public Client {
public:
    using Client::Client;

private:
    void opened() override {
        for (const auto& queue : plan().queues) declare(queue);
    }

    void on_step(Prng& chance) override {
        if (plan().queues.empty() || stage().calm) return;
        const auto index = static_cast<std::size_t>(chance.below(plan().queues.size()));
        // Without acknowledgement only where nobody minds.
        const bool no_ack = find_queue(stage().plan, plan().queues[index])->use == QueueUse::auto_ack;
        send(methods::basic::Get{.queue = plan().queues[index], .no_ack = no_ack});
        no_acks_.push_back(no_ack);
    }

    void lost() override { no_acks_.clear(); }

    void on_method(const Method& method) override {
        if (std::holds_alternative<methods::basic::GetEmpty>(method)) answered();
    }

    void on_message(const Incoming& message) override {
        if (message.how != Incoming::How::got || answered()) return;
        auto chance = chance_of(stage().plan.seed, plan().number, message.body, 0);
        const auto think = time_to_think(chance);
        const bool requeue = chance.chance(plan().refuse_permille, 1000);
        later(think, [this, tag = message.tag, requeue] {
            if (requeue && !stage().calm) {
                send(methods::basic::Reject{.delivery_tag = tag, .requeue = true});
            } else {
                send(methods::basic::Ack{.delivery_tag = tag});
            }
        });
    }

    // Answers come in the order of the questions: whether that one was without acknowledgement.
    bool answered() {
        if (no_acks_.empty()) return true;
        const bool no_ack = no_acks_.front();
        no_acks_.erase(no_acks_.begin());
        return no_ack;
    }

    std::vector<bool> no_acks_;
};

// Three exclusive queues and an exchange of its own, declared, bound, used and deleted in any order, right or wrong.
class Churner final : public Client {
public:
    using Client::Client;

private:
    void opened() override { send(methods::confirm::Select{}); }

    void on_step(Prng& chance) override {
        if (stage().calm) return;
        const auto queue = fmt::format("churn-{}-{}", plan().number, chance.below(3));
        const auto exchange = fmt::format("churn-{}", plan().number);
        switch (chance.below(8)) {
            case 0:
            case 1: send(methods::queue::Declare{.queue = queue, .exclusive = true, .auto_delete = true}); break;
            case 2: send(methods::exchange::Declare{.exchange = exchange, .type = "topic", .durable = true}); break;
            case 3: send(methods::queue::Bind{.queue = queue, .exchange = exchange, .routing_key = "a.*"}); break;
            case 4:
                if (may_publish()) publish({.exchange = exchange, .routing_key = "a.b", .id = next_id("c")});
                break;
            case 5: send(methods::basic::Get{.queue = queue, .no_ack = true}); break;
            case 6: send(methods::queue::Delete{.queue = queue}); break;
            default: send(methods::exchange::Delete{.exchange = exchange, .if_unused = chance.chance(1, 2)}); break;
        }
    }
};

}  // namespace

std::unique_ptr<Client> make_client(Stage& stage, const ClientPlan& plan) {
    switch (plan.role) {
        case Role::publisher: return std::make_unique<Publisher>(stage, plan);
        case Role::consumer: return std::make_unique<Consumer>(stage, plan);
        case Role::transactor: return std::make_unique<Transactor>(stage, plan);
        case Role::requester: return std::make_unique<Requester>(stage, plan);
        case Role::responder: return std::make_unique<Responder>(stage, plan);
        case Role::getter: return std::make_unique<Getter>(stage, plan);
        case Role::churner: return std::make_unique<Churner>(stage, plan);
    }
    return nullptr;
}

}  // namespace simbroker::explore
