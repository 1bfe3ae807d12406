#include "codec/amqp091/codec.hpp"

#include <algorithm>
#include <array>

#include "codec/amqp091/field_codec.hpp"

namespace codec::amqp091 {
namespace {

using wire::Reader;
using wire::Writer;

// 4.2.5.2: consecutive bits share an octet, the first one in its lowest bit; nine need a second octet.
class BitReader {
public:
    bool next(Reader& reader) {
        if (used_ == 8) {
            octet_ = reader.u8("an octet of bits");
            used_ = 0;
        }
        return (octet_ >> used_++) & 1;
    }
    void end_run() { used_ = 8; }

private:
    std::uint8_t octet_ = 0;
    int used_ = 8;
};

class BitWriter {
public:
    void next(Writer& writer, bool bit) {
        if (used_ == 8) end_run(writer);
        octet_ = static_cast<std::uint8_t>(octet_ | (bit ? 1 << used_ : 0));
        ++used_;
    }
    void end_run(Writer& writer) {
        if (used_ > 0) writer.u8(octet_);
        octet_ = 0;
        used_ = 0;
    }

private:
    std::uint8_t octet_ = 0;
    int used_ = 0;
};

template <class M>
Method decode_fields(Reader& reader, Dialect dialect) {
    M method{};
    BitReader bits;
    const auto one = [&]<class F>(const F& row) {
        using T = typename F::type;
        if constexpr (std::is_same_v<T, Bit>) {
            const bool bit = bits.next(reader);
            if constexpr (!is_reserved<F>) method.*row.member = bit;
        } else {
            bits.end_run();
            const T value = read_field<T>(reader, dialect);
            if constexpr (!is_reserved<F>) method.*row.member = value;
        }
    };
    std::apply([&](const auto&... rows) { (one(rows), ...); }, M::fields);
    return method;
}

template <class M>
void encode_fields(const M& method, Writer& writer) {
    BitWriter bits;
    const auto one = [&]<class F>(const F& row) {
        using T = typename F::type;
        T value{};
        if constexpr (!is_reserved<F>) value = method.*row.member;
        if constexpr (std::is_same_v<T, Bit>) {
            bits.next(writer, value);
        } else {
            bits.end_run(writer);
            write_field(writer, value);
        }
    };
    std::apply([&](const auto&... rows) { (one(rows), ...); }, M::fields);
    bits.end_run(writer);
}

template <class M>
constexpr auto make_field_rows() {
    return std::apply(
        [](const auto&... rows) {
            return std::array<FieldRow, sizeof...(rows)>{
                FieldRow{rows.name, domain_of<typename std::decay_t<decltype(rows)>::type>(),
                         is_reserved<std::decay_t<decltype(rows)>>}...
            };
        },
        M::fields
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

using DecodeFields = Method (*)(Reader&, Dialect);

template <std::size_t... I>
constexpr std::array<DecodeFields, method_count> make_decoders(std::index_sequence<I...>) {
    return {&decode_fields<std::variant_alternative_t<I, Method>>...};
}

constexpr auto decoders = make_decoders(std::make_index_sequence<method_count>{});

// class-id and method-id to index + 1 in one look; all ids of the table are below 128.
constexpr std::size_t id_space = 128;
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
    if (!index) return std::unexpected(DecodeError{DecodeError::Kind::unknown_method, 0, "a known class-id and method-id"});
    auto method = decoders[*index](reader, dialect);
    if (!reader.error() && reader.remaining() > 0) reader.fail(DecodeError::Kind::trailing, "the end of the method");
    if (reader.error()) return std::unexpected(*reader.error());
    return method;
}

void encode(const Method& method, Bytes& out) {
    std::visit(
        [&]<class M>(const M& m) {
            Writer writer(out);
            writer.u16(M::id.class_id);
            writer.u16(M::id.method_id);
            encode_fields(m, writer);
        },
        method
    );
}

void append_method(Bytes& out, ChannelNumber channel, const Method& method) {
    const auto begun = begin_frame(out, frame_type::method, channel);
    encode(method, out);
    end_frame(out, begun);
}

void append_content(
    Bytes& out, ChannelNumber channel, BytesView property_octets, BytesView body, std::size_t frame_max
) {
    const auto begun = begin_frame(out, frame_type::header, channel);
    encode(ContentHeader{.body_size = body.size(), .property_octets = property_octets}, out);
    end_frame(out, begun);
    append_body_frames(out, channel, body, frame_max);
}

MethodId id_of(const Method& method) { return rows[method.index()].id; }
std::string_view name_of(const Method& method) { return rows[method.index()].name; }
Peer sender_of(const Method& method) { return rows[method.index()].sender; }
bool carries_content(const Method& method) { return rows[method.index()].carries == Carries::content; }

std::string to_string(const Method& method) {
    std::string out(name_of(method));
    out += '(';
    std::visit(
        [&]<class M>(const M& m) {
            const auto one = [&]<class F>(const F& row) {
                if constexpr (!is_reserved<F>) {
                    if (out.back() != '(') out += ", ";
                    out += fmt::format("{}={}", row.name, show_field(m.*row.member));
                }
            };
            std::apply([&](const auto&... fields) { (one(fields), ...); }, M::fields);
        },
        method
    );
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
