// What must hold of a broker whatever happens to it. Each invariant is a file in invariant/, says which clause it is
// from, and watches the ledger; the first that does not hold ends a run.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simbroker/explore/ledger.hpp"

namespace simbroker::explore {

// One broken invariant.
struct Finding {
    std::string invariant;
    std::string clause;
    Instant at{};
    std::string text;

    friend bool operator==(const Finding&, const Finding&) = default;
};

std::string to_string(const Finding&);  // "order (4.7): at 12.345 s: ..."

// How things stand when the storm is over.
struct Census {
    std::vector<QueueRow> queues{};                 // before the clients left
    std::map<std::string, std::uint64_t> found{};   // messages that somebody took out of them after that, to the last
    std::vector<std::uint32_t> absent{};            // clients that could not come back
    std::optional<std::uint64_t> message_octets{};  // that the broker says it holds, all queues being empty
};

class Invariant : public Watcher {
public:
    Invariant(std::string_view name, std::string_view clause, std::optional<Finding>& first)
        : name_(name), clause_(clause), first_(first) {}

    std::string_view name() const { return name_; }
    std::string_view clause() const { return clause_; }

    virtual void calm(const Ledger&, const Census&) {}  // the calm phase is over, all clients are still there
    virtual void end(const Ledger&, const Census&) {}   // they are gone, and all queues were emptied

protected:
    void broken(const Ledger& ledger, std::string text) {
        if (!first_) first_ = Finding{std::string(name_), std::string(clause_), ledger.now(), std::move(text)};
    }

private:
    std::string_view name_;
    std::string_view clause_;
    std::optional<Finding>& first_;
};

using InvariantPtr = std::unique_ptr<Invariant>;

// The files of invariant/. What is broken first goes to `first`.
InvariantPtr confirmed_not_lost(std::optional<Finding>& first);
InvariantPtr duplicates_flagged(std::optional<Finding>& first);
InvariantPtr settled_stays_settled(std::optional<Finding>& first);
InvariantPtr order_kept(std::optional<Finding>& first);
InvariantPtr from_somewhere(std::optional<Finding>& first);
InvariantPtr at_most_once(std::optional<Finding>& first);
InvariantPtr prefetch_kept(std::optional<Finding>& first);
InvariantPtr exclusive_alone(std::optional<Finding>& first);
InvariantPtr single_active(std::optional<Finding>& first);
InvariantPtr publishes_answered(std::optional<Finding>& first);
InvariantPtr counters_true(std::optional<Finding>& first);
InvariantPtr memory_returned(std::optional<Finding>& first);
InvariantPtr all_drains(std::optional<Finding>& first);

std::vector<InvariantPtr> all_invariants(std::optional<Finding>& first);

}  // namespace simbroker::explore
