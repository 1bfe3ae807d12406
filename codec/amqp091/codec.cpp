#include "codec/amqp091/codec.hpp"

#include <algorithm>
#include <array>

#include "codec/amqp091/field_codec.hpp"

namespace codec::amqp091 {
namespace {

using wire::Reader;

using Decoded = std::expected<Method, DecodeError>;

// The fields are gathered in `method`, which stays in registers, and stored once. A default-made result would be filled
// with zeros first, and a result that is copied afterwards costs as much as all the rest.
template <class M>
Decoded decode_fields(BytesView payload, Dialect dialect) {
    Reader reader(payload.subspan(sizeof(MethodId)), sizeof(MethodId));
    M method;
    BitReader bits;
    for_each_in(M::fields, [&]<class F> [[gnu::always_inline]] (const F& row) {
        using T = typename F::type;
        if constexpr (std::is_same_v<T, Bit>) {
            const bool bit = bits.next(reader);
            if constexpr (!is_reserved<F>) method.*row.member = bit;
        } else {
            bits.end_run();
            const T value = read_field<T>(reader, dialect);
            if constexpr (!is_reserved<F>) method.*row.member = value;
        }
    });
    if (reader.remaining() > 0) [[unlikely]]
        reader.fail(DecodeError::Kind::trailing, "the end of the method");
    if (reader.error()) [[unlikely]]
        return Decoded(std::unexpect, *reader.error());
    return Decoded(std::in_place, std::in_place_type<M>, method);
}

// Calls value(v) for each field that is no bit and bits(octet) for each run of bits, in wire order.
template <class M>
[[gnu::always_inline]] inline void for_each_written(const M& method, auto&& value, auto&& bits) {
    BitCollector run;
    const auto one = [&]<class F> [[gnu::always_inline]] (const F& row) {
        using T = typename F::type;
        T field{};
        if constexpr (!is_reserved<F>) field = method.*row.member;
        if constexpr (std::is_same_v<T, Bit>) {
            run.next(field, bits);
        } else {
            run.end_run(bits);
            value(field);
        }
    };
    for_each_in(M::fields, one);
    run.end_run(bits);
}

template <class M>
[[gnu::always_inline]] inline std::size_t payload_size(const M& method) {
    std::size_t size = sizeof(MethodId);
    for_each_written(
        method,
        [&] [[gnu::always_inline]] (const auto& value) { size += field_size(value); },
        [&] [[gnu::always_inline]] (Octet) { ++size; }
    );
    return size;
}

template <class M>
[[gnu::always_inline]] inline Byte* put_payload(Byte* at, const M& method) {
    at = wire::put(wire::put(at, M::id.class_id), M::id.method_id);
    for_each_written(
        method,
        [&] [[gnu::always_inline]] (const auto& value) { at = put_field(at, value); },
        [&] [[gnu::always_inline]] (Octet octet) { at = wire::put(at, octet); }
    );
    return at;
}

// A method frame, and room for `further` octets behind it: returns where they begin.
template <class M>
[[gnu::always_inline]] inline Byte* append_method_frame(
    Bytes& out, ChannelNumber channel, const M& method, std::size_t further
) {
    const auto size = payload_size(method);
    auto* at = wire::append_room(out, size + frame_overhead + further);
    at = put_frame_header(at, frame_type::method, channel, size);
    return wire::put(put_payload(at, method), frame_end);
}

Byte* append_method_frame(Bytes& out, ChannelNumber channel, const Method& method, std::size_t further) {
    return std::visit([&](const auto& m) { return append_method_frame(out, channel, m, further); }, method);
}

// The two things a header frame can be made from.
struct Measured {
    const BasicProperties& properties;
    EncodedProperties measured = measure(properties);

    std::size_t size() const { return measured.size; }
    Byte* put(Byte* at) const { return put_properties(at, properties, measured.flags); }
};

struct Encoded {
    BytesView octets;

    std::size_t size() const { return octets.size(); }
    Byte* put(Byte* at) const { return wire::put_bytes(at, octets); }
};

Measured ready(const BasicProperties& properties) { return {properties}; }
Encoded ready(BytesView octets) { return {octets}; }

std::size_t header_frame_size(const auto& properties) {
    return frame_overhead + content_header_size + properties.size();
}

Byte* put_header_frame(Byte* at, ChannelNumber channel, const auto& properties, std::size_t body_size) {
    at = put_frame_header(at, frame_type::header, channel, content_header_size + properties.size());
    at = put_content_header(at, {.body_size = body_size});
    return wire::put(properties.put(at), frame_end);
}

// Up to here a body is copied into room made for everything at once; a larger one is appended by itself, for room is
// filled with zeros first.
constexpr std::size_t small_body = 512;

template <class F>
constexpr FieldRow field_row(const F& field) {
    return {field.name, domain_of<typename F::type>(), is_reserved<F>};
}

template <class M>
constexpr auto make_field_rows() {
    return std::apply(
        [](const auto&... fields) { return std::array<FieldRow, sizeof...(fields)>{field_row(fields)...}; }, M::fields
    );
}

template <class M>
constexpr auto field_rows_of = make_field_rows<M>();

template <class M>
constexpr Carries carries_of = requires { M::carries; } ? Carries::content : Carries::nothing;

template <std::size_t... I>
constexpr auto make_method_rows(std::index_sequence<I...>) {
    return std::array{MethodRow{
        std::variant_alternative_t<I, Method>::name,
        std::variant_alternative_t<I, Method>::id,
        std::variant_alternative_t<I, Method>::sender,
        carries_of<std::variant_alternative_t<I, Method>>,
        field_rows_of<std::variant_alternative_t<I, Method>>,
    }...};
}

constexpr std::size_t method_count = std::variant_size_v<Method>;
constexpr auto rows = make_method_rows(std::make_index_sequence<method_count>{});

using DecodeFields = Decoded (*)(BytesView, Dialect);

template <std::size_t... I>
constexpr std::array<DecodeFields, method_count> make_decoders(std::index_sequence<I...>) {
    return {&decode_fields<std::variant_alternative_t<I, Method>>...};
}

constexpr auto decoders = make_decoders(std::make_index_sequence<method_count>{});

// class-id and method-id to index + 1 in one look; all ids of the table are below 256.
constexpr std::size_t id_space = 256;
constexpr auto make_index() {
    std::array<std::array<std::uint8_t, id_space>, id_space> index{};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        index.at(rows[i].id.class_id).at(rows[i].id.method_id) = static_cast<std::uint8_t>(i + 1);
    }
    return index;
}
constexpr auto index_by_id = make_index();

std::optional<std::size_t> index_of(MethodId id) {
    if (id.class_id >= id_space || id.method_id >= id_space) return std::nullopt;
    const auto found = index_by_id[id.class_id][id.method_id];
    if (found == 0) return std::nullopt;
    return found - 1u;
}

}  // namespace

std::optional<MethodId> peek_method_id(BytesView payload) {
    Reader reader(payload);
    const MethodId id{reader.u16(), reader.u16()};
    if (reader.error()) return std::nullopt;
    return id;
}

std::expected<Method, DecodeError> decode_method(BytesView payload, Dialect dialect) {
    Reader reader(payload);
    const MethodId id{reader.u16("a class-id"), reader.u16("a method-id")};
    if (reader.error()) return std::unexpected(*reader.error());
    const auto index = index_of(id);
    if (!index)
        return std::unexpected(DecodeError{DecodeError::Kind::unknown_method, 0, "a known class-id and method-id"});
    return decoders[*index](payload, dialect);
}

void encode(const Method& method, Bytes& out) {
    std::visit([&](const auto& m) { put_payload(wire::append_room(out, payload_size(m)), m); }, method);
}

void append_method(Bytes& out, ChannelNumber channel, const Method& method) {
    append_method_frame(out, channel, method, 0);
}

void append_content(
    Bytes& out, ChannelNumber channel, BytesView property_octets, BytesView body, std::size_t frame_max
) {
    const Encoded properties{property_octets};
    put_header_frame(wire::append_room(out, header_frame_size(properties)), channel, properties, body.size());
    append_body_frames(out, channel, body, frame_max);
}

template <class M, class Properties>
void append_message(
    Bytes& out, ChannelNumber channel, const M& method, const Properties& given, BytesView body, std::size_t frame_max
) {
    const auto properties = ready(given);
    const bool in_one = !body.empty() && body.size() <= small_body && (frame_max == 0 || frame_max > small_body * 2);
    const auto further = header_frame_size(properties) + (in_one ? body.size() + frame_overhead : 0);
    auto* at = append_method_frame(out, channel, method, further);
    at = put_header_frame(at, channel, properties, body.size());
    if (!in_one) return append_body_frames(out, channel, body, frame_max);
    at = put_frame_header(at, frame_type::body, channel, body.size());
    wire::put(wire::put_bytes(at, body), frame_end);
}

template void append_message(Bytes&, ChannelNumber, const Method&, const BytesView&, BytesView, std::size_t);
template void append_message(Bytes&, ChannelNumber, const Method&, const BasicProperties&, BytesView, std::size_t);
template void append_message(Bytes&, ChannelNumber, const basic::Publish&, const BytesView&, BytesView, std::size_t);
template void append_message(
    Bytes&, ChannelNumber, const basic::Publish&, const BasicProperties&, BytesView, std::size_t
);
template void append_message(Bytes&, ChannelNumber, const basic::Return&, const BytesView&, BytesView, std::size_t);
template void append_message(
    Bytes&, ChannelNumber, const basic::Return&, const BasicProperties&, BytesView, std::size_t
);
template void append_message(Bytes&, ChannelNumber, const basic::Deliver&, const BytesView&, BytesView, std::size_t);
template void append_message(
    Bytes&, ChannelNumber, const basic::Deliver&, const BasicProperties&, BytesView, std::size_t
);
template void append_message(Bytes&, ChannelNumber, const basic::GetOk&, const BytesView&, BytesView, std::size_t);
template void append_message(
    Bytes&, ChannelNumber, const basic::GetOk&, const BasicProperties&, BytesView, std::size_t
);

MethodId id_of(const Method& method) { return rows[method.index()].id; }
std::string_view name_of(const Method& method) { return rows[method.index()].name; }
Peer sender_of(const Method& method) { return rows[method.index()].sender; }
bool carries_content(const Method& method) { return rows[method.index()].carries == Carries::content; }

void for_each_field(const Method& method, const FieldVisitor& visitor) {
    std::visit(
        [&]<class M>(const M& m) {
            std::size_t position = 0;
            const auto one = [&]<class F>(const F& field) {
                const auto& row = field_rows_of<M>[position++];
                if constexpr (!is_reserved<F>) visitor(row, FieldContent(m.*field.member));
            };
            for_each_in(M::fields, one);
        },
        method
    );
}

std::string to_string(const Method& method) {
    std::string out(name_of(method));
    out += '(';
    for_each_field(method, [&](const FieldRow& row, const FieldContent& content) {
        if (out.back() != '(') out += ", ";
        out += fmt::format("{}={}", row.name, show_field(content));
    });
    return out + ')';
}

std::string_view to_string(Domain domain) {
    switch (domain) {
        case Domain::octet: return "octet";
        case Domain::short_: return "short";
        case Domain::long_: return "long";
        case Domain::longlong: return "longlong";
        case Domain::shortstr: return "shortstr";
        case Domain::longstr: return "longstr";
        case Domain::table: return "table";
        case Domain::bit: return "bit";
        case Domain::timestamp: return "timestamp";
    }
    return "";
}

std::span<const MethodRow> method_rows() { return rows; }

const MethodRow* find_method(std::string_view name) {
    const auto found = std::ranges::find(rows, name, &MethodRow::name);
    return found == rows.end() ? nullptr : &*found;
}

const MethodRow* find_method(MethodId id) {
    const auto index = index_of(id);
    return index ? &rows[*index] : nullptr;
}

}  // namespace codec::amqp091
