#include "conformance/runner/client_stage.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "conformance/runner/coalescing_machine.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/drive/asio_server.hpp"

namespace conformance::runner {

using nlohmann::json;
using simbroker::Toward;
using simbroker::fault::Interceptor;
using simbroker::fault::Sighting;
using step::Arrival;
using step::Instant;
using step::LineId;

namespace {

constexpr step::Duration hello_patience = std::chrono::seconds(20);
constexpr step::Duration preparing_patience = std::chrono::minutes(10);
constexpr int contract = 1;
// No connection has this number: an input that the broker never sees, which makes the server look at its machine.
constexpr simbroker::ConnectionId nobody{0};

std::optional<std::string> contract_breach(const json& message) {
    if (!message.is_object()) return "it is no JSON object";
    if (message.contains("event")) {
        if (!message.at("event").is_string()) return "event is no text";
        if (message.contains("with") && !message.at("with").is_object()) return "with is no object";
        return {};
    }
    if (!message.contains("id") || !message.at("id").is_number_unsigned())
        return "it is neither an event nor has it an id";
    const auto count = message.contains("result") + message.contains("error") + message.contains("unsupported");
    if (count != 1) return "it has to have one of result, error and unsupported";
    if (message.contains("error") && !message.at("error").is_object()) return "error is no object";
    return {};
}

// Of a message that has such a text.
std::optional<std::string> text_of(const std::string& line, const char* key) {
    const auto message = json::parse(line, nullptr, false);
    if (!message.is_object() || !message.contains(key) || !message.at(key).is_string()) return {};
    return message.at(key).get<std::string>();
}

std::int64_t seconds(step::Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

Arrival::Kind kind_of(Sighting::Kind kind) {
    switch (kind) {
        case Sighting::Kind::connected: return Arrival::Kind::opened;
        case Sighting::Kind::from_client: return Arrival::Kind::received;
        case Sighting::Kind::to_client: return Arrival::Kind::sent;
        case Sighting::Kind::ended_by_client: return Arrival::Kind::ended;
        case Sighting::Kind::ended_by_server: return Arrival::Kind::dropped;
    }
    return Arrival::Kind::dropped;
}

// What the scenario asks for goes before what all scenarios are run with. Pieces are apart for a while, so that the
// client reads them one by one.
simbroker::LinkOptions link_of(WireMode mode, simbroker::Segmentation segmentation) {
    using namespace std::chrono_literals;
    const bool whole = segmentation == simbroker::Segmentation{};
    if (whole && mode == WireMode::split) segmentation.kind = simbroker::Segmentation::Kind::every_octet;
    if (segmentation == simbroker::Segmentation{}) return {};
    return {.segmentation = segmentation, .gap = 100us};
}

}  // namespace

// The interceptor is the server thread's, but the runner has something to say to it, too.
class ClientStage::GuardedMachine final : public simbroker::Machine {
public:
    GuardedMachine(std::unique_ptr<simbroker::Machine> inner, std::mutex& mutex)
        : inner_(std::move(inner)), mutex_(mutex) {}

    simbroker::Outputs handle(simbroker::Instant now, const simbroker::Input& input) override {
        const std::lock_guard lock(mutex_);
        const auto* close = std::get_if<simbroker::CloseConnection>(&input);
        if (close != nullptr && close->connection == nobody) return inner_->handle(now, simbroker::DeadlineReached{});
        return inner_->handle(now, input);
    }

    std::optional<simbroker::Instant> next_deadline() const override {
        const std::lock_guard lock(mutex_);
        return inner_->next_deadline();
    }

private:
    std::unique_ptr<simbroker::Machine> inner_;
    std::mutex& mutex_;
};

std::expected<std::unique_ptr<ClientStage>, std::string> ClientStage::start(
    const ClientTarget& target, step::Duration longest_advance
) {
    auto shim = ShimProcess::start(target.command);
    if (!shim) return std::unexpected("the shim cannot be started: " + shim.error());
    std::unique_ptr<ClientStage> stage(new ClientStage(std::move(*shim), target.wire, longest_advance));
    try {
        stage->start_server(target);
    } catch (const simbroker::drive::ServerError& error) {
        return std::unexpected(fmt::format("the simulated broker cannot be started: {}", error.what()));
    }
    if (const auto wrong = stage->read_hello(target)) {
        return std::unexpected(fmt::format("the shim does not say hello: {}\n{}", *wrong, stage->shim_errors()));
    }
    return stage;
}

ClientStage::ClientStage(ShimProcess shim, WireMode wire, step::Duration longest_advance)
    : longest_advance_(longest_advance),
      shim_(std::move(shim)),
      wire_(wire),
      arrived_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

ClientStage::~ClientStage() = default;

void ClientStage::start_server(const ClientTarget& target) {
    simbroker::drive::ServerOptions options;
    options.host = "127.0.0.1";
    options.config = target.config;
    options.seed = target.seed;
    options.trace = target.trace;
    options.wrap = [this, &target](std::unique_ptr<simbroker::Machine> broker) {
        return wired(std::move(broker), target);
    };
    options.to_client = link_of(wire_, {});
    options.on_event = [this](simbroker::Instant, const simbroker::Event& event) { see(event); };
    if (!target.config.accounts.empty()) {
        login_.user = target.config.accounts.front().name;
        login_.password = target.config.accounts.front().password;
    }
    server_ = std::make_unique<simbroker::drive::Server>(std::move(options));
}

// From the broker outwards: faults, then the wire, then the lock of the two threads.
std::unique_ptr<simbroker::Machine> ClientStage::wired(
    std::unique_ptr<simbroker::Machine> broker, const ClientTarget& target
) {
    const auto onlooker = [this](const Sighting& seen) { see(seen); };
    const bool cuts = wire_ == WireMode::cut_each_step;
    auto interceptor =
        std::make_unique<Interceptor>(std::move(broker), target.broken, cuts ? simbroker::fault::Onlooker{} : onlooker);
    interceptor_ = interceptor.get();
    std::unique_ptr<simbroker::Machine> machine = std::move(interceptor);
    if (wire_ == WireMode::coalesce) machine = std::make_unique<CoalescingMachine>(std::move(machine));
    if (cuts) {
        auto cutter = std::make_unique<CuttingMachine>(std::move(machine), onlooker);
        cutter_ = cutter.get();
        machine = std::move(cutter);
    }
    return std::make_unique<GuardedMachine>(std::move(machine), interceptor_mutex_);
}

std::optional<std::string> ClientStage::read_hello(const ClientTarget& target) {
    auto patience = hello_patience;
    auto until = clock_.now() + patience;
    while (hello_.library.empty()) {
        if (clock_.now() >= until) return fmt::format("nothing came in {} s", seconds(patience));
        auto waiting = shim_.descriptors();
        ::poll(waiting.data(), waiting.size(), clock_.milliseconds_until(until));
        shim_.serve();
        for (const auto& line : shim_.take_lines()) {
            if (!hello_.library.empty()) {
                hear(line);
            } else if (const auto preparing = text_of(line, "preparing")) {
                target.on_preparing(*preparing);
                patience = preparing_patience;
                until = clock_.now() + patience;
            } else if (auto wrong = take_hello(line)) {
                return wrong;
            }
        }
        if (shim_.ended() && hello_.library.empty()) return "it ended with " + *shim_.ended();
    }
    return {};
}

std::optional<std::string> ClientStage::take_hello(const std::string& line) {
    const auto message = json::parse(line, nullptr, false);
    const auto hello = message.is_object() ? message.value("hello", json()) : json();
    if (!hello.is_object() || hello.value("contract", 0) != contract || !hello.value("operations", json()).is_array()) {
        return "got " + line;
    }
    hello_ = {hello.value("library", ""), hello.value("version", ""), hello.value("language", ""), {}};
    for (const auto& operation : hello.at("operations")) hello_.operations.push_back(operation.get<std::string>());
    if (hello_.library.empty()) return "it does not name its library: " + line;
    return {};
}

bool ClientStage::wait(Instant until) {
    auto waiting = shim_.descriptors();
    waiting.push_back({arrived_.number(), POLLIN, 0});
    ::poll(waiting.data(), waiting.size(), clock_.milliseconds_until(until));
    serve_shim();
    eventfd_t count = 0;
    ::eventfd_read(arrived_.number(), &count);
    const std::lock_guard lock(arrivals_mutex_);
    return !arrivals_.empty();
}

void ClientStage::serve_shim() {
    shim_.serve();
    for (const auto& line : shim_.take_lines()) hear(line);
    if (shim_.ended() && !std::exchange(shim_end_told_, true)) {
        const std::lock_guard lock(arrivals_mutex_);
        arrivals_.push_back({.kind = Arrival::Kind::exited, .message = *shim_.ended()});
    }
}

std::vector<Arrival> ClientStage::take_arrivals() {
    const std::lock_guard lock(arrivals_mutex_);
    return std::exchange(arrivals_, {});
}

void ClientStage::hear(const std::string& line) {
    const auto message = json::parse(line, nullptr, false);
    const auto breach = contract_breach(message);
    const std::lock_guard lock(arrivals_mutex_);
    if (!breach) {
        const auto event = message.value("event", "");
        told_of_loss_ |= message.contains("error") || event == "connection.close" || event == "channel.close";
        if (message.contains("id")) {
            const auto answered = unanswered_.extract(message.at("id").get<std::uint64_t>());
            told_of_loss_ |= connected_since_ && !answered.empty() && answered.mapped() == "connect";
        }
        arrivals_.push_back({.kind = Arrival::Kind::said, .message = message});
        return;
    }
    shim_end_told_ = true;
    arrivals_.push_back(
        {.kind = Arrival::Kind::exited, .message = fmt::format("a line outside the contract ({}): {}", *breach, line)}
    );
}

void ClientStage::see(const Sighting& seen) {
    const std::lock_guard lock(arrivals_mutex_);
    const bool ended = seen.kind == Sighting::Kind::ended_by_client || seen.kind == Sighting::Kind::ended_by_server;
    if (ended) told_of_loss_ = connected_since_ = false;
    connected_since_ |= seen.kind == Sighting::Kind::connected;
    arrivals_.push_back(
        {.kind = kind_of(seen.kind), .line = seen.connection, .octets = {seen.octets.begin(), seen.octets.end()}}
    );
    ::eventfd_write(arrived_.number(), 1);
}

void ClientStage::see(const simbroker::Event& event) {
    if (event.kind != simbroker::Event::Kind::fault_fired) return;
    const std::lock_guard lock(arrivals_mutex_);
    arrivals_.push_back({.kind = Arrival::Kind::struck, .line = event.connection, .message = event.detail});
    ::eventfd_write(arrived_.number(), 1);
}

std::expected<LineId, step::Trouble> ClientStage::open() { return step::inconclusive("here the client connects"); }

void ClientStage::send(LineId line, codec::wire::BytesView octets) {
    {
        const std::lock_guard lock(interceptor_mutex_);
        interceptor_->emit(line, Toward::client, {octets.begin(), octets.end()});
    }
    wake_server();
}

void ClientStage::drop(LineId line) {
    {
        const std::lock_guard lock(interceptor_mutex_);
        interceptor_->drop(line);
    }
    wake_server();
}

step::Outcome ClientStage::operate(const simbroker::Input& input) {
    try {
        server_->inject(input);
        return {};
    } catch (const simbroker::drive::ServerError& error) {
        return step::inconclusive(error.what());
    }
}

step::Outcome ClientStage::request(const json& request) {
    unanswered_[request.at("id").get<std::uint64_t>()] = request.at("op").get<std::string>();
    if (shim_.send_line(request.dump())) return {};
    serve_shim();
    return step::fail("the shim takes no more requests: " + shim_.ended().value_or("its input is closed or stuck"));
}

std::string ClientStage::shim_errors() {
    shim_.serve();
    return shim_.errors();
}

std::string ClientStage::connect_target() const { return fmt::format("127.0.0.1:{}", server_->port()); }

step::Outcome ClientStage::add_fault(simbroker::fault::Rule rule) {
    const std::lock_guard lock(interceptor_mutex_);
    interceptor_->plan().add(std::move(rule));
    return {};
}

step::Outcome ClientStage::clear_faults() {
    {
        const std::lock_guard lock(interceptor_mutex_);
        interceptor_->plan().clear();
    }
    return shape_wire({});
}

step::Outcome ClientStage::release(const std::string& label) {
    {
        const std::lock_guard lock(interceptor_mutex_);
        interceptor_->release(label);
    }
    wake_server();
    return {};
}

step::Outcome ClientStage::shape_wire(simbroker::Segmentation segmentation) {
    server_->change({.toward = Toward::client, .change = simbroker::wire::Bend{link_of(wire_, segmentation)}});
    return {};
}

void ClientStage::begin_cut(std::size_t after) {
    const std::lock_guard lock(interceptor_mutex_);
    cutter_->begin(after);
}

std::size_t ClientStage::frames() const {
    const std::lock_guard lock(interceptor_mutex_);
    return cutter_->frames();
}

std::size_t ClientStage::first_open_ok() const {
    const std::lock_guard lock(interceptor_mutex_);
    return cutter_->first_open_ok();
}

std::optional<Cut> ClientStage::cut() const {
    const std::lock_guard lock(interceptor_mutex_);
    return cutter_->cut();
}

bool ClientStage::told_of_loss() const {
    const std::lock_guard lock(arrivals_mutex_);
    return told_of_loss_;
}

void ClientStage::wake_server() {
    try {
        server_->inject(simbroker::CloseConnection{nobody, {}});
    } catch (const simbroker::drive::ServerError&) {
        // It has ended; the steps see that by what no longer comes.
    }
}

}  // namespace conformance::runner
