// Writes transcripts: items to canonical text, with the names and confirms of the dialogue so far in mind.
#pragma once

#include "conformance/dialogue/client.hpp"

namespace conformance::dialogue {

class Scribe {
public:
    // The variables get the names the broker makes up; they must outlive the scribe.
    Scribe(std::string vhost, step::Variables& variables) : vhost_(std::move(vhost)), variables_(variables) {}

    // Items of one connection, in order: "1.1 queue.declare-ok(...) ; 1 ended"; "-" for none.
    std::string segment(unsigned number, Line& line, const std::vector<Heard>& all);

    // The same for what came until everything had settled: by channel, and on a channel each kind of thing by itself,
    // in its order: replies, returns, the deliveries to each consumer, cancels, confirms.
    std::string settled(unsigned number, Line& line, const std::vector<Heard>& all);

private:
    std::string vhost_;
    step::Variables& variables_;
    MadeUpNames names_;
};

}  // namespace conformance::dialogue
