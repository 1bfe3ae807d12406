// Where in a file something stands, as reports say it: scenarios/amqp091/queue/declare.yaml:12
#pragma once

#include <string>

namespace simbroker::yaml {

struct Location {
    std::string file;
    int line = 0;  // from 1; 0: the whole file

    friend bool operator==(const Location&, const Location&) = default;
};

inline std::string to_string(const Location& at) {
    return at.line == 0 ? at.file : at.file + ":" + std::to_string(at.line);
}

// What is wrong with a data file, and where: a sentence that says what was expected.
struct LoadError {
    Location at;
    std::string text;

    friend bool operator==(const LoadError&, const LoadError&) = default;
};

inline std::string to_string(const LoadError& error) { return to_string(error.at) + ": " + error.text; }

}  // namespace simbroker::yaml
