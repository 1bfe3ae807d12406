// Octets in the notation of Erlang's io:format, which RabbitMQ's error texts quote them in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/wire/bytes.hpp"

namespace simbroker::server091 {

// ~w: always numbers, <<0,1,113>>.
std::string erlang_octets(codec::wire::BytesView octets);

// ~p: <<"abc">> if every octet is printable Latin-1, else numbers; <<>> if there are none.
std::string erlang_text_or_octets(codec::wire::BytesView octets);

// A term of atoms, numbers, binaries and tuples, for the texts in which RabbitMQ prints one with ~p.
class ErlangTerm {
public:
    static ErlangTerm atom(std::string_view name) { return ErlangTerm(std::string(name), {}); }
    static ErlangTerm number(std::string_view digits) { return ErlangTerm(std::string(digits), {}); }
    static ErlangTerm binary(std::string_view text);
    static ErlangTerm tuple(std::vector<ErlangTerm> items);  // the first is an atom

    // On one line.
    const std::string& flat() const { return flat_; }

    // As ~p has it for a line of 80 characters of which the text before the term takes `column`.
    std::string pretty(std::size_t column) const;

private:
    ErlangTerm(std::string flat, std::vector<ErlangTerm> items) : flat_(std::move(flat)), items_(std::move(items)) {}

    bool fits(std::size_t column, std::size_t closing) const;
    bool can_indent(std::size_t column, std::size_t indent, std::size_t closing) const;
    void print(std::string& out, std::size_t column, std::size_t indent, std::size_t closing) const;

    std::string flat_;
    std::vector<ErlangTerm> items_;  // of a tuple
};

}  // namespace simbroker::server091
