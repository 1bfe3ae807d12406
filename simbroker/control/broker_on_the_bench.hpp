// For tests: a broker that the API may turn every knob of, without sockets, with a clock of its own.
#pragma once

#include <memory>

#include "simbroker/control/served_broker.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::control {

class BrokerOnTheBench final : public ServedBroker {
public:
    Description describe() const override { return {"amqp://bench", {}, "rabbitmq-4.3", clock, 7, {}}; }
    Condition condition() const override { return condition_; }
    Instant now() const override { return now_; }
    std::optional<Deadline> next_deadline() const override { return broker_->what_is_next(); }
    void advance_to(Instant to) override { handle(now_ = to, DeadlineReached{}); }
    std::optional<Deadline> advance_to_next() override {
        auto next = broker_->what_is_next();
        if (next) advance_to(next->at);
        return next;
    }
    Answer ask(const Input& input) override {
        Answer answer;
        for (const auto& event : handle(now_, input)) answer.hear(event);
        return answer;
    }
    std::vector<fault::RuleStatus> faults() const override { return broker_->rules(); }
    void inject(const Input& input) override { handle(now_, input); }
    void restart() override { condition_ = Condition::restarting; }
    std::vector<ConnectionId> connections() const override { return {{1}}; }
    void drop(ConnectionId connection) override { dropped = connection.value; }
    std::expected<std::optional<std::string>, std::string> reset() override {
        broker_ = fault::broker_with_faults({}, 7);
        now_ = {};
        return "run.trace.1";
    }
    std::vector<drive::TimedEvent> events(std::uint64_t since) const override { return log_.since(since); }
    std::uint64_t next_event() const override { return log_.next_sequence(); }
    std::expected<std::string, std::string> trace() override { return std::unexpected("nothing is recorded"); }

    void connect() { handle(now_, Connected{ConnectionId{1}, "127.0.0.1:1"}); }

    std::string clock = "manual";
    std::uint32_t dropped = 0;

private:
    std::vector<Event> handle(Instant at, const Input& input) {
        std::vector<Event> all;
        for (auto& output : broker_->handle(at, input)) {
            if (const auto* event = std::get_if<Event>(&output)) all.push_back(*event);
        }
        for (const auto& event : all) log_.add(at, event);
        return all;
    }

    std::unique_ptr<fault::Interceptor> broker_ = fault::broker_with_faults({}, 7);
    Instant now_{};
    Condition condition_ = Condition::up;
    drive::EventLog log_{100};
};

}  // namespace simbroker::control
