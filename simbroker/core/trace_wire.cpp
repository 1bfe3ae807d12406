// A change is its number among the alternatives, and then what it holds. Numbers are for ever: old files hold them.
#include "simbroker/core/trace_wire.hpp"

#include <utility>

namespace simbroker::traced {

namespace {

struct ChangeWriter {
    Record& record;

    void duration(Duration duration) { record.number(static_cast<std::uint64_t>(duration.count())); }

    void operator()(const wire::Bend& bend) {
        const auto& [latency, jitter, rate, segmentation, coalesce, tls_record, gap] = bend.link;
        duration(latency);
        duration(jitter);
        record.number(rate).number(static_cast<std::uint64_t>(segmentation.kind)).number(segmentation.size);
        duration(coalesce);
        record.number(tls_record);
        duration(gap);
        record.number(bend.parts);
    }
    void operator()(const wire::Unbend& unbend) { record.number(unbend.parts); }
    void operator()(const wire::Corrupt& corrupt) { record.number(corrupt.offset).number(corrupt.mask); }
    void operator()(const wire::End& end) { record.number(static_cast<std::uint64_t>(end.how)); }
    void operator()(const door::Delay& delay) { duration(delay.by); }
    void operator()(const door::ShowCertificate& show) { record.text(show.name); }
    void operator()(const door::Move& move) { record.number(move.port); }
    template <class Nothing>
    void operator()(const Nothing&) {}
};

Duration read_duration(Source& source) {
    return Duration(static_cast<Duration::rep>(source.number_up_to(INT64_MAX, "duration")));
}

// The alternative with this number, holding nothing yet.
template <class Change, std::size_t... indices>
Change change_number(std::size_t number, std::index_sequence<indices...>) {
    Change change;
    ((number == indices ? static_cast<void>(change.template emplace<indices>()) : void()), ...);
    return change;
}

struct ChangeReader {
    Source& source;

    LinkParts read_parts() const {
        return static_cast<LinkParts>(source.number_up_to(link_part::all, "parts of a link"));
    }

    void operator()(wire::Bend& bend) {
        auto& link = bend.link;
        link.latency = read_duration(source);
        link.jitter = read_duration(source);
        link.octets_per_second = source.number("octets a second");
        link.segmentation.kind = static_cast<Segmentation::Kind>(source.number_up_to(3, "kind of segmentation"));
        link.segmentation.size = source.number("size of a piece");
        link.coalesce = read_duration(source);
        link.tls_record = source.number("size of a TLS record");
        link.gap = std::chrono::duration_cast<std::chrono::microseconds>(read_duration(source));
        bend.parts = read_parts();
    }
    void operator()(wire::Unbend& unbend) { unbend.parts = read_parts(); }
    void operator()(wire::Corrupt& corrupt) {
        corrupt.offset = source.number("offset of an octet");
        corrupt.mask = static_cast<std::uint8_t>(source.number_up_to(UINT8_MAX, "mask of an octet"));
    }
    void operator()(wire::End& end) {
        end.how = static_cast<wire::End::How>(source.number_up_to(1, "end of a connection"));
    }
    void operator()(door::Delay& delay) { delay.by = read_duration(source); }
    void operator()(door::ShowCertificate& show) { show.name = source.text("name of a certificate"); }
    void operator()(door::Move& move) {
        move.port = static_cast<std::uint16_t>(source.number_up_to(UINT16_MAX, "port"));
    }
    template <class Nothing>
    void operator()(Nothing&) {}
};

template <class Change>
Change read_change(Source& source) {
    constexpr auto count = std::variant_size_v<Change>;
    auto change = change_number<Change>(source.number_up_to(count - 1, "change"), std::make_index_sequence<count>());
    std::visit(ChangeReader{source}, change);
    return change;
}

}  // namespace

void write(Record& record, const Wire& wire) {
    record.connection(wire.connection).number(static_cast<std::uint64_t>(wire.toward)).number(wire.change.index());
    std::visit(ChangeWriter{record}, wire.change);
}

void write(Record& record, const Door& door) {
    record.number(door.change.index());
    std::visit(ChangeWriter{record}, door.change);
}

Wire read_wire(Source& source) {
    const auto connection = source.connection();
    const auto toward = static_cast<Toward>(source.number_up_to(1, "direction"));
    return {connection, toward, read_change<wire::Change>(source)};
}

Door read_door(Source& source) { return {read_change<door::Change>(source)}; }

}  // namespace simbroker::traced
