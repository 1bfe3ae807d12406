// Reads two stories side by side.
#include "simbroker/trace/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "codec/wire/hex.hpp"
#include "simbroker/trace/show.hpp"
#include "simbroker/trace/story.hpp"

namespace simbroker::trace {

namespace {

constexpr std::size_t lines_before = 8;
constexpr std::size_t lines_after = 3;

// One of the two: its next moment, or where it ends.
class Side {
public:
    Side(Story story, Times times) : story_(std::move(story)), times_(times) {}

    const TraceHeader& header() const { return story_.header(); }
    const std::optional<Moment>& moment() const { return moment_; }
    const std::string& end() const { return end_; }

    std::expected<void, TraceError> advance() {
        do {
            auto next = story_.next();
            moment_.reset();
            if (next) {
                moment_ = std::move(*next);
                end_ = "the end of the trace";
            } else if (next.error().kind == TraceError::Kind::malformed) {
                return std::unexpected(next.error());
            } else {
                end_ = to_string(next.error());
            }
        } while (moment_ && times_ == Times::ignored && moment_->kind == Moment::Kind::deadline);
        if (moment_ && moment_->kind == Moment::Kind::connected) learn_peer();
        return {};
    }

    // What is compared: the moment without what differs in every run.
    std::optional<Moment> essence() const {
        auto essence = moment_;
        if (!essence) return essence;
        essence->input = 0;
        if (times_ == Times::ignored) essence->at = Instant{};
        const auto peer = peers_.find(essence->connection);
        if (peer == peers_.end()) return essence;
        const auto found = essence->text.find(peer->second);
        if (found != std::string::npos) essence->text.replace(found, peer->second.size(), "its client");
        return essence;
    }

    // What it tells from here on, drawn.
    std::string rest(Drawing drawing, char sign) {
        std::string text;
        for (std::size_t line = 0; line < lines_after; ++line) {
            text += fmt::format("{} {}\n", sign, moment_ ? drawing.line(*moment_) : end_);
            if (!moment_ || !advance()) break;
        }
        return text;
    }

private:
    // "connected from 127.0.0.1:40312", "connected over TLS from ...".
    void learn_peer() {
        constexpr std::string_view from = " from ";
        const auto found = moment_->text.find(from);
        if (found != std::string::npos) peers_[moment_->connection] = moment_->text.substr(found + from.size());
    }

    Story story_;
    Times times_;
    std::map<ConnectionId, std::string> peers_;
    std::optional<Moment> moment_;
    std::string end_;
};

// Every setting that is not the same, "/profile/name: ...".
std::string header_difference(const TraceHeader& first, const TraceHeader& second) {
    std::string text;
    if (first.seed != second.seed) text += fmt::format("- seed {}\n+ seed {}\n", first.seed, second.seed);
    const auto a = nlohmann::json::parse(to_json(first.config)).flatten();
    const auto b = nlohmann::json::parse(to_json(second.config)).flatten();
    auto names = a;
    names.update(b);
    for (const auto& [name, value] : names.items()) {
        const auto one = a.contains(name) ? a[name].dump() : "(absent)";
        const auto other = b.contains(name) ? b[name].dump() : "(absent)";
        if (one != other) text += fmt::format("- {} {}\n+ {} {}\n", name, one, name, other);
    }
    return text;
}

// For frames that read the same in words, or are long: the first octet that differs.
std::string octets_difference(const Moment& first, const Moment& second) {
    if (first.octets == second.octets || first.octets.empty() || second.octets.empty()) return {};
    const auto [a, b] = std::ranges::mismatch(first.octets, second.octets);
    const auto offset = static_cast<std::size_t>(a - first.octets.begin());
    const auto hex = [&](const codec::wire::Bytes& octets) {
        const auto rest = codec::wire::BytesView(octets).subspan(offset);
        return rest.empty() ? std::string("(ends)")
                            : codec::wire::to_hex(rest.first(std::min<std::size_t>(rest.size(), 16)));
    };
    return fmt::format("octet {} of the frame: {} and {}\n", offset, hex(first.octets), hex(second.octets));
}

Same tell_difference(
    Side& a, Side& b, const Drawing& drawing, const std::deque<std::string>& before, std::ostream& to
) {
    const auto at = a.moment() ? a.moment() : b.moment();
    to << fmt::format("different from input {} on:\n", at->input);
    for (const auto& line : before) to << "  " << line << "\n";
    const auto octets = a.moment() && b.moment() ? octets_difference(*a.moment(), *b.moment()) : "";
    to << a.rest(drawing, '-') << b.rest(drawing, '+') << octets;
    return Same::no;
}

}  // namespace

std::expected<Same, DiffError> diff(std::istream& first, std::istream& second, std::ostream& to, Times times) {
    using Which = DiffError::Which;
    auto one = Story::open(first);
    if (!one) return std::unexpected(DiffError{Which::first, one.error()});
    auto other = Story::open(second);
    if (!other) return std::unexpected(DiffError{Which::second, other.error()});
    Side a(std::move(*one), times);
    Side b(std::move(*other), times);

    const auto headers = header_difference(a.header(), b.header());
    to << headers;
    Drawing drawing;
    std::deque<std::string> before;
    for (std::uint64_t moments = 0;; ++moments) {
        if (auto done = a.advance(); !done) return std::unexpected(DiffError{Which::first, done.error()});
        if (auto done = b.advance(); !done) return std::unexpected(DiffError{Which::second, done.error()});
        if (a.essence() != b.essence()) return tell_difference(a, b, drawing, before, to);
        if (!a.moment()) {
            to << fmt::format("the same: {} moments\n", moments);
            return headers.empty() ? Same::yes : Same::no;
        }
        before.push_back(drawing.line(*a.moment()));
        if (before.size() > lines_before) before.pop_front();
    }
}

}  // namespace simbroker::trace
