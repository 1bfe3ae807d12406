// The server as others see it: assembles broker, trace, fault plan and sockets, and carries calls to its thread.
#include "simbroker/drive/asio_server.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include "simbroker/core/end_of_time.hpp"
#include "simbroker/core/trace.hpp"
#include "simbroker/drive/asio_server_clock.hpp"
#include "simbroker/drive/asio_server_control.hpp"
#include "simbroker/drive/asio_server_loop.hpp"
#include "simbroker/drive/asio_server_trace_file.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::drive {

namespace asio = boost::asio;

namespace {

std::string uri_part(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

// To look at a broker is nothing that happens in it.
bool is_a_look(const Event& event) {
    return event.kind == Event::Kind::listed ||
           (event.kind == Event::Kind::operated && event.subject == operation::List::name);
}

}  // namespace

class Server::Impl {
public:
    explicit Impl(ServerOptions options);
    ~Impl() {
        try {
            close();
        } catch (const ServerError&) {
            // Whoever wants to know whether the trace is whole calls close() himself.
        }
    }

    const std::string& host() const { return host_; }
    std::uint16_t port() const { return port_; }
    std::optional<std::uint16_t> tls_port() const { return loop_->entrance().tls_port(); }
    std::optional<std::string> control_url() const { return control_ ? std::optional(control_->url()) : std::nullopt; }
    std::string url() const;
    Instant now() const { return clock_.now(); }
    std::optional<Instant> next_deadline() {
        return call([this] { return loop_->next_deadline(); });
    }
    std::optional<Deadline> what_is_next() {
        return call([this] { return loop_->what_is_next(); });
    }

    void advance(Duration by);
    std::optional<Reached> advance_to_next();
    void inject(Input input);
    control::Answer ask(Input input);
    std::vector<fault::RuleStatus> faults() {
        return call([this] { return interceptor_->rules(); });
    }
    void restart() {
        call_and_settle([this] { loop_->restart(); });
    }
    std::optional<std::string> reset() {
        return call_and_settle([this] { return begin_again(); });
    }
    void drop(ConnectionId id) {
        call([this, id] { loop_->drop(id); });
    }
    template <class Change>
    void change(const Change& change) {
        call_and_settle([this, change] { loop_->change(change); });
    }
    std::vector<ConnectionId> connections();

    std::vector<TimedEvent> events(std::uint64_t since) const;
    std::vector<TimedEvent> take_events();
    bool wait_for_event(std::uint64_t since, std::chrono::milliseconds at_most) const;

    void close();

private:
    std::unique_ptr<Machine> make_machine();
    std::unique_ptr<ServerLoop> make_loop();
    ServedLoop::Hooks control_hooks();
    control::Answer perform(const Input& input);
    void add_first_faults();
    std::optional<std::string> begin_again();
    void note(Instant at, Event event);
    void run();
    void answer_late_calls();
    void need_manual_clock(std::string_view what) const;

    // Runs `work` on the server's thread and gives what it returns.
    template <class Work>
    std::invoke_result_t<Work> call(Work work);
    // As call; and comes back when all effects are given to the sockets.
    template <class Work>
    std::invoke_result_t<Work> call_and_settle(Work work);
    void post(std::function<void()> work);

    ServerOptions options_;
    TimeSource clock_;
    std::optional<TraceFile> trace_;
    const fault::Interceptor* interceptor_ = nullptr;  // of the machine
    std::unique_ptr<Machine> machine_;
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    std::string host_;
    std::atomic<std::uint16_t> port_ = 0;  // it may move
    std::unique_ptr<ServerLoop> loop_;
    std::unique_ptr<ControlServer> control_;

    control::Answer* answer_ = nullptr;  // to the operation at hand; the server's thread alone looks at it

    mutable std::mutex events_mutex_;
    mutable std::condition_variable events_changed_;
    EventLog events_;

    std::mutex state_mutex_;
    bool stopped_ = false;  // the thread takes no more calls
    std::optional<std::string> failure_;
    std::mutex close_mutex_;
    std::thread thread_;
};

Server::Impl::Impl(ServerOptions options)
    : options_(std::move(options)), clock_(options_.clock), events_(options_.most_events) {
    if (options_.trace) trace_.emplace(*options_.trace, TraceHeader{options_.config, options_.seed});
    machine_ = make_machine();
    loop_ = make_loop();
    host_ = loop_->entrance().host();
    port_ = loop_->entrance().port();
    if (options_.control) {
        control_ = std::make_unique<ControlServer>(io_, *options_.control, *loop_, clock_, control_hooks());
    }
    add_first_faults();
    loop_->start();
    thread_ = std::thread([this] { run(); });
}

void Server::Impl::add_first_faults() {
    for (const auto& rule : options_.faults) loop_->inject(AddFault{rule});
}

std::unique_ptr<ServerLoop> Server::Impl::make_loop() {
    return std::make_unique<ServerLoop>(
        io_,
        clock_,
        *machine_,
        ServerLoop::Options{
            .host = options_.host,
            .port = options_.port,
            .tls = options_.tls,
            .seed = options_.seed,
            .unsent_pause = options_.unsent_pause,
            .unsent_drop = options_.unsent_drop,
            .to_client = options_.to_client,
            .to_server = options_.to_server,
            .on_event = [this](Instant at, Event event) { note(at, std::move(event)); },
            .on_waiting = options_.on_waiting,
            .waiting_after = options_.waiting_after,
        }
    );
}

std::unique_ptr<Machine> Server::Impl::make_machine() {
    auto broker = fault::broker_with_faults(options_.config, options_.seed);
    interceptor_ = broker.get();
    std::unique_ptr<Machine> machine = std::move(broker);
    if (trace_) machine = std::make_unique<RecordingMachine>(std::move(machine), trace_->writer());
    return options_.wrap ? options_.wrap(std::move(machine)) : std::move(machine);
}

std::string Server::Impl::url() const {
    const bool v6 = host_.find(':') != std::string::npos;
    const auto& accounts = options_.config.accounts;
    const auto user =
        accounts.empty() ? "" : fmt::format("{}:{}@", uri_part(accounts[0].name), uri_part(accounts[0].password));
    return fmt::format(
        "amqp://{}{}:{}/{}", user, v6 ? "[" + host_ + "]" : host_, port(), clock_.is_manual() ? "?heartbeat=0" : ""
    );
}

// ---- the control API

ServedLoop::Hooks Server::Impl::control_hooks() {
    return {
        .describe =
            [this] {
                return control::Description{
                    .url = url(),
                    .tls_port = tls_port(),
                    .profile = std::string(options_.config.profile.name),
                    .clock = to_string(options_.clock),
                    .seed = options_.seed,
                    .trace = options_.trace ? std::optional(options_.trace->string()) : std::nullopt,
                };
            },
        .ask = [this](const Input& input) { return perform(input); },
        .faults = [this] { return interceptor_->rules(); },
        .reset = [this] { return begin_again(); },
        .events = [this](std::uint64_t since) { return events(since); },
        .next_event =
            [this] {
                const std::lock_guard lock(events_mutex_);
                return events_.next_sequence();
            },
        .trace = [this]() -> std::expected<std::string, std::string> {
            if (trace_) return trace_->so_far();
            return std::unexpected("nothing is recorded; expected serve --trace FILE");
        },
    };
}

control::Answer Server::Impl::perform(const Input& input) {
    control::Answer answer;
    answer_ = &answer;
    loop_->inject(input);
    answer_ = nullptr;
    return answer;
}

std::optional<std::string> Server::Impl::begin_again() {
    loop_->send_all_away();
    std::optional<std::string> kept;
    if (trace_) kept = trace_->begin_again();
    auto fresh = make_machine();
    loop_->begin_again(*fresh);
    machine_ = std::move(fresh);
    add_first_faults();
    const std::lock_guard lock(events_mutex_);
    events_.take();
    return kept;
}

// ---- the thread

void Server::Impl::run() {
    // OpenSSL writes to sockets without MSG_NOSIGNAL: a client that is gone is an error, never a signal.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    try {
        io_.run();
    } catch (const std::exception& error) {
        const std::lock_guard lock(state_mutex_);
        failure_ = error.what();
    }
    {
        const std::lock_guard lock(state_mutex_);
        stopped_ = true;
    }
    loop_->close_all();
    answer_late_calls();
    events_changed_.notify_all();
}

// Calls that were posted before `stopped_` was set still get their answer.
void Server::Impl::answer_late_calls() {
    io_.restart();
    for (bool more = true; more;) {
        try {
            more = io_.poll_one() > 0;
        } catch (const std::exception& error) {
            const std::lock_guard lock(state_mutex_);
            if (!failure_) failure_ = error.what();
        }
    }
}

void Server::Impl::post(std::function<void()> work) {
    if (std::this_thread::get_id() == thread_.get_id()) {
        throw std::logic_error("the server was called from its own thread, by a callback");
    }
    const std::lock_guard lock(state_mutex_);
    if (failure_) throw ServerError(ServerError::Kind::failed, "the broker failed: " + *failure_);
    if (stopped_) throw ServerError(ServerError::Kind::closed, "the server is closed");
    asio::post(io_, std::move(work));
}

template <class Work>
std::invoke_result_t<Work> Server::Impl::call(Work work) {
    const auto task = std::make_shared<std::packaged_task<std::invoke_result_t<Work>()>>(std::move(work));
    auto result = task->get_future();
    post([task] { (*task)(); });
    return result.get();
}

template <class Work>
std::invoke_result_t<Work> Server::Impl::call_and_settle(Work work) {
    const auto settled = std::make_shared<std::promise<void>>();
    auto done = settled->get_future();
    const auto both = [this, settled, work = std::move(work)] {
        struct Settle {
            ServerLoop& loop;
            std::shared_ptr<std::promise<void>> settled;
            ~Settle() {
                loop.when_settled([promise = settled] { promise->set_value(); });
            }
        } const settle{*loop_, settled};
        return work();
    };
    if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
        call(both);
        done.wait();
    } else {
        auto result = call(both);
        done.wait();
        return result;
    }
}

// ---- time and operators

void Server::Impl::need_manual_clock(std::string_view what) const {
    if (clock_.is_manual()) return;
    const auto text = fmt::format("{} needs a manual clock, this server's is {}", what, to_string(options_.clock));
    throw ServerError(ServerError::Kind::wrong_clock, text);
}

void Server::Impl::advance(Duration by) {
    need_manual_clock("advance");
    if (by < Duration::zero()) {
        throw ServerError(ServerError::Kind::bad_input, "advance: time does not go back, expected 0 or more");
    }
    call_and_settle([this, by] {
        if (by > end_of_time - clock_.now()) {
            throw ServerError(ServerError::Kind::bad_input, "advance: broker time ends after 146 years");
        }
        loop_->advance_to(clock_.now() + by);
    });
}

std::optional<Reached> Server::Impl::advance_to_next() {
    need_manual_clock("advance_to_next");
    return call_and_settle([this] { return loop_->advance_to_next(); });
}

void Server::Impl::inject(Input input) {
    if (!is_from_operator(input)) {
        throw ServerError(ServerError::Kind::bad_input, "inject takes an operator's inputs only");
    }
    call_and_settle([this, held = std::move(input)] { loop_->inject(held); });
}

control::Answer Server::Impl::ask(Input input) {
    if (!is_from_operator(input)) {
        throw ServerError(ServerError::Kind::bad_input, "ask takes an operator's inputs only");
    }
    return call_and_settle([this, held = std::move(input)] { return perform(held); });
}

std::vector<ConnectionId> Server::Impl::connections() {
    return call([this] { return loop_->connections(); });
}

// ---- events

void Server::Impl::note(Instant at, Event event) {
    if (event.kind == Event::Kind::address_changed) port_ = loop_->entrance().port();
    if (options_.on_event) options_.on_event(at, event);
    if (answer_) answer_->hear(event);
    if (is_a_look(event)) return;
    std::optional<TimedEvent> added;
    {
        const std::lock_guard lock(events_mutex_);
        const auto& kept = events_.add(at, std::move(event));
        if (control_) added = kept;
        events_changed_.notify_all();
    }
    if (added) control_->publish(*added);
}

std::vector<TimedEvent> Server::Impl::events(std::uint64_t since) const {
    const std::lock_guard lock(events_mutex_);
    return events_.since(since);
}

std::vector<TimedEvent> Server::Impl::take_events() {
    const std::lock_guard lock(events_mutex_);
    return events_.take();
}

bool Server::Impl::wait_for_event(std::uint64_t since, std::chrono::milliseconds at_most) const {
    std::unique_lock lock(events_mutex_);
    return events_changed_.wait_for(lock, at_most, [&] { return events_.next_sequence() > since; });
}

// ---- the end

void Server::Impl::close() {
    const std::lock_guard lock(close_mutex_);
    if (!thread_.joinable()) return;
    try {
        auto told = std::make_shared<std::promise<void>>();
        const auto done = told->get_future();
        // Should the broker fail of this, the promise goes with the work and the wait is over.
        post([this, promise = std::exchange(told, {})] { loop_->shut_down([promise] { promise->set_value(); }); });
        done.wait();
    } catch (const ServerError&) {
        // The thread is through already: there is nobody to tell.
    }
    io_.stop();
    thread_.join();
    if (control_) control_->close();
    if (trace_) trace_->end();
}

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;

const std::string& Server::host() const { return impl_->host(); }
std::uint16_t Server::port() const { return impl_->port(); }
std::optional<std::uint16_t> Server::tls_port() const { return impl_->tls_port(); }
std::optional<std::string> Server::control_url() const { return impl_->control_url(); }
std::string Server::url() const { return impl_->url(); }
Instant Server::now() const { return impl_->now(); }
std::optional<Instant> Server::next_deadline() const { return impl_->next_deadline(); }
void Server::advance(Duration by) { impl_->advance(by); }
std::optional<Deadline> Server::what_is_next() const { return impl_->what_is_next(); }
std::optional<Reached> Server::advance_to_next() { return impl_->advance_to_next(); }
void Server::inject(Input input) { impl_->inject(std::move(input)); }
void Server::restart() { impl_->restart(); }
std::optional<std::string> Server::reset() { return impl_->reset(); }
control::Answer Server::ask(Input input) { return impl_->ask(std::move(input)); }
std::vector<fault::RuleStatus> Server::faults() const { return impl_->faults(); }
void Server::drop(ConnectionId id) { impl_->drop(id); }
void Server::change(const Wire& wire) { impl_->change(wire); }
void Server::change(const Door& door) { impl_->change(door); }
std::vector<ConnectionId> Server::connections() const { return impl_->connections(); }
std::vector<TimedEvent> Server::events(std::uint64_t since) const { return impl_->events(since); }
std::vector<TimedEvent> Server::take_events() { return impl_->take_events(); }
bool Server::wait_for_event(std::uint64_t since, std::chrono::milliseconds at_most) const {
    return impl_->wait_for_event(since, at_most);
}
void Server::close() { impl_->close(); }

}  // namespace simbroker::drive
