// The rules in their order, with their memory: how often each has matched and fired, and whether it has begun.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simbroker/core/prng.hpp"
#include "simbroker/fault/rule.hpp"

namespace simbroker::fault {

// A rule that acts, for the `fired`th time.
struct Firing {
    std::string id;
    std::string verb{};
    Fault act;
    std::uint64_t fired = 0;
    Names names = Names::object();  // what its blanks stand for
};

// A rule that acts without a frame, and where.
struct Prompted {
    Firing firing;
    Occasion occasion;
};

struct RuleStatus {
    std::string id;
    nlohmann::json rule;  // as it was written
    std::uint64_t matched = 0;
    std::uint64_t fired = 0;
    bool spent = false;  // it cannot act again
};

class FaultPlan {
public:
    FaultPlan() = default;
    explicit FaultPlan(Seed seed) : seed_(seed) {}
    explicit FaultPlan(std::vector<Rule> rules, Seed seed = 0) : seed_(seed) {
        for (auto& rule : rules) add(std::move(rule));
    }

    // Its id; or why not: there is one with that id.
    std::expected<std::string, std::string> add(Rule rule, Instant now = {});
    bool remove(std::string_view id);
    std::vector<std::string> clear();  // the ids that were there

    // What shall happen to this frame, if anything: the first rule that fires decides, and every rule counts what it
    // matches.
    std::optional<Firing> decide(const Passage&);

    // Something happened in the broker: rules that waited for it begin.
    void learn(const Event&, Instant now);

    std::optional<Instant> next_prompt() const;
    std::vector<Prompted> take_prompted(Instant now);

    Seed seed() const { return seed_; }
    bool is_empty() const { return entries_.empty(); }
    bool asks_for_frames() const;  // whether a rule may yet act on one
    bool asks_for_queues() const;  // whether one of them wants to know about which queue it is
    std::vector<RuleStatus> list() const;

private:
    struct Prompt {
        Instant due{};
        std::optional<ConnectionId> connection{};  // of the event
        std::optional<codec::amqp091::ChannelNumber> channel{};
    };
    struct Entry {
        Rule rule;
        Prng chance;
        std::uint64_t matched = 0;
        std::uint64_t fired = 0;
        bool begun = false;             // what it waited for has happened
        std::vector<Prompt> prompts{};  // of an occasion

        const Trigger* trigger() const { return std::get_if<Trigger>(&rule.when); }
        const Occasion* occasion() const { return std::get_if<Occasion>(&rule.when); }
        bool is_spent() const;
        bool fires();
        Firing fire();
        void prompt(Instant due, const Event* event);
    };

    Seed seed_ = 0;
    std::uint64_t added_ = 0;
    std::vector<Entry> entries_;
};

}  // namespace simbroker::fault
