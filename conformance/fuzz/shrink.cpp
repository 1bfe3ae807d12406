#include "conformance/fuzz/shrink.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace conformance::fuzz {

using catalogue::Scenario;
using nlohmann::json;

namespace {

class Shrinking {
public:
    Shrinking(Scenario scenario, const GoesWrong& goes_wrong, std::size_t most_plays)
        : best_(std::move(scenario)), goes_wrong_(goes_wrong), left_(most_plays) {}

    Scenario run() {
        while (without_steps() && left_ > 0) {
        }
        for (std::size_t i = 0; i < best_.steps.size(); ++i) {
            if (auto* hex = hex_of(best_.steps[i])) shorten(i, hex->get<std::string>());
        }
        return std::move(best_);
    }

private:
    bool try_it(Scenario candidate) {
        if (left_ == 0 || candidate.steps.empty()) return false;
        --left_;
        if (!goes_wrong_(candidate)) return false;
        best_ = std::move(candidate);
        return true;
    }

    // Larger pieces first; whether any could go.
    bool without_steps() {
        bool any = false;
        for (auto size = std::max<std::size_t>(best_.steps.size() / 2, 1);; size /= 2) {
            for (std::size_t at = 0; at + size <= best_.steps.size();) {
                const auto without = without_range(at, size);
                if (without && try_it(*without)) {
                    any = true;
                } else {
                    at += size;
                }
            }
            if (size == 1) return any;
        }
    }

    // An answer is awaited only if it was asked for, and what was asked for is awaited. A connection on which nonsense
    // was said is not used again.
    std::optional<Scenario> without_range(std::size_t at, std::size_t size) const {
        auto candidate = best_;
        auto& steps = candidate.steps;
        const auto begin = steps.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = begin + static_cast<std::ptrdiff_t>(size);
        if (std::any_of(begin, end, [&](const auto& each) { return is_needed(each); })) return {};
        steps.erase(begin, end);
        std::set<json> asked;
        for (const auto& each : steps) {
            if (each.verb == "ask") asked.insert(each.modifiers.value("as", json()));
        }
        std::erase_if(steps, [&](const auto& each) { return each.verb == "await" && !asked.contains(each.argument); });
        return candidate;
    }

    // A client that is not asked to connect would be waited for in vain, and one that is given no time to hear what was
    // said goes wrong, or not, by chance.
    bool is_needed(const catalogue::Step& step) const {
        if (step.verb == "await" || step.verb == "disconnect") return true;
        if (best_.under_test == catalogue::Role::broker) return false;
        return step.verb == "expect_anything" || (step.verb == "ask" && step.argument.contains("connect"));
    }

    static json* hex_of(catalogue::Step& step) {
        if (step.verb == "send_bytes" && step.argument.contains("hex")) return &step.argument["hex"];
        if (step.verb != "fault" || !step.argument.contains("do") || !step.argument["do"].is_object()) return nullptr;
        auto& act = step.argument["do"];
        return act.contains("bytes") && act["bytes"].contains("hex") ? &act["bytes"]["hex"] : nullptr;
    }

    void shorten(std::size_t step, std::string hex) {
        for (auto octets = hex.size() / 4; octets >= 1; octets /= 2) {
            for (std::size_t at = 0; at + 2 * octets <= hex.size();) {
                auto candidate = best_;
                auto shorter = hex;
                shorter.erase(at, 2 * octets);
                *hex_of(candidate.steps[step]) = shorter;
                if (try_it(std::move(candidate))) {
                    hex = std::move(shorter);
                } else {
                    at += 2 * octets;
                }
            }
        }
    }

    Scenario best_;
    const GoesWrong& goes_wrong_;
    std::size_t left_;
};

}  // namespace

Scenario shrink(Scenario scenario, const GoesWrong& goes_wrong, std::size_t most_plays) {
    return Shrinking(std::move(scenario), goes_wrong, most_plays).run();
}

}  // namespace conformance::fuzz
