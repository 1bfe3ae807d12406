// The course of a run: clients and mishaps until the storm is over; then everything drains; then the clients leave, and
// somebody takes out of the queues what is left, to count it.
#include "simbroker/explore/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "simbroker/core/trace.hpp"
#include "simbroker/drive/scripted_peer.hpp"
#include "simbroker/explore/client.hpp"
#include "simbroker/explore/tap.hpp"
#include "simbroker/explore/weather.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::explore {
namespace {

using std::chrono::seconds;
namespace methods = codec::amqp091;

constexpr std::size_t most_steps = 20'000'000;
constexpr seconds between_checks{5};

BrokerConfig config_of(const Plan& plan) {
    BrokerConfig config;
    if (const auto* profile = profile::find(plan.profile)) config.profile = *profile;
    config.disk_sync_delay = plan.disk_delay;
    return config;
}

std::vector<Watcher*> watchers_of(const std::vector<InvariantPtr>& invariants) {
    std::vector<Watcher*> watchers;
    for (const auto& invariant : invariants) watchers.push_back(invariant.get());
    return watchers;
}

std::unique_ptr<Machine> make_broker(const Plan& plan, const RunOptions& options, std::optional<TraceWriter>& writer) {
    const auto config = config_of(plan);
    auto machine = options.machine ? options.machine(config, plan.seed) : fault::broker_with_faults(config, plan.seed);
    if (!options.trace) return machine;
    writer.emplace(*options.trace, TraceHeader{config, plan.seed});
    return std::make_unique<RecordingMachine>(std::move(machine), *writer);
}

class Run {
public:
    Run(const Plan& plan, const RunOptions& options)
        : plan_(plan),
          broker_(make_broker(plan, options, writer_)),
          hashing_(*broker_),
          ledger_(plan, watchers_of(invariants_)),
          tap_(hashing_, ledger_),
          simulation_(tap_, {.seed = plan.seed, .most_events = 1}),
          agenda_(simulation_),
          stage_{simulation_, agenda_, plan},
          weather_(stage_, clients_) {}

    Outcome outcome();

private:
    bool go_on(Duration duration);
    bool storm();
    bool calm();
    bool count();
    bool drained_already();
    void list_queues();
    void check_now_and_then();
    void empty(drive::ScriptedPeer& auditor, const std::string& queue, std::uint64_t& found);
    void take_stock(Census& census);

    const Plan& plan_;
    std::optional<Finding> finding_;
    std::vector<InvariantPtr> invariants_ = all_invariants(finding_);
    std::optional<TraceWriter> writer_;
    std::unique_ptr<Machine> broker_;
    HashingMachine hashing_;
    Ledger ledger_;
    Tap tap_;
    drive::Simulation simulation_;
    Agenda agenda_;
    Stage stage_;
    std::vector<std::unique_ptr<Client>> clients_;
    Weather weather_;
};

// False: an invariant is broken, or this is no simulation any more.
bool Run::go_on(Duration duration) {
    const auto stop = [this] { return finding_.has_value(); };
    if (!agenda_.run_until(simulation_.now() + duration, most_steps, stop) && !finding_) {
        finding_ = Finding{
            "bounded",
            "a run is at most so many steps",
            simulation_.now(),
            fmt::format("{} steps were taken", most_steps)
        };
    }
    return !finding_;
}

void Run::list_queues() { simulation_.inject(Operate{operation::List{.what = "queues"}}); }

void Run::check_now_and_then() {
    agenda_.after(between_checks, [this] {
        if (stage_.calm) return;
        ledger_.take_rows();
        list_queues();
        check_now_and_then();
    });
}

bool Run::storm() {
    for (const auto& plan : plan_.clients) {
        clients_.push_back(make_client(stage_, plan));
        auto* client = clients_.back().get();
        agenda_.at(Instant(Milliseconds(plan.number)), [client] { client->start(); });
        for (const auto& step : plan.steps) {
            agenda_.at(Instant(step.at), [client, &step] { client->take_step(step); });
        }
    }
    weather_.schedule();
    check_now_and_then();
    return go_on(plan_.length);
}

// Nothing is owed any more, and nobody waits for anything.
bool Run::drained_already() {
    const auto rows = ledger_.take_rows();
    list_queues();
    if (rows.empty() || !std::ranges::all_of(clients_, [](const auto& client) { return client->present(); }))
        return false;
    const bool answered =
        std::ranges::all_of(ledger_.channels(), [](const auto& entry) { return entry.second.awaited.empty(); });
    return answered && std::ranges::all_of(rows, [&](const QueueRow& row) {
               const auto found = ledger_.queues().find(row.name);
               const bool consumed =
                   found != ledger_.queues().end() && found->second.plan && !found->second.consumers.empty();
               const bool waits = row.name.ends_with(retry_queue_of(""));
               return row.unacknowledged == 0 && (row.ready == 0 || (!consumed && !waits));
           });
}

bool Run::calm() {
    stage_.calm = true;
    weather_.clear();
    for (auto left = plan_.calm; left > Milliseconds::zero(); left -= seconds(1)) {
        if (!go_on(std::min<Milliseconds>(left, seconds(1)))) return false;
        if (drained_already()) break;
    }
    ledger_.take_rows();
    list_queues();
    if (!go_on(Duration::zero())) return false;
    Census census{.queues = ledger_.take_rows()};
    for (const auto& client : clients_) {
        if (!client->present()) census.absent.push_back(client->plan().number);
    }
    for (const auto& invariant : invariants_) invariant->calm(ledger_, census);
    return !finding_;
}

void Run::empty(drive::ScriptedPeer& auditor, const std::string& queue, std::uint64_t& found) {
    constexpr int most = 1'000'000;
    for (int i = 0; i < most && !finding_; ++i) {
        auditor.send(1, methods::basic::Get{.queue = queue, .no_ack = true});
        const auto lines = auditor.take();
        if (lines.empty() || lines.front().find("basic.get-ok") == std::string::npos) return;
        ++found;
    }
}

void Run::take_stock(Census& census) {
    drive::ScriptedPeer auditor(simulation_);
    for (const auto& [name, queue] : ledger_.queues()) {
        if (!queue.plan || !queue.exists) continue;
        std::uint64_t found = 0;
        if (queue.plan->use == QueueUse::retry) {
            empty(auditor, retry_queue_of(name), found);
            empty(auditor, name, found);
        } else {
            empty(auditor, name, census.found[name]);
        }
    }
    auditor.disconnect();
    simulation_.run_until_idle();
}

bool Run::count() {
    for (const auto& client : clients_) client->finish();
    for (int i = 0; i < 60; ++i) {
        if (!go_on(seconds(1))) return false;
        if (std::ranges::all_of(clients_, [](const auto& client) { return client->gone(); })) break;
    }
    ledger_.take_rows();
    list_queues();
    if (!go_on(Duration::zero())) return false;
    Census census{.queues = ledger_.take_rows()};
    take_stock(census);
    // The disk may hold on to what was removed for a moment.
    simulation_.inject(Operate{operation::List{.what = "node"}});
    if (!go_on(slowest_disk(plan_))) return false;
    census.message_octets = ledger_.message_octets();
    for (const auto& invariant : invariants_) invariant->end(ledger_, census);
    return !finding_;
}

Outcome Run::outcome() {
    if (storm() && calm()) count();
    if (writer_) writer_->end();
    Outcome outcome{
        .seed = plan_.seed,
        .finding = finding_,
        .hash = hashing_.hash(),
        .virtual_time = simulation_.now().time_since_epoch(),
        .clients = static_cast<std::uint32_t>(clients_.size()),
        .published = ledger_.messages().size(),
        .delivered = ledger_.deliveries(),
        .mishaps = weather_.happened(),
    };
    for (const auto& message : ledger_.messages()) outcome.confirmed += message.answer == Answer::confirmed ? 1 : 0;
    return outcome;
}

}  // namespace

Outcome run(const Plan& plan, const RunOptions& options) { return Run(plan, options).outcome(); }

std::string to_json(const Outcome& outcome) {
    using FloatSeconds = std::chrono::duration<double>;
    const FloatSeconds length = outcome.virtual_time;
    nlohmann::json object{
        {"seed", outcome.seed},
        {"hash", fmt::format("{:016x}", outcome.hash)},
        {"client_seconds", length.count() * outcome.clients},
        {"published", outcome.published},
        {"confirmed", outcome.confirmed},
        {"delivered", outcome.delivered},
        {"mishaps", outcome.mishaps},
        {"finding", nullptr}
    };
    if (outcome.finding) {
        object["finding"] = {
            {"invariant", outcome.finding->invariant},
            {"clause", outcome.finding->clause},
            {"at", FloatSeconds(outcome.finding->at.time_since_epoch()).count()},
            {"text", outcome.finding->text}
        };
    }
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace simbroker::explore
