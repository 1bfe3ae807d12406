#include "simbroker/core/wire.hpp"

#include <fmt/format.h>

#include <vector>

#include "simbroker/core/deadline.hpp"

namespace simbroker {

namespace {

std::string in_words(const Segmentation& segmentation) {
    switch (segmentation.kind) {
        case Segmentation::Kind::whole: return "whole writes";
        case Segmentation::Kind::every_octet: return "one octet at a time";
        case Segmentation::Kind::fixed: return fmt::format("pieces of {} octets", segmentation.size);
        case Segmentation::Kind::random: return fmt::format("pieces of 1 to {} octets", segmentation.size);
    }
    return {};
}

struct Words {
    std::string operator()(const wire::Bend& bend) const {
        const auto link = with_parts({}, bend.parts, bend.link);
        const LinkOptions usual;
        std::vector<std::string> parts;
        if (link.latency != usual.latency) parts.push_back("latency " + in_seconds(link.latency));
        if (link.jitter != usual.jitter) parts.push_back("jitter " + in_seconds(link.jitter));
        if (link.octets_per_second != 0) parts.push_back(fmt::format("{} octets a second", link.octets_per_second));
        if (link.segmentation != usual.segmentation) parts.push_back(in_words(link.segmentation));
        if (link.coalesce != usual.coalesce) parts.push_back("gathered for " + in_seconds(link.coalesce));
        if (link.tls_record != 0) parts.push_back(fmt::format("TLS records of {} octets", link.tls_record));
        if (link.gap != usual.gap) parts.push_back("real time between pieces " + in_seconds(link.gap));
        return parts.empty() ? "as usual" : fmt::format("{}", fmt::join(parts, ", "));
    }
    std::string operator()(const wire::Stall&) const { return "stalled"; }
    std::string operator()(const wire::Resume&) const { return "resumed"; }
    std::string operator()(const wire::Vanish&) const { return "octets vanish"; }
    std::string operator()(const wire::Corrupt& corrupt) const {
        return fmt::format("octet {} from here is corrupted by {:#04x}", corrupt.offset, corrupt.mask);
    }
    std::string operator()(const wire::End& end) const {
        return end.how == wire::End::How::fin ? "ends (FIN)" : "is reset (RST)";
    }
    std::string operator()(const wire::Unbend&) const { return "as usual again"; }
    std::string operator()(const door::Open&) const { return "as usual"; }
    std::string operator()(const door::Refuse&) const { return "nobody listens"; }
    std::string operator()(const door::Delay& delay) const {
        return fmt::format("clients wait for {}", in_seconds(delay.by));
    }
    std::string operator()(const door::Silence&) const { return "clients hear nothing"; }
    std::string operator()(const door::ShowCertificate& show) const {
        return show.name.empty() ? "the usual certificate" : fmt::format("the certificate \"{}\"", show.name);
    }
    std::string operator()(const door::Move& move) const {
        return move.port == 0 ? "moves to a free port" : fmt::format("moves to port {}", move.port);
    }
};

}  // namespace

LinkOptions with_parts(LinkOptions link, LinkParts parts, const LinkOptions& other) {
    if (parts & link_part::latency) {
        link.latency = other.latency;
        link.jitter = other.jitter;
    }
    if (parts & link_part::rate) link.octets_per_second = other.octets_per_second;
    if (parts & link_part::segmentation) {
        link.segmentation = other.segmentation;
        link.gap = other.gap;
    }
    if (parts & link_part::coalesce) link.coalesce = other.coalesce;
    if (parts & link_part::tls_record) link.tls_record = other.tls_record;
    return link;
}

std::string to_string(const Wire& wire) {
    return fmt::format("the way to the {}: {}", to_string(wire.toward), std::visit(Words{}, wire.change));
}

std::string to_string(const Door& door) { return "the door: " + std::visit(Words{}, door.change); }

}  // namespace simbroker
