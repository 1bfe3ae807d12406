// The lines and lanes of `simbroker trace show`.
#include "simbroker/trace/show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace simbroker::trace {

namespace {

constexpr std::size_t fewest_lanes = 4;  // so that the text begins in one column as long as there are no more

char sign_of(Moment::Kind kind) {
    switch (kind) {
        case Moment::Kind::connected: return 'o';
        case Moment::Kind::to_broker: return '>';
        case Moment::Kind::to_client: return '<';
        case Moment::Kind::ended_by_client:
        case Moment::Kind::ended_by_broker: return 'x';
        case Moment::Kind::condition:
        case Moment::Kind::operation: return '!';
        case Moment::Kind::event: return '*';
        case Moment::Kind::deadline: return '.';
    }
    return ' ';
}

bool ends(const Moment& moment) {
    return moment.kind == Moment::Kind::ended_by_client || moment.kind == Moment::Kind::ended_by_broker;
}

// "1.000000002 s": every digit, for the order of things may hang on the last.
std::string time_text(Instant at) {
    const auto count = at.time_since_epoch().count();
    return fmt::format("{}.{:09}", count / 1'000'000'000, count % 1'000'000'000);
}

}  // namespace

bool Selection::wants(const Moment& moment) const {
    if (moment.at < from || moment.at > to || moment.kind == Moment::Kind::deadline) return false;
    if (connection && moment.connection.value != 0 && moment.connection != *connection) return false;
    return heartbeats == Heartbeats::shown || moment.text != "heartbeat";
}

std::size_t Drawing::lane_of(ConnectionId connection) {
    auto found = std::ranges::find(lanes_, connection);
    if (found == lanes_.end()) found = std::ranges::find(lanes_, ConnectionId{});
    if (found == lanes_.end()) found = lanes_.insert(lanes_.end(), ConnectionId{});
    *found = connection;
    return static_cast<std::size_t>(found - lanes_.begin());
}

std::string Drawing::line(const Moment& moment) {
    const bool of_one = moment.connection.value != 0;
    // An event may tell of a connection that has ended: it opens no lane for it.
    const bool has_lane =
        of_one && (moment.kind != Moment::Kind::event || std::ranges::count(lanes_, moment.connection) > 0);
    const auto own = has_lane ? std::optional(lane_of(moment.connection)) : std::nullopt;

    std::string lanes;
    for (std::size_t lane = 0; lane < std::max(lanes_.size(), fewest_lanes); ++lane) {
        const bool open = lane < lanes_.size() && lanes_[lane].value != 0;
        lanes += lane == own ? sign_of(moment.kind) : open ? '|' : ' ';
        lanes += ' ';
    }
    auto who = of_one ? fmt::format("#{}", moment.connection.value) : std::string(1, sign_of(moment.kind));
    if (moment.channel != 0) who += fmt::format(".{}", moment.channel);
    const auto* how = moment.kind == Moment::Kind::to_broker   ? "-> "
                      : moment.kind == Moment::Kind::to_client ? "<- "
                      : moment.kind == Moment::Kind::event     ? "   * "
                                                               : "";
    if (ends(moment) && own) lanes_[*own] = {};
    return fmt::format("{:>16}  {} {:<7} {}{}", time_text(moment.at), lanes, who, how, moment.text);
}

std::expected<void, TraceError> show(std::istream& trace, std::ostream& to, const Selection& selection) {
    auto story = Story::open(trace);
    if (!story) return std::unexpected(story.error());
    to << fmt::format("profile {}, seed {}\n", story->header().config.profile.name, story->header().seed);
    Drawing drawing;
    while (true) {
        auto moment = story->next();
        if (!moment && moment.error().kind == TraceError::Kind::malformed) return std::unexpected(moment.error());
        if (!moment) {
            to << to_string(moment.error()) << "\n";
            return {};
        }
        if (!*moment) return {};
        const auto line = drawing.line(**moment);
        if (selection.wants(**moment)) to << line << "\n";
    }
}

}  // namespace simbroker::trace
