#include "conformance/step/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace conformance::step {

using codec::wire::Bytes;
using codec::wire::BytesView;
using nlohmann::json;
using simbroker::fault::Unit;

namespace {

// Of the same length, so that what held it can still be decoded.
template <class Octets>
void replace_all(Octets& octets, std::string_view secret) {
    if (secret.empty()) return;
    for (auto from = octets.begin();;) {
        const auto found = std::search(from, octets.end(), secret.begin(), secret.end());
        if (found == octets.end()) return;
        from = found + static_cast<std::ptrdiff_t>(secret.size());
        std::fill(found, from, typename Octets::value_type{'*'});
    }
}

std::size_t longest_kept(const Unit& unit) {
    const bool decoded = unit.kind == Unit::Kind::frame && (unit.type() == codec::amqp091::frame_type::method ||
                                                            unit.type() == codec::amqp091::frame_type::header);
    return decoded ? Timeline::longest_frame_kept : Timeline::longest_body_kept;
}

}  // namespace

void Timeline::begin_phase(Instant now, std::string name) { push(now, PhaseBegun{std::move(name)}); }

void Timeline::begin_step(Instant now, const catalogue::Step& step) {
    StepRun run{
        .number = ++steps_,
        .outer = at_work_.empty() ? 0 : at_work_.back(),
        .at = step.at,
        .verb = step.verb,
        .argument = without_secret(step.argument),
        .modifiers = without_secret(step.modifiers),
    };
    push(now, std::move(run));
    at_work_.push_back(steps_);
}

void Timeline::end_step(Instant now, const Outcome& outcome) {
    const auto number = at_work_.back();
    at_work_.pop_back();
    auto* run = find_last<StepRun>([&](const StepRun& each) { return each.number == number; });
    if (run == nullptr) return;  // left out
    run->ended = now;
    if (!outcome) run->trouble = outcome.error();
}

void Timeline::add(Instant now, Event event) {
    event.value = without_secret(std::move(event.value));
    push(now, std::move(event));
}

void Timeline::hear(Instant now, const std::string& line, Speaker from, BytesView octets) {
    auto& direction = lines_[line][static_cast<std::size_t>(from)];
    direction.rest.insert(direction.rest.end(), octets.begin(), octets.end());
    std::ptrdiff_t framed = 0;
    for (auto& unit : direction.stream.feed(octets)) {
        const auto size = unit.octets.size();
        framed += static_cast<std::ptrdiff_t>(size);
        unit.octets.resize(std::min(size, longest_kept(unit)));
        replace_all(unit.octets, secret_);
        push(now, Said{line, from, direction.said++, std::move(unit), size, 0});
    }
    direction.rest.erase(direction.rest.begin(), direction.rest.begin() + framed);
}

void Timeline::take(const std::string& line, Speaker from, std::size_t nth) {
    auto* said =
        find_last<Said>([&](const Said& each) { return each.line == line && each.from == from && each.nth == nth; });
    if (said != nullptr && !at_work_.empty()) said->taken_by = at_work_.back();
}

void Timeline::finish(Instant now) {
    for (const auto& [line, directions] : lines_) {
        for (const auto& direction : directions) {
            if (direction.rest.empty()) continue;
            auto kept = direction.rest;
            kept.resize(std::min(kept.size(), longest_body_kept));
            replace_all(kept, secret_);
            const bool by_client = &direction == &directions[static_cast<std::size_t>(Speaker::client)];
            add(now,
                {.kind = Event::Kind::no_frame,
                 .line = line,
                 .text = by_client ? "client" : "broker",
                 .value = {{"size", direction.rest.size()}, {"octets", fmt::format("{:02x}", fmt::join(kept, ""))}}});
        }
    }
}

void Timeline::push(Instant now, std::variant<PhaseBegun, StepRun, Said, Event> what) {
    if (!began_) began_ = now;
    Entry entry{now, at_work_.empty() ? 0 : at_work_.back(), std::move(what)};
    if (beginning_.size() < most_kept_of_beginning) {
        beginning_.push_back(std::move(entry));
        return;
    }
    end_.push_back(std::move(entry));
    if (end_.size() <= most_kept_of_end) return;
    end_.pop_front();
    ++left_out_;
}

template <class What, class Predicate>
What* Timeline::find_last(Predicate matches) {
    const auto among = [&](auto& entries) -> What* {
        for (auto& entry : entries | std::views::reverse) {
            auto* what = std::get_if<What>(&entry.what);
            if (what != nullptr && matches(*what)) return what;
        }
        return nullptr;
    };
    auto* found = among(end_);
    return found != nullptr ? found : among(beginning_);
}

json Timeline::without_secret(json value) const {
    if (secret_.empty()) return value;
    if (value.is_string()) replace_all(value.get_ref<std::string&>(), secret_);
    if (value.is_structured()) {
        for (auto& part : value) part = without_secret(std::move(part));
    }
    return value;
}

}  // namespace conformance::step
