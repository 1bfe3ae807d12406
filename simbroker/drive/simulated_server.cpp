// A simulation with a recorder around its broker, and what its clients have learned but not yet been told.
#include "simbroker/drive/simulated_server.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <ostream>
#include <stdexcept>
#include <streambuf>
#include <utility>

#include "simbroker/core/trace.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::drive {

namespace {

// Takes a trace as it is written: hashes it (FNV-1a), and keeps it in a file if there is one.
class TraceSink final : public std::streambuf {
public:
    explicit TraceSink(const std::optional<std::filesystem::path>& path) {
        if (!path) return;
        file_.emplace(*path, std::ios::binary | std::ios::trunc);
        if (!*file_) {
            throw std::runtime_error(fmt::format("cannot write the trace {}: {}", path->string(), std::strerror(errno))
            );
        }
    }

    std::uint64_t hash() const { return hash_; }

private:
    int sync() override {
        if (file_) file_->flush();
        return 0;
    }

    int_type overflow(int_type octet) override {
        const auto single = traits_type::to_char_type(octet);
        return xsputn(&single, 1) == 1 ? octet : traits_type::eof();
    }

    std::streamsize xsputn(const char* octets, std::streamsize count) override {
        for (const char* at = octets; at != octets + count; ++at) {
            hash_ = (hash_ ^ static_cast<unsigned char>(*at)) * 0x100000001b3;
        }
        if (file_) file_->write(octets, count);
        return count;
    }

    std::uint64_t hash_ = 0xcbf29ce484222325;
    std::optional<std::ofstream> file_;
};

// Collects what is said to the operator's input at hand.
class Listener final : public Machine {
public:
    explicit Listener(std::unique_ptr<Machine> inner) : inner_(std::move(inner)) {}

    Outputs handle(Instant now, const Input& input) override {
        auto outputs = inner_->handle(now, input);
        if (answer == nullptr) return outputs;
        for (const auto& output : outputs) {
            if (const auto* event = std::get_if<Event>(&output)) answer->hear(*event);
        }
        return outputs;
    }
    std::optional<Instant> next_deadline() const override { return inner_->next_deadline(); }

    control::Answer* answer = nullptr;

private:
    std::unique_ptr<Machine> inner_;
};

News::Kind kind_of(Ending ending) {
    switch (ending) {
        case Ending::none:
        case Ending::orderly: break;
        case Ending::reset: return News::Kind::reset;
        case Ending::refused: return News::Kind::refused;
    }
    return News::Kind::ended;
}

}  // namespace

class SimulatedServer::Impl {
public:
    explicit Impl(SimulatedServerOptions options)
        : options(std::move(options)),
          events(this->options.most_events),
          sink(this->options.trace),
          stream(&sink),
          writer(stream, {.config = this->options.config, .seed = this->options.seed}),
          machine(std::make_unique<RecordingMachine>(make_broker(), writer)),
          simulation(
              machine,
              {.to_broker = this->options.to_broker,
               .to_peer = this->options.to_client,
               .seed = this->options.seed,
               .most_events = this->options.most_events,
               .accepted = SimulationOptions::Accepted::announced,
               .port = options.port}
          ) {}

    std::unique_ptr<Machine> make_broker() {
        auto broker = fault::broker_with_faults(options.config, options.seed);
        interceptor = broker.get();
        return broker;
    }

    // A peer was called: at most one new thing is true of its connection.
    void note(ConnectionId id) {
        if (auto octets = simulation.received(id); !octets.empty()) {
            news.push_back({.connection = id, .kind = News::Kind::octets, .octets = std::move(octets)});
        } else if (simulation.closed(id)) {
            news.push_back({.connection = id, .kind = kind_of(simulation.ending(id))});
        } else {
            news.push_back({.connection = id, .kind = News::Kind::accepted});
        }
    }

    void need_time() const {
        if (finished) throw std::logic_error("the simulation is finished: nothing can happen any more");
    }

    void keep_events() {
        for (auto& event : simulation.take_events()) events.add(event.at, std::move(event.event));
    }

    SimulatedServerOptions options;
    EventLog events;
    TraceSink sink;
    std::ostream stream;
    TraceWriter writer;
    const fault::Interceptor* interceptor = nullptr;  // of the machine
    Listener machine;
    Simulation simulation;
    std::vector<News> news;
    bool finished = false;
};

SimulatedServer::SimulatedServer(SimulatedServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

SimulatedServer::~SimulatedServer() { finish(); }

// ---- the clients' side

ConnectionId SimulatedServer::connect() {
    return impl_->simulation.connect([impl = impl_.get()](Simulation&, ConnectionId id) { impl->note(id); });
}

void SimulatedServer::send(ConnectionId id, codec::wire::BytesView octets) { impl_->simulation.send(id, octets); }

void SimulatedServer::disconnect(ConnectionId id) { impl_->simulation.disconnect(id); }

// ---- time

std::vector<News> SimulatedServer::run(std::optional<Instant> limit, std::size_t most_steps) {
    impl_->need_time();
    auto& simulation = impl_->simulation;
    for (std::size_t steps = 0; impl_->news.empty() && steps < most_steps; ++steps) {
        const auto next = simulation.next_event();
        if (!next || (limit && *next > *limit)) {
            if (limit) simulation.run_until(*limit);
            break;
        }
        simulation.step();
    }
    impl_->keep_events();
    return std::exchange(impl_->news, {});
}

Instant SimulatedServer::now() const { return impl_->simulation.now(); }

std::optional<Instant> SimulatedServer::next_event() const { return impl_->simulation.next_event(); }

std::optional<Instant> SimulatedServer::next_deadline() const { return impl_->simulation.next_deadline(); }

// ---- the operator's and the network's side

void SimulatedServer::inject(const Input& input) {
    impl_->need_time();
    impl_->simulation.handle_now(input);
    impl_->keep_events();
}

control::Answer SimulatedServer::ask(const Input& input) {
    control::Answer answer;
    impl_->machine.answer = &answer;
    inject(input);
    impl_->machine.answer = nullptr;
    return answer;
}

std::vector<fault::RuleStatus> SimulatedServer::faults() const { return impl_->interceptor->rules(); }

void SimulatedServer::drop(ConnectionId id) { impl_->simulation.reset(id); }

void SimulatedServer::stall(ConnectionId id, Toward direction) { impl_->simulation.stall(id, direction); }

void SimulatedServer::resume(ConnectionId id, Toward direction) { impl_->simulation.resume(id, direction); }

std::vector<ConnectionId> SimulatedServer::connections() const { return impl_->simulation.open_connections(); }
std::uint16_t SimulatedServer::port() const { return impl_->simulation.port(); }

std::vector<TimedEvent> SimulatedServer::events_since(std::uint64_t sequence) const {
    return impl_->events.since(sequence);
}

std::chrono::seconds SimulatedServer::epoch() const { return impl_->options.config.epoch; }

// ---- the trace

std::uint64_t SimulatedServer::trace_hash() const { return impl_->sink.hash(); }

void SimulatedServer::finish() {
    if (std::exchange(impl_->finished, true)) return;
    impl_->writer.end();
}

}  // namespace simbroker::drive
