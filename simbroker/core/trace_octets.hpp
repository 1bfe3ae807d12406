// Numbers, texts and octets of a trace, written and read. What they are put together to is in trace.cpp.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "simbroker/core/trace.hpp"

namespace simbroker::traced {

struct Record {
    std::string octets;

    template <class Kind>
    Record& kind(Kind kind) {
        octets.push_back(static_cast<char>(kind));
        return *this;
    }
    Record& number(std::uint64_t number) {
        for (; number >= 0x80; number >>= 7) octets.push_back(static_cast<char>((number & 0x7f) | 0x80));
        octets.push_back(static_cast<char>(number));
        return *this;
    }
    Record& connection(ConnectionId connection) { return number(connection.value); }
    Record& text(std::string_view text) {
        number(text.size());
        octets += text;
        return *this;
    }
    void to(std::ostream& stream) const { stream.write(octets.data(), static_cast<std::streamsize>(octets.size())); }
};

// A cursor that remembers the first failure and gives zeros from then on, so that a parser checks once at its end.
class Source {
public:
    Source(std::istream& from, std::uint64_t offset) : from_(from), offset_(offset) {}

    std::uint64_t offset() const { return offset_; }
    const std::optional<TraceError>& error() const { return error_; }
    bool at_end() { return from_.peek() == std::istream::traits_type::eof(); }

    void fail(std::uint64_t offset, std::string expectation, TraceError::Kind kind = TraceError::Kind::malformed) {
        if (!error_) error_ = TraceError{offset, std::move(expectation), kind};
    }

    std::uint8_t octet(std::string_view what) {
        if (error_) return 0;
        const auto got = from_.get();
        if (got == std::istream::traits_type::eof()) {
            ended(what);
            return 0;
        }
        ++offset_;
        return static_cast<std::uint8_t>(got);
    }

    std::uint64_t number(std::string_view what) {
        const auto start = offset_;
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const std::uint64_t got = octet(what);
            if (shift == 63 && (got & 0x7f) > 1) break;
            value |= (got & 0x7f) << shift;
            if ((got & 0x80) == 0) return error_ ? 0 : value;
        }
        fail(start, fmt::format("{} as a number of at most 64 bits", what));
        return 0;
    }

    std::uint64_t number_up_to(std::uint64_t most, std::string_view what) {
        const auto start = offset_;
        const auto value = number(what);
        if (value > most) fail(start, fmt::format("{} of at most {}, not {}", what, most, value));
        return error_ ? 0 : value;
    }

    ConnectionId connection() {
        return ConnectionId{static_cast<std::uint32_t>(number_up_to(UINT32_MAX, "connection"))};
    }

    // As many octets as announced; memory grows with what the file really holds, not with what it claims.
    codec::wire::Bytes octets(std::string_view what) {
        constexpr std::uint64_t most_at_once = 65536;
        auto left = number("length of " + std::string(what));
        codec::wire::Bytes got;
        while (left > 0 && !error_) {
            const auto piece = static_cast<std::size_t>(std::min(left, most_at_once));
            const auto before = got.size();
            got.resize(before + piece);
            from_.read(reinterpret_cast<char*>(got.data() + before), static_cast<std::streamsize>(piece));
            const auto count = static_cast<std::size_t>(from_.gcount());
            offset_ += count;
            left -= count;
            if (count < piece) ended(fmt::format("{} more octets of {}", left, what));
        }
        return error_ ? codec::wire::Bytes{} : got;
    }

    std::string text(std::string_view what) { return std::string(codec::wire::as_text(octets(what))); }

private:
    void ended(std::string_view what) { fail(offset_, std::string(what), TraceError::Kind::cut_short); }

    std::istream& from_;
    std::uint64_t offset_;
    std::optional<TraceError> error_;
};

}  // namespace simbroker::traced
