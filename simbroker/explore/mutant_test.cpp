// Would the invariants notice? Brokers that are broken on purpose, each in one way, and each found within 200 seeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "simbroker/explore/run.hpp"
#include "simbroker/explore/test_mutant.hpp"
#include "simbroker/explore/workload.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::explore {
namespace {

namespace methods = codec::amqp091;
namespace basic = codec::amqp091::basic;

// A unit that is not passed on.
void drop(Unit& unit) { unit.announced = UINT64_MAX; }
bool dropped(const Unit& unit) { return unit.announced == UINT64_MAX; }

// Changes each method M that a client sends, by `change`, with its chance of one in `one_in`.
template <class M>
class ChangesWhatItHears : public Mutant {
public:
    using Mutant::Mutant;

private:
    virtual void change(M& method, Unit& unit) = 0;
    virtual std::uint64_t one_in() const { return 1; }

    void from_client(ConnectionId, Units& units) override {
        for (auto& unit : units) {
            auto method = unit.as<M>();
            if (method && chance_.chance(1, one_in())) change(*method, unit);
        }
        std::erase_if(units, dropped);
    }
};

// It is routed to nowhere, and so confirmed.
class LosesOneInThousand final : public ChangesWhatItHears<basic::Publish> {
    using ChangesWhatItHears::ChangesWhatItHears;
    std::uint64_t one_in() const override { return 1000; }
    void change(basic::Publish&, Unit& unit) override { unit.become(basic::Publish{.routing_key = "nowhere"}); }
};

class TakesPersistentForTransient final : public ChangesWhatItHears<basic::Publish> {
    using ChangesWhatItHears::ChangesWhatItHears;
    std::uint64_t one_in() const override { return 20; }
    void change(basic::Publish&, Unit& unit) override {
        auto octets = unit.properties;
        auto properties = methods::decode_properties(octets);
        properties->delivery_mode = methods::transient_delivery;
        unit.properties.clear();
        encode(*properties, unit.properties);
    }
};

class IgnoresPrefetch final : public ChangesWhatItHears<basic::Qos> {
    using ChangesWhatItHears::ChangesWhatItHears;
    void change(basic::Qos&, Unit& unit) override { unit.become(basic::Qos{}); }
};

class LetsTwoBeExclusive final : public ChangesWhatItHears<basic::Consume> {
    using ChangesWhatItHears::ChangesWhatItHears;
    void change(basic::Consume& consume, Unit& unit) override {
        consume.exclusive = false;
        unit.become(consume);
    }
};

class LetsTwoBeActive final : public ChangesWhatItHears<methods::queue::Declare> {
    using ChangesWhatItHears::ChangesWhatItHears;
    void change(methods::queue::Declare& declare, Unit& unit) override {
        if (!declare.arguments.find("x-single-active-consumer")) return;
        declare.arguments = {};
        unit.become(declare);
    }
};

class AcknowledgesTooFew final : public ChangesWhatItHears<basic::Ack> {
    using ChangesWhatItHears::ChangesWhatItHears;
    void change(basic::Ack& ack, Unit& unit) override { unit.become(basic::Ack{.delivery_tag = ack.delivery_tag}); }
};

class ForgetsAcknowledgements final : public ChangesWhatItHears<basic::Ack> {
    using ChangesWhatItHears::ChangesWhatItHears;
    std::uint64_t one_in() const override { return 100; }
    void change(basic::Ack&, Unit& unit) override { drop(unit); }
};

class TakesBackWhatWasAcknowledged final : public ChangesWhatItHears<basic::Ack> {
    using ChangesWhatItHears::ChangesWhatItHears;
    std::uint64_t one_in() const override { return 100; }
    void change(basic::Ack& ack, Unit& unit) override {
        unit.become(basic::Nack{.delivery_tag = ack.delivery_tag, .multiple = ack.multiple, .requeue = true});
    }
};

class DropsWhatIsToBeRequeued final : public ChangesWhatItHears<basic::Reject> {
    using ChangesWhatItHears::ChangesWhatItHears;
    void change(basic::Reject& reject, Unit& unit) override {
        unit.become(basic::Reject{.delivery_tag = reject.delivery_tag});
    }
};

class ForgetsToRequeueOnCut final : public Mutant {
    using Mutant::Mutant;
    void before(const Input& input, const Give& give) override {
        const auto* gone = std::get_if<Disconnected>(&input);
        if (!gone) return;
        codec::wire::Bytes octets;
        append_method(octets, methods::ChannelNumber{1}, basic::Ack{.delivery_tag = 0, .multiple = true});
        give(Received{gone->connection, octets});
    }
};

class StopsDeliveringToSome final : public Mutant {
    using Mutant::Mutant;
    void before(const Input& input, const Give& give) override {
        const auto* connected = std::get_if<Connected>(&input);
        if (connected && connected->connection.value % 3 == 0) congested_.insert(connected->connection);
        if (!std::holds_alternative<DeadlineReached>(input)) return;
        for (const auto id : congested_) give(Congestion{id, Congestion::State::congested});
    }
    std::set<ConnectionId> congested_;
};

// Acks at once, and swallows the acks that come when the messages are safe.
class ConfirmsBeforeDisk final : public Mutant {
public:
    using Mutant::Mutant;

    Outputs handle(Instant now, const Input& input) override {
        auto outputs = Mutant::handle(now, input);
        const auto* received = std::get_if<Received>(&input);
        if (!received || alarms_ > 0) return outputs;  // a connection that is held back has published nothing yet
        auto& confirms = confirms_[received->connection];
        if (confirms.published == confirms.confirmed) return outputs;
        codec::wire::Bytes octets;
        append_method(
            octets, methods::ChannelNumber{1}, basic::Ack{.delivery_tag = confirms.published, .multiple = true}
        );
        confirms.confirmed = confirms.published;
        outputs.emplace_back(Send{received->connection, octets});
        return outputs;
    }

private:
    struct Confirms {
        bool selected = false;
        std::uint64_t published = 0;
        std::uint64_t confirmed = 0;
    };

    void before(const Input& input, const Give&) override {
        if (const auto* set = std::get_if<SetAlarm>(&input)) alarms_ += set->state == SetAlarm::State::raised ? 1 : -1;
        alarms_ = std::max(alarms_, 0);
    }
    void from_client(ConnectionId id, Units& units) override {
        auto& confirms = confirms_[id];
        for (const auto& unit : units) {
            if (unit.as<methods::channel::Open>()) confirms = {};
            if (unit.as<methods::confirm::Select>()) confirms.selected = true;
            if (unit.as<basic::Publish>() && confirms.selected) ++confirms.published;
        }
    }
    void from_broker(ConnectionId id, Units& units) override {
        auto& confirms = confirms_[id];
        for (auto& unit : units) {
            const auto ack = unit.as<basic::Ack>();
            if (!ack) continue;
            if (ack->delivery_tag <= confirms.confirmed) drop(unit);
            confirms.confirmed = std::max(confirms.confirmed, ack->delivery_tag);
        }
        std::erase_if(units, dropped);
    }

    std::map<ConnectionId, Confirms> confirms_;
    int alarms_ = 0;
};

template <class M>
class ChangesWhatItSays : public Mutant {
public:
    using Mutant::Mutant;

private:
    virtual void change(M& method, std::size_t at, Units& units) = 0;
    virtual std::uint64_t one_in() const { return 1; }

    void from_broker(ConnectionId, Units& units) override {
        for (std::size_t at = 0, count = units.size(); at < count; ++at) {
            auto method = units[at].as<M>();
            if (method && chance_.chance(1, one_in())) change(*method, at, units);
        }
        std::erase_if(units, dropped);
    }
};

class ForgetsRedelivered final : public ChangesWhatItSays<basic::Deliver> {
    using ChangesWhatItSays::ChangesWhatItSays;
    void change(basic::Deliver& deliver, std::size_t at, Units& units) override {
        deliver.redelivered = false;
        units[at].become(deliver);
    }
};

class SwapsTwoDeliveries final : public ChangesWhatItSays<basic::Deliver> {
    using ChangesWhatItSays::ChangesWhatItSays;
    void change(basic::Deliver& deliver, std::size_t at, Units& units) override {
        const auto before = at > 0 ? units[at - 1].as<basic::Deliver>() : std::nullopt;
        if (!before || before->consumer_tag != deliver.consumer_tag) return;
        auto first = *before;
        auto second = deliver;
        std::swap(first.delivery_tag, second.delivery_tag);
        units[at].become(second);
        units[at - 1].become(first);
        std::swap(units[at], units[at - 1]);
    }
};

class ChangesABody final : public ChangesWhatItSays<basic::Deliver> {
    using ChangesWhatItSays::ChangesWhatItSays;
    std::uint64_t one_in() const override { return 300; }
    void change(basic::Deliver&, std::size_t at, Units& units) override { units[at].body.back() ^= 1; }
};

class DeliversTwiceWithoutAcknowledgement final : public ChangesWhatItSays<basic::Deliver> {
    using ChangesWhatItSays::ChangesWhatItSays;
    std::uint64_t one_in() const override { return 20; }
    void change(basic::Deliver& deliver, std::size_t at, Units& units) override {
        if (!deliver.consumer_tag.text().starts_with("of auto_ack")) return;
        auto again = units[at];
        deliver.redelivered = true;
        again.become(deliver);
        units.push_back(std::move(again));
    }
};

class ForgetsToConfirm final : public ChangesWhatItSays<basic::Ack> {
    using ChangesWhatItSays::ChangesWhatItSays;
    std::uint64_t one_in() const override { return 200; }
    void change(basic::Ack&, std::size_t at, Units& units) override { drop(units[at]); }
};

class ConfirmsTwice final : public ChangesWhatItSays<basic::Ack> {
    using ChangesWhatItSays::ChangesWhatItSays;
    std::uint64_t one_in() const override { return 200; }
    void change(basic::Ack&, std::size_t at, Units& units) override {
        const auto again = units[at];
        units.push_back(again);
    }
};

class CommitsWhatIsRolledBack final : public Mutant {
    using Mutant::Mutant;
    void from_client(ConnectionId id, Units& units) override {
        for (auto& unit : units) {
            if (!unit.as<methods::tx::Rollback>()) continue;
            unit.become(methods::tx::Commit{});
            rolling_back_.insert(id);
        }
    }
    void from_broker(ConnectionId id, Units& units) override {
        for (auto& unit : units) {
            if (!unit.as<methods::tx::CommitOk>() || rolling_back_.erase(id) == 0) continue;
            unit.become(methods::tx::RollbackOk{});
        }
    }
    std::set<ConnectionId> rolling_back_;
};

class LeaksMemory final : public Mutant {
    using Mutant::Mutant;
    void before(const Input& input, const Give&) override {
        if (std::holds_alternative<Crash>(input)) leaked_ += 100;
    }
    void tell(Event& event) override {
        if (event.kind != Event::Kind::listed || event.subject != "node") return;
        auto row = nlohmann::json::parse(event.detail);
        row["message_bytes"] = row["message_bytes"].get<std::uint64_t>() + leaked_;
        event.detail = row.dump();
    }
    std::uint64_t leaked_ = 0;
};

class CountsWrong final : public Mutant {
    using Mutant::Mutant;
    void tell(Event& event) override {
        if (event.kind != Event::Kind::listed || event.subject != "queues") return;
        auto row = nlohmann::json::parse(event.detail);
        // As if a message that came back were counted twice.
        if (row["messages_unacknowledged"] == 2) row["messages_unacknowledged"] = 3;
        event.detail = row.dump();
    }
};

using Make = std::unique_ptr<Machine> (*)(const BrokerConfig&, Seed);

// As every driver has a broker: behind a fault plan.
template <class M>
std::unique_ptr<Machine> make(const BrokerConfig& config, Seed seed) {
    return std::make_unique<fault::Interceptor>(std::make_unique<M>(config, seed), fault::FaultPlan(seed));
}

struct Case {
    const char* name;
    Make make;
    std::vector<std::string> invariants;  // one of which finds it
};

class Mutants : public testing::TestWithParam<Case> {};

TEST_P(Mutants, are_found_within_200_seeds) {
    Workload workload;
    workload.length = std::chrono::seconds(30);
    std::string others = "none";
    for (Seed seed = 1; seed <= 200; ++seed) {
        const auto outcome = run(draw(workload, seed), {.machine = GetParam().make});
        if (!outcome.finding) continue;
        // A mistake may show in other ways, too; what it is really about has to be among them.
        others = to_string(*outcome.finding);
        if (std::ranges::find(GetParam().invariants, outcome.finding->invariant) == GetParam().invariants.end())
            continue;
        RecordProperty("seeds", static_cast<int>(seed));
        return;
    }
    FAIL() << "not found; the last other finding: " << others;
}

INSTANTIATE_TEST_SUITE_P(
    Explore,
    Mutants,
    testing::Values(
        Case{"LosesOneInThousand", make<LosesOneInThousand>, {"confirmed-not-lost", "counters"}},
        Case{"TakesPersistentForTransient", make<TakesPersistentForTransient>, {"confirmed-not-lost", "counters"}},
        Case{"IgnoresPrefetch", make<IgnoresPrefetch>, {"prefetch"}},
        Case{"LetsTwoBeExclusive", make<LetsTwoBeExclusive>, {"exclusive"}},
        Case{"LetsTwoBeActive", make<LetsTwoBeActive>, {"single-active"}},
        Case{"AcknowledgesTooFew", make<AcknowledgesTooFew>, {"counters", "all-drains"}},
        Case{
            "ForgetsAcknowledgements",
            make<ForgetsAcknowledgements>,
            {"counters", "all-drains", "settled-stays-settled"}
        },
        Case{"TakesBackWhatWasAcknowledged", make<TakesBackWhatWasAcknowledged>, {"settled-stays-settled", "counters"}},
        Case{"DropsWhatIsToBeRequeued", make<DropsWhatIsToBeRequeued>, {"confirmed-not-lost", "counters"}},
        Case{"ForgetsToRequeueOnCut", make<ForgetsToRequeueOnCut>, {"confirmed-not-lost", "counters"}},
        Case{"StopsDeliveringToSome", make<StopsDeliveringToSome>, {"all-drains"}},
        Case{"ConfirmsBeforeDisk", make<ConfirmsBeforeDisk>, {"confirmed-not-lost", "counters"}},
        Case{"ForgetsRedelivered", make<ForgetsRedelivered>, {"duplicates-flagged"}},
        Case{"SwapsTwoDeliveries", make<SwapsTwoDeliveries>, {"order"}},
        Case{"ChangesABody", make<ChangesABody>, {"from-somewhere"}},
        Case{"DeliversTwiceWithoutAcknowledgement", make<DeliversTwiceWithoutAcknowledgement>, {"at-most-once"}},
        Case{"ForgetsToConfirm", make<ForgetsToConfirm>, {"publishes-answered"}},
        Case{"ConfirmsTwice", make<ConfirmsTwice>, {"publishes-answered"}},
        Case{"CommitsWhatIsRolledBack", make<CommitsWhatIsRolledBack>, {"from-somewhere"}},
        Case{"LeaksMemory", make<LeaksMemory>, {"memory"}},
        Case{"CountsWrong", make<CountsWrong>, {"counters"}}
    ),
    [](const auto& instance) { return instance.param.name; }
);

// As it stands in front of them all, it changes nothing.
TEST(Mutant, without_a_mistake_is_the_broker) {
    for (Seed seed = 1; seed <= 5; ++seed) {
        const auto plan = draw({}, seed);
        EXPECT_EQ(run(plan, {.machine = make<Mutant>}), run(plan));
    }
}

}  // namespace
}  // namespace simbroker::explore
