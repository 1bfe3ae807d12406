// broker and client: who is asked.
#include <fmt/format.h>

#include "conformance/app/load.hpp"
#include "conformance/app/run.hpp"
#include "conformance/catalogue/closest.hpp"
#include "conformance/runner/cut_run.hpp"
#include "conformance/runner/identify.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "conformance/runner/tcp_stage.hpp"
#include "conformance/runner/traced_broker.hpp"
#include "simbroker/drive/asio_server.hpp"

namespace conformance::app {

namespace {

using catalogue::Role;
using runner::StageOptions;
using Stage = std::expected<std::unique_ptr<step::Stage>, std::string>;

constexpr std::string_view in_process = "simulated";

std::expected<runner::StageMaker, std::string> broker_stages(
    const RunArguments& arguments, const Plan& plan, const std::string& target
) {
    if (target == in_process) {
        return [config = plan.config](const StageOptions& options) -> Stage {
            try {
                return std::make_unique<runner::SimulatedStage>(runner::traced_broker(config, options), step::Login{});
            } catch (const simbroker::drive::ServerError& error) {
                return std::unexpected(error.what());
            }
        };
    }
    auto parsed = runner::TcpTarget::parse(target);
    if (!parsed) return std::unexpected(parsed.error());
    if (!arguments.operator_command.empty()) parsed->operator_command.emplace(arguments.operator_command);
    return [tcp = *parsed, max_wait = plan.max_wait](const StageOptions&) -> Stage {
        return std::make_unique<runner::TcpStage>(tcp, max_wait);
    };
}

runner::CaseRunner client_cases(const Plan& plan, const runner::ClientTarget& target) {
    const auto start = [target, max_wait = plan.max_wait](const StageOptions& options) {
        auto this_time = target;
        this_time.seed = options.seed;
        this_time.trace = options.trace;
        return runner::ClientStage::start(this_time, max_wait);
    };
    if (plan.wire == runner::WireMode::cut_each_step) {
        return [start, only = plan.cut](const auto& scenario, const auto& options, const StageOptions& stage) {
            return runner::run_cuts(scenario, [&] { return start(stage); }, options, only);
        };
    }
    return runner::run_once_on([start](const StageOptions& options) -> Stage { return start(options); });
}

Status print_chosen(const Plan& plan) {
    print(plan.chosen);
    return Status::as_expected;
}

}  // namespace

Status run_broker(const Place& place, const RunArguments& arguments, const std::string& target) {
    const auto planned = plan(place, arguments, Role::broker);
    if (!planned) return Status::nothing_ran;
    if (arguments.list) return print_chosen(*planned);
    const bool elsewhere = target != in_process;
    if (elsewhere && !arguments.trace_dir.empty())
        return refuse("--trace-dir: only the simulated broker leaves traces, and this one is not");
    const auto make_stage = broker_stages(arguments, *planned, target);
    if (!make_stage) return refuse(make_stage.error());
    const auto stage = (*make_stage)({.seed = arguments.seed});
    if (!stage) return refuse(stage.error());
    const auto identity = runner::identify_broker(**stage);
    if (!identity) return refuse(identity.error());
    return run(
        place,
        arguments,
        *planned,
        {.role = Role::broker,
         .description = fmt::format("broker {} {} ({})", identity->product, identity->version, target),
         .product = identity->product,
         .version = identity->version,
         .run_case = runner::run_once_on(*make_stage),
         .sharing = elsewhere ? runner::Sharing::one_for_all : runner::Sharing::one_for_each}
    );
}

Status run_client(const Place& place, const RunArguments& arguments, const std::vector<std::string>& command) {
    const auto planned = plan(place, arguments, Role::client);
    if (!planned) return Status::nothing_ran;
    if (arguments.list) return print_chosen(*planned);
    runner::ClientTarget target{
        .command = command,
        .config = planned->config,
        .wire = planned->wire,
        .broken = {},
        .on_preparing = tell_preparing,
    };
    const auto shim = place.shim(command[0]);
    if (shim && command.size() > 1 && !command[0].contains('/'))
        return refuse(fmt::format("one shim, or after -- a command; got {}", fmt::join(command, " ")));
    if (shim && command.size() == 1) target.command = *shim;
    auto stage = runner::ClientStage::start(target, planned->max_wait);
    if (!stage) {
        const bool unknown = command.size() == 1 && !shim;
        refuse(stage.error() + (unknown ? catalogue::did_you_mean(command[0], place.shims()) : ""));
        return stage.error().contains(runner::shim_is_unavailable) ? Status::unavailable : Status::nothing_ran;
    }
    const auto hello = (*stage)->hello();
    const auto wire = planned->wire;
    stage->reset();  // it has said who it is
    return run(
        place,
        arguments,
        *planned,
        {.role = Role::client,
         .description = fmt::format(
             "client {} {} ({}){}",
             hello.library,
             hello.version,
             hello.language,
             wire == runner::WireMode::whole ? "" : fmt::format(", wire {}", to_string(wire))
         ),
         .product = hello.library,
         .version = hello.version,
         .run_case = client_cases(*planned, target)}
    );
}

}  // namespace conformance::app
