// Makes up methods, properties and field tables from a source of numbers: the same numbers give the same values. Edge
// values are as likely as ordinary ones, for that is where codecs and peers are wrong.
#pragma once

#include <deque>
#include <functional>

#include "codec/amqp091/codec.hpp"

namespace codec::amqp091 {

class Generator {
public:
    using Draw = std::function<std::uint64_t()>;  // evenly over all 64-bit numbers

    explicit Generator(Draw draw, Dialect dialect = Dialect::rabbitmq) : draw_(std::move(draw)), dialect_(dialect) {}
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    // Everything made views octets that the generator keeps until `forget`.
    Method method(std::size_t index);  // of the row at that place in `method_rows()`
    BasicProperties properties();
    FieldTable table(int max_depth = 3);
    FieldArray array(int max_depth = 3);
    FieldValue value(int max_depth = 3);
    ShortString short_string();
    LongString long_string();
    BytesView octets(std::size_t max_size);

    std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : draw_() % bound; }
    bool chance(std::uint64_t one_in) { return below(one_in) == 0; }

    template <class T>
    T make(int max_depth);

    void forget() { kept_.clear(); }

private:
    std::string_view text(std::size_t max_size);
    BytesView keep(Bytes octets) { return kept_.emplace_back(std::move(octets)); }

    Draw draw_;
    Dialect dialect_;
    std::deque<Bytes> kept_;
};

}  // namespace codec::amqp091
