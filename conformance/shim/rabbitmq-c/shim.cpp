// A client under test: librabbitmq, the C client, driven by JSON lines (see README.md in the folder above).
//
// One thread: it waits for requests and for the socket. The library hands out frames, and leaves close-ok and the
// waiting for confirmations to its user.
#include <poll.h>
#include <unistd.h>

#include <iostream>

#include "conformance/shim/rabbitmq-c/operations.hpp"

namespace shim {
namespace {

void work_on(const json& request, const Operations& operations) {
    json answer{{"id", request.at("id")}};
    try {
        const auto operation = operations.find(request.at("op").get<std::string>());
        if (operation == operations.end()) throw Unsupported("this shim has no operation " + request.at("op").dump());
        answer["result"] = operation->second(request.value("with", json::object()));
    } catch (const Unsupported& refusal) {
        answer["unsupported"] = refusal.what();
    } catch (const Failure& failure) {
        answer["error"] = {{"kind", failure.kind}, {"code", failure.code}, {"text", failure.text}};
    }
    if (session && session->ended()) session.reset();
    say(answer);
}

// Requests by lines, from the descriptor itself: a stream would hide from poll what it has read ahead.
void serve(const Operations& operations) {
    std::string input;
    for (bool more = true; more;) {
        pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {session ? session->descriptor() : -1, POLLIN, 0}};
        // A second in vain lets the library look after its heartbeats.
        ::poll(waiting, 2, session && amqp_frames_enqueued(session->state()) ? 0 : 1000);
        if (session) session->serve();
        if (session && session->ended()) session.reset();
        if (waiting[0].revents == 0) continue;
        char buffer[1 << 16];
        const auto count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        more = count > 0;
        if (more) input.append(buffer, static_cast<std::size_t>(count));
        for (auto end = input.find('\n'); end != std::string::npos; end = input.find('\n')) {
            const auto line = input.substr(0, end);
            input.erase(0, end + 1);
            if (!line.empty()) work_on(json::parse(line), operations);
        }
    }
    drop();
}

int run() {
    auto operations = topology_operations();
    operations.merge(basic_operations());
    auto names = json::array();
    for (const auto& operation : operations) names.push_back(operation.first);
    say(
        {{"hello",
          {{"contract", 1},
           {"library", "librabbitmq"},
           {"version", amqp_version()},
           {"language", "C"},
           {"operations", names}}}}
    );
    try {
        serve(operations);
    } catch (const Failure& failure) {
        std::cerr << "at the end: " << failure.kind << ": " << failure.text << "\n";
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace shim

int main() { return shim::run(); }
